import { connectionOf } from "../access/connection";
import { fromInputs, fromState, rememberCredentials } from "../access/credentials";
import { identityOf } from "../deployment/desired";
import { FlinkClient } from "../flink/client";
import type { FlinkEndpoint } from "../resources/args";

/** A client that only reads; close it. */
export function connect(endpoint: FlinkEndpoint, givenBy: "program" | "state"): FlinkClient {
  const { key } = identityOf(endpoint);
  if (givenBy === "program") rememberCredentials(key, endpoint);
  const { endpoint: resolved, credentialsUsed } =
    givenBy === "program" ? fromInputs(endpoint) : fromState(key, endpoint);
  return new FlinkClient(connectionOf(resolved), {
    credentialsUsed,
    requestTimeoutMs: 10_000,
    beforeMutation: () => Promise.reject(new Error("a registration changes nothing on its cluster")),
  });
}
