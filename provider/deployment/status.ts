import type { DeploymentRecord } from "../lifecycle/model";
import type { DeploymentCondition, DeploymentStatus } from "./outputs";

/** The id of the job that runs, as far as the record knows. */
export function activeJobId({ applied }: Pick<DeploymentRecord, "applied">): string | undefined {
  return applied === undefined || applied.end !== undefined ? undefined : applied.jobId;
}

/** What a deployment has come to after a transition. */
export function statusOf(
  record: DeploymentRecord,
  before: DeploymentStatus | undefined,
  now: number,
): DeploymentStatus {
  const time = new Date(now).toISOString();
  const active = activeJobId(record);
  const failure = record.transition?.failure;
  const same = before?.running?.jobId === active ? before?.running : undefined;
  return {
    state: record.state,
    ...(active === undefined
      ? {}
      : {
          running: {
            jobId: active,
            transitionTime: same?.transitionTime ?? time,
            conditions: [unreachableCondition(same?.conditions, undefined, time)],
          },
        }),
    ...(failure === undefined ? {} : { failure: { reason: "TransitionFailed", message: failure, time } }),
    ...(record.pendingUpgrade === undefined ? {} : { pendingUpgrade: record.pendingUpgrade }),
  };
}

/** ClusterUnreachable as it is now; the time of its last transition moves only when its status does. */
export function unreachableCondition(
  before: readonly DeploymentCondition[] | undefined,
  reason: string | undefined,
  time: string,
): DeploymentCondition {
  const status = reason === undefined ? "False" : "True";
  const previous = before?.find(({ type }) => type === "ClusterUnreachable");
  return {
    type: "ClusterUnreachable",
    status,
    reason: reason === undefined ? "ClusterReachable" : "ClusterUnreachable",
    message: reason ?? "The cluster answered when it was last asked.",
    lastTransitionTime: previous?.status === status ? previous.lastTransitionTime : time,
    lastUpdateTime: time,
  };
}
