import { connect as connectTls } from "node:tls";
import type { Socket } from "node:net";
import { Agent, type buildConnector } from "undici";
import type { FlinkPassage } from "../../flink/connection";
import { ClusterUnreachableError, UnauthorizedError, type FailedRequest } from "../../flink/errors";
import type { KubernetesService } from "../../resources/args";
import { KubernetesApi } from "./api";
import { API_SERVER, ApiServer } from "./apiServer";
import { KubernetesForbiddenError } from "./errors";
import { isReady, podSchema, serviceSchema, type Pod } from "./objects";
import { ForwardRefusedError, PodStream } from "./podStream";
import { DEFAULT_PORT } from "./proxyPassage";

const REQUEST_TIMEOUT_MS = 10_000;

/** A pod behind a Service and its own port. */
interface Target {
  readonly pod: string;
  readonly port: number;
}

/** Flink's REST API behind a port that the API server forwards to a pod of the Service. */
export function portForwardPassage(service: KubernetesService): FlinkPassage {
  const { namespace } = service;
  const name = `service ${namespace}/${service.service}`;
  const server = new ApiServer(service);
  const api = new KubernetesApi(service, { requestTimeoutMs: REQUEST_TIMEOUT_MS }, server);
  const scheme = service.scheme ?? "http";
  const dispatcher = new Agent({ connect: asConnector(connect), headersTimeout: 0, bodyTimeout: 0 });

  async function connect(): Promise<Socket> {
    const { pod, port } = await target(service, api, name);
    const request: FailedRequest = { method: "GET", route: `/pods/${pod}/portforward`, host: name };
    const config = await server.currentConfig(request);
    const stream = await PodStream.open(config, namespace, pod, port).catch((error: unknown) => {
      throw forwardError(request, error, service);
    });
    // undici asks no more of a connection than what the stream has.
    const socket = stream as unknown as Socket;
    // The API server vouches for the pod, whose certificate the service proxy does not check either.
    return scheme === "http" ? socket : connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] });
  }

  return {
    host: name,
    between: API_SERVER,
    renews: false,
    enter: () =>
      Promise.resolve({ origin: `${scheme}://${service.service}.${namespace}`, prefix: "", headers: {}, dispatcher }),
    errorOf: () => undefined,
    redact: (text) => server.redact(text),
    close: async () => {
      await dispatcher.destroy();
      await api.close();
    },
  };
}

function asConnector(connect: () => Promise<Socket>): buildConnector.connector {
  return (_options, callback) => {
    connect().then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** A ready pod behind the Service. Flink itself leads to the JobManager that is the leader. */
async function target(service: KubernetesService, api: KubernetesApi, name: string): Promise<Target> {
  const port = service.port ?? DEFAULT_PORT;
  const unreachable = (what: string): Error =>
    new ClusterUnreachableError({ method: "GET", route: "/", host: name }, what, false, undefined, true);
  const found = await api.get("services", service.service, serviceSchema);
  if (found === undefined) throw unreachable("there is no such Service");
  const { selector, ports = [] } = found.spec;
  const exposed = ports.find((each) => each.port === port);
  if (exposed === undefined) {
    throw unreachable(`it has no port ${port}, but ${ports.map((each) => each.port).join(", ") || "none"}`);
  }
  if (selector === undefined) throw unreachable("it selects no pods");
  const pods = await api.list("pods", selector, podSchema);
  const ready = pods.find(isReady);
  if (ready === undefined) throw unreachable(`none of its pods is ready (${pods.length} there)`);
  const targetPort = exposed.targetPort ?? port;
  const number = typeof targetPort === "number" ? targetPort : namedPort(ready, targetPort);
  if (number === undefined) throw unreachable(`its pod ${ready.metadata.name} has no port named ${String(targetPort)}`);
  return { pod: ready.metadata.name, port: number };
}

function namedPort({ spec }: Pod, name: string): number | undefined {
  return spec.containers.flatMap(({ ports }) => ports ?? []).find((port) => port.name === name)?.containerPort;
}

function forwardError(request: FailedRequest, error: unknown, { namespace }: KubernetesService): unknown {
  if (!(error instanceof ForwardRefusedError)) {
    const words = error instanceof Error ? error.message : String(error);
    return new ClusterUnreachableError(
      request,
      `${API_SERVER.name} forwards no port: ${words}`,
      false,
      undefined,
      true,
    );
  }
  const { status } = error;
  const used = "the kubeconfig's user";
  if (status === 401)
    return new UnauthorizedError(request, status, "by Kubernetes, when a port was to be forwarded", used);
  if (status !== 403) {
    return new ClusterUnreachableError(
      request,
      `${API_SERVER.name} answered ${status} when a port was to be forwarded`,
      false,
    );
  }
  const permission = { verbs: ["get", "create"], resource: "pods/portforward", namespace };
  return new KubernetesForbiddenError(request, permission, "a port is not forwarded", used);
}
