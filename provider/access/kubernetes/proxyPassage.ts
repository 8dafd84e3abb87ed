import type { FlinkPassage } from "../../flink/connection";
import type { KubernetesService } from "../../resources/args";
import { API_SERVER, ApiServer } from "./apiServer";
import { refusalOf } from "./refusals";
import type { Permission } from "./errors";

/** Flink's own default of `rest.port`. */
export const DEFAULT_PORT = 8081;

/** A request through the service proxy, in the words of a Role. */
const VERBS: Readonly<Record<string, string>> = { GET: "get", POST: "create", PATCH: "patch", DELETE: "delete" };

/** Flink's REST API behind the API server's service proxy. */
export function proxyPassage(service: KubernetesService): FlinkPassage {
  const { namespace } = service;
  const server = new ApiServer(service);
  const name = `${service.scheme ?? "http"}:${service.service}:${service.port ?? DEFAULT_PORT}`;
  const prefix = `/api/v1/namespaces/${namespace}/services/${name}/proxy`;
  const permission = (method: string): Permission => ({
    verbs: [VERBS[method] ?? method.toLowerCase()],
    resource: "services/proxy",
    name,
    namespace,
  });
  return {
    host: `service ${namespace}/${service.service}`,
    between: API_SERVER,
    renews: true,
    enter: (request, refused) => server.gate(request, refused, prefix),
    errorOf: (answer, credentialsUsed) => refusalOf(answer, permission(answer.request.method), credentialsUsed),
    redact: (text) => server.redact(text),
    close: () => server.close(),
  };
}
