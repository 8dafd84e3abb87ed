import type { FlinkEndpoint } from "../resources/args";

/** Environment variables with newer credentials than those in the stack's state, for clusters that use such. */
export const CREDENTIAL_VARIABLES = {
  bearerToken: "PULUMI_FLINK_BEARER_TOKEN",
  username: "PULUMI_FLINK_USERNAME",
  password: "PULUMI_FLINK_PASSWORD",
  // Not KUBECONFIG, which is of whatever cluster the user last worked with: there this one would seem to be gone.
  kubeconfig: "PULUMI_FLINK_KUBECONFIG",
} as const;

/** An endpoint with the credentials to use, and where they came from in words. */
export interface ResolvedEndpoint {
  readonly endpoint: FlinkEndpoint;
  readonly credentialsUsed: string;
}

/**
 * The newest credentials of each cluster that this process was given. Keyed by the cluster, so that resources of
 * different clusters never share any.
 */
const seen = new Map<string, FlinkEndpoint>();

/** Keeps the credentials of an endpoint that the program itself gave in this run. */
export function rememberCredentials(clusterKey: string, endpoint: FlinkEndpoint): void {
  seen.set(clusterKey, endpoint);
}

/** Credentials the program gave for this cluster in this run. */
export function fromInputs(endpoint: FlinkEndpoint): ResolvedEndpoint {
  return { endpoint, credentialsUsed: words(endpoint, "the program's") };
}

/**
 * The endpoint from the stack's state with the newest credentials known: those given earlier in this process for the
 * same cluster, then the environment's, then the state's own.
 */
export function fromState(
  clusterKey: string,
  endpoint: FlinkEndpoint,
  environment: NodeJS.ProcessEnv = process.env,
): ResolvedEndpoint {
  const newer = seen.get(clusterKey);
  if (newer !== undefined) return { endpoint: newer, credentialsUsed: words(newer, "the program's") };
  const { bearerToken, username, password, kubeconfig } = CREDENTIAL_VARIABLES;
  if (endpoint.kubernetes !== undefined) {
    const newest = endpoint.kubernetes.kubeconfig === undefined ? undefined : environment[kubeconfig];
    return newest === undefined || newest === ""
      ? { endpoint, credentialsUsed: words(endpoint, "the stack state's") + hint(endpoint, kubeconfig) }
      : {
          endpoint: { ...endpoint, kubernetes: { ...endpoint.kubernetes, kubeconfig: newest } },
          credentialsUsed: `the kubeconfig of ${kubeconfig}`,
        };
  }
  const token = environment[bearerToken];
  // Only a cluster that already takes such credentials gets them: a token is never shown to anybody else.
  if (endpoint.bearerToken !== undefined && token !== undefined && token !== "") {
    return { endpoint: { ...endpoint, bearerToken: token }, credentialsUsed: `the bearer token of ${bearerToken}` };
  }
  const name = environment[username];
  const secret = environment[password];
  if (endpoint.basicAuth !== undefined && name !== undefined && secret !== undefined) {
    return {
      endpoint: { ...endpoint, basicAuth: { username: name, password: secret } },
      credentialsUsed: `the user name and password of ${username} and ${password}`,
    };
  }
  const variables =
    endpoint.bearerToken !== undefined
      ? `; ${bearerToken} gives a newer one`
      : endpoint.basicAuth !== undefined
        ? `; ${username} and ${password} give newer ones`
        : "";
  return { endpoint, credentialsUsed: `${words(endpoint, "the stack state's")}${variables}` };
}

function hint({ kubernetes }: FlinkEndpoint, variable: string): string {
  return kubernetes?.kubeconfig === undefined ? "" : `; ${variable} gives a newer one`;
}

function words(endpoint: FlinkEndpoint, whose: string): string {
  if (endpoint.kubernetes !== undefined) {
    return endpoint.kubernetes.kubeconfig === undefined ? "the kubeconfig that kubectl uses" : `${whose} kubeconfig`;
  }
  const kinds = [
    ...(endpoint.bearerToken === undefined ? [] : ["bearer token"]),
    ...(endpoint.basicAuth === undefined ? [] : ["user name and password"]),
    ...(endpoint.tls?.clientCertificate === undefined ? [] : ["client certificate"]),
    ...(endpoint.headers === undefined ? [] : ["headers"]),
  ];
  return kinds.length === 0 ? "no credentials" : `${whose} ${kinds.join(" and ")}`;
}
