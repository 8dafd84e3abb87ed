import type { FlinkConnection } from "../flink/connection";
import type { FlinkEndpoint } from "../resources/args";
import { portForwardPassage } from "./kubernetes/portForwardPassage";
import { proxyPassage } from "./kubernetes/proxyPassage";

/** The endpoint's address and credentials as the REST client takes them. */
export function connectionOf(endpoint: FlinkEndpoint): FlinkConnection {
  const { kubernetes } = endpoint;
  if (kubernetes !== undefined) {
    return kubernetes.via === "portForward" ? portForwardPassage(kubernetes) : proxyPassage(kubernetes);
  }
  return {
    url: endpoint.url,
    headers: { ...endpoint.headers, ...authorization(endpoint) },
    tls: endpoint.tls,
  };
}

function authorization({ bearerToken, basicAuth }: FlinkEndpoint): Record<string, string> {
  if (bearerToken !== undefined) return { Authorization: `Bearer ${bearerToken}` };
  if (basicAuth === undefined) return {};
  const { username, password } = basicAuth;
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}
