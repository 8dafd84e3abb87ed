import type { ClusterIdentity, DeploymentRecord, Desired } from "./model";

/** The clusters of a transition. */
export interface TransitionClusters {
  /** Where the newest job is, or was; undefined when nothing was ever started and no cluster is asked for. */
  readonly current: ClusterIdentity | undefined;
  /** Where the job is to be; undefined where that is the same, not known yet or nowhere. */
  readonly target: ClusterIdentity | undefined;
}

/** Which clusters a transition has to look at. */
export function clustersOf(record: DeploymentRecord | undefined, desired: Desired): TransitionClusters {
  const wanted = desired.cluster.kind === "known" ? desired.cluster.identity : undefined;
  const current = newestPlace(record, wanted) ?? wanted;
  return { current, target: wanted?.key === current?.key ? undefined : wanted };
}

/**
 * Where the newest job that a record knows is, or was. A try on a cluster that is no longer asked for may still run
 * there: it is looked for before the job that it replaced.
 */
function newestPlace(
  record: DeploymentRecord | undefined,
  wanted: ClusterIdentity | undefined,
): ClusterIdentity | undefined {
  const { applied, transition } = record ?? {};
  const tried = transition?.tried;
  const mayRunThere = tried !== undefined && tried.fate !== "ended" && tried.cluster.key !== wanted?.key;
  return mayRunThere ? tried.cluster : applied?.cluster;
}

/** Whether the deployment is asked to be on another cluster than its job is, or was. */
export function placementDiffers(record: DeploymentRecord | undefined, desired: Desired): boolean {
  const { current, target } = clustersOf(record, desired);
  return target !== undefined || (desired.cluster.kind === "unknown" && current !== undefined);
}
