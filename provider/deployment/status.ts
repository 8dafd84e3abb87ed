import type { DeploymentRecord } from "../lifecycle/model";
import { conditionsOf, type JobSeen } from "./conditions";
import type { DeploymentStatus } from "./outputs";

/** The id of the job that runs, as far as the record knows. */
export function activeJobId({ applied }: Pick<DeploymentRecord, "applied">): string | undefined {
  return applied === undefined || applied.end !== undefined ? undefined : applied.jobId;
}

/** What a deployment has come to after a transition. */
export function statusOf(
  record: DeploymentRecord,
  before: DeploymentStatus | undefined,
  seen: JobSeen,
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
            conditions: conditionsOf(same?.conditions, seen, time),
          },
        }),
    ...(failure === undefined ? {} : { failure: { reason: "TransitionFailed", message: failure, time } }),
    ...(record.pendingUpgrade === undefined ? {} : { pendingUpgrade: record.pendingUpgrade }),
  };
}
