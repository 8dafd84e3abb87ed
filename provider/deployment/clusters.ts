import { hostname } from "node:os";
import { connectionOf } from "../access/connection";
import { fromInputs, fromState, rememberCredentials, type ResolvedEndpoint } from "../access/credentials";
import { isKubernetesClusterGone } from "../access/kubernetes/gone";
import { engineFence } from "../engine/fence";
import { interrupted, outOfTime } from "../engine/interruption";
import { FlinkClient } from "../flink/client";
import type { Desired } from "../lifecycle/model";
import type { ObservedClusters } from "../lifecycle/observe";
import { clustersOf } from "../lifecycle/placement";
import { isClusterGone } from "../local";
import type { FlinkEndpoint } from "../resources/args";
import { clockUntil } from "./clock";
import { identityOf } from "./desired";
import { FlinkCluster } from "./flinkCluster";
import { lostJobsOf } from "./lostJobs";
import { recordOf, type DeploymentOutputs } from "./outputs";

/** The clusters of one hook call, and how to let go of them. */
export interface OpenClusters extends ObservedClusters {
  /** Whether the platform says that the recorded cluster is gone. */
  readonly isGone: (port: { readonly identity: { readonly key: string } }) => Promise<boolean>;
  close(): Promise<void>;
}

/** Opens what a transition may have to talk to: the cluster of the record, and the one asked for. */
export function openClusters(
  desired: Desired,
  recorded: DeploymentOutputs | undefined,
  wanted: FlinkEndpoint | undefined,
  givenBy: "program" | "state",
): OpenClusters {
  const record = recorded === undefined ? undefined : recordOf(recorded);
  const endpoints: FlinkEndpoint[] = [];
  const clients: FlinkClient[] = [];
  const open = ({ endpoint, credentialsUsed }: ResolvedEndpoint): FlinkCluster => {
    const client = new FlinkClient(connectionOf(endpoint), {
      credentialsUsed,
      beforeMutation: engineFence(),
      giveUp: outOfTime(),
    });
    clients.push(client);
    endpoints.push(endpoint);
    const identity = identityOf(endpoint);
    return new FlinkCluster(
      identity,
      client,
      { uid: desired.uid, clock: clockUntil(interrupted()), interrupted: interrupted() },
      lostJobsOf(record, endpoint, identity.key),
    );
  };
  let target: FlinkCluster | undefined;
  if (wanted !== undefined) {
    const { key } = identityOf(wanted);
    if (givenBy === "program") rememberCredentials(key, wanted);
    target = open(givenBy === "program" ? fromInputs(wanted) : fromState(key, wanted));
  }
  const recordedKey = clustersOf(record, desired).current?.key;
  const stored = recordedKey === undefined ? undefined : recorded?.record.endpoints[recordedKey];
  const current =
    stored === undefined || recordedKey === undefined || recordedKey === target?.identity.key
      ? target
      : open(fromState(recordedKey, stored));
  return {
    current,
    target,
    isGone: async (port) => {
      const endpoint = endpoints.find((candidate) => identityOf(candidate).key === port.identity.key);
      return endpoint !== undefined && isEndpointGone(endpoint);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/**
 * Whether the platform says that no JobManager of the cluster runs: this machine, if the cluster was made on it, or
 * Kubernetes.
 */
export async function isEndpointGone(endpoint: FlinkEndpoint): Promise<boolean> {
  if (endpoint.kubernetes !== undefined) {
    const { kubernetes } = fromState(identityOf(endpoint).key, endpoint).endpoint;
    if (kubernetes === undefined) return false;
    // The newest credentials may lead to another API server than the one that it was made on.
    const { apiServer = kubernetes.apiServer } = endpoint.kubernetes;
    return await isKubernetesClusterGone({ ...kubernetes, apiServer });
  }
  const { processes } = endpoint;
  return processes !== undefined && processes.host === hostname() && (await isClusterGone(processes.directory));
}
