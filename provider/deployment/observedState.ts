import type { CheckpointConfig, JobCheckpoints, JobDetails, Snapshot as FlinkSnapshot } from "../flink/model";
import type { Snapshot } from "../lifecycle/model";
import { isTerminal, type ObservedJob } from "../lifecycle/observation";

type ObservedState = Pick<
  ObservedJob,
  "newestState" | "newestSavepoint" | "restoredFrom" | "endedByStop" | "completedCheckpoints"
>;

/** What Flink's checkpoint statistics say of the state that a job has left, or would leave now. */
export function observedState(
  job: Pick<JobDetails, "id" | "startTime" | "status">,
  checkpoints: JobCheckpoints | undefined,
  config: CheckpointConfig | undefined,
): ObservedState {
  if (checkpoints === undefined) return { endedByStop: false, completedCheckpoints: 0 };
  const { completed, savepoint, restored } = checkpoints.latest;
  const ownRestored = isOwn(restored, job.id) ? restored : undefined;
  const newestCheckpoint = isThere(completed, job.status) ? completed : undefined;
  const newestSavepoint = isUsable(savepoint) ? savepoint : undefined;
  // The JobManager that came after the one which had completed it knows of no other, until the job completes its next.
  const keptCheckpoint = completed === undefined && isKept(job.status, config) ? ownRestored : undefined;
  const newest = [newestCheckpoint, newestSavepoint, keptCheckpoint].filter(hasPath).sort((a, b) => b.id - a.id)[0];
  return {
    ...(newest === undefined ? {} : { newestState: toSnapshot(newest, job.id, newest === keptCheckpoint) }),
    ...(newestSavepoint === undefined ? {} : { newestSavepoint: toSnapshot(newestSavepoint, job.id) }),
    ...(restored?.path === undefined || ownRestored !== undefined ? {} : { restoredFrom: restored.path }),
    // A stop's savepoint is synchronous, and the last thing a job does: an older one of the user's is not a stop.
    endedByStop:
      job.status === "FINISHED" &&
      newestSavepoint?.checkpointType === "SYNC_SAVEPOINT" &&
      newestSavepoint.triggerTime >= job.startTime &&
      // One that came after it, deleted or not, shows that the job went on.
      (completed === undefined || completed.id < newestSavepoint.id),
    completedCheckpoints: Math.max(checkpoints.counts.completed, ownRestored === undefined ? 0 : 1),
  };
}

/** After a failover Flink shows the job's own checkpoint as restored. */
function isOwn(restored: FlinkSnapshot | undefined, jobId: string): boolean {
  return restored?.path?.includes(`/${jobId}/`) === true;
}

/** Whether Flink keeps the newest checkpoint of a job in this state. */
function isKept(status: JobDetails["status"], config: CheckpointConfig | undefined): boolean {
  if (!isTerminal(status)) return true;
  if (status === "FINISHED" || config?.externalized !== true) return false;
  return status === "FAILED" || config.retainOnCancellation;
}

/** Whether the checkpoint that was the newest still has its files, or a newer one has taken its place. */
function isThere(checkpoint: FlinkSnapshot | undefined, status: JobDetails["status"]): boolean {
  // Flink deletes them with the job, whatever the retention; what it shows of the job may have been written before.
  if (status === "FINISHED") return false;
  // Of a job that goes on, Flink shows which checkpoint was the newest a while ago, but whether it is discarded by now.
  return isTerminal(status) ? isUsable(checkpoint) : hasPath(checkpoint);
}

type Usable = FlinkSnapshot & { readonly path: string };

function hasPath(snapshot: FlinkSnapshot | undefined): snapshot is Usable {
  return snapshot?.path !== undefined;
}

function isUsable(snapshot: FlinkSnapshot | undefined): snapshot is Usable {
  return hasPath(snapshot) && !snapshot.discarded;
}

function toSnapshot(snapshot: Usable, jobId: string, isRestored = false): Snapshot {
  return {
    path: snapshot.path,
    // Of what was restored Flink tells when that was, but not how old it is.
    ...(isRestored ? {} : { time: snapshot.triggerTime }),
    origin: snapshot.isSavepoint ? "USER_REQUEST" : "RETAINED_CHECKPOINT",
    jobId,
  };
}
