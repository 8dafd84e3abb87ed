import { serve, type FakeServer, type Replies, type Reply } from "../flink/fakeServer";

export const NAMESPACE = "flink";
export const SERVICE = "orders-rest";
/** Where the Service's own paths begin. */
export const PROXY = `/api/v1/namespaces/${NAMESPACE}/services/http:${SERVICE}:8081/proxy`;

/** What a kubeconfig's user may have. */
export type KubeconfigUser = Record<string, unknown>;

/** A kubeconfig of one context. */
export function kubeconfigOf(server: string, user: KubeconfigUser = { token: "token-of-tests" }): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "tests", context: { cluster: "c", user: "u" } }],
    "current-context": "tests",
  });
}

/** An answer of the API server's own. */
export function status(code: number, message: string): Reply {
  return {
    status: code,
    body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code },
  };
}

/** An API server that answers these requests. */
export function fakeApiServer(replies: Replies): Promise<FakeServer> {
  return serve(replies);
}
