import { connectionOf } from "../access/connection";
import { fromInputs, fromState, rememberCredentials, type ResolvedEndpoint } from "../access/credentials";
import { ClusterObjects, isLabelled } from "../access/kubernetes/clusterObjects";
import { identityOf } from "../deployment/desired";
import { engineFence } from "../engine/fence";
import { FlinkClient } from "../flink/client";
import type { FlinkEndpoint } from "../resources/args";

type GivenBy = "program" | "state";

/** A client of the cluster's Flink; close it. */
export function connect(endpoint: FlinkEndpoint, givenBy: GivenBy): FlinkClient {
  const { endpoint: resolved, credentialsUsed } = newest(endpoint, givenBy);
  return new FlinkClient(connectionOf(resolved), {
    credentialsUsed,
    requestTimeoutMs: 10_000,
    beforeMutation: engineFence(),
  });
}

/** The Kubernetes objects of a cluster that a component has made there; close them. */
export function kubernetesObjects(endpoint: FlinkEndpoint, givenBy: GivenBy): ClusterObjects | undefined {
  const { endpoint: resolved, credentialsUsed } = newest(endpoint, givenBy);
  const { kubernetes } = resolved;
  return kubernetes === undefined || !isLabelled(kubernetes)
    ? undefined
    : new ClusterObjects(kubernetes, { credentialsUsed, beforeMutation: engineFence() });
}

function newest(endpoint: FlinkEndpoint, givenBy: GivenBy): ResolvedEndpoint {
  const { key } = identityOf(endpoint);
  if (givenBy === "state") return fromState(key, endpoint);
  rememberCredentials(key, endpoint);
  return fromInputs(endpoint);
}
