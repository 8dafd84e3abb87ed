import type { FlinkConnection } from "../flink/connection";
import { InvalidConnectionError } from "../flink/errors";
import type { FlinkEndpoint } from "../resources/args";
import { addressOf } from "./address";

/** The endpoint's address and credentials as the REST client takes them. */
export function connectionOf(endpoint: FlinkEndpoint): FlinkConnection {
  if (endpoint.kubernetes !== undefined) {
    throw new InvalidConnectionError(`Flink at ${addressOf(endpoint)} cannot be reached in this version; give its url`);
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
