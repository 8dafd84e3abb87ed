import type { JobCheckpoints, JobDetails, Snapshot as FlinkSnapshot } from "../flink/model";
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
): ObservedState {
  if (checkpoints === undefined) return { endedByStop: false, completedCheckpoints: 0 };
  const { completed, savepoint, restored } = checkpoints.latest;
  const newestCheckpoint = isThere(completed, job.status) ? completed : undefined;
  const newestSavepoint = isUsable(savepoint) ? savepoint : undefined;
  const newest = [newestCheckpoint, newestSavepoint].filter(hasPath).sort((a, b) => b.id - a.id)[0];
  return {
    ...(newest === undefined ? {} : { newestState: toSnapshot(newest, job.id) }),
    ...(newestSavepoint === undefined ? {} : { newestSavepoint: toSnapshot(newestSavepoint, job.id) }),
    ...(restored?.path === undefined || isOwn(restored.path, job.id) ? {} : { restoredFrom: restored.path }),
    // A stop's savepoint is synchronous, and the last thing a job does: an older one of the user's is not a stop.
    endedByStop:
      job.status === "FINISHED" &&
      newestSavepoint?.checkpointType === "SYNC_SAVEPOINT" &&
      newestSavepoint.triggerTime >= job.startTime &&
      // One that came after it, deleted or not, shows that the job went on.
      (completed === undefined || completed.id < newestSavepoint.id),
    completedCheckpoints: checkpoints.counts.completed,
  };
}

/** After a failover Flink shows the job's own checkpoint as restored, which a newer one has replaced since. */
function isOwn(path: string, jobId: string): boolean {
  return path.includes(`/${jobId}/`);
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

function toSnapshot(snapshot: Usable, jobId: string): Snapshot {
  return {
    path: snapshot.path,
    time: snapshot.triggerTime,
    origin: snapshot.isSavepoint ? "USER_REQUEST" : "RETAINED_CHECKPOINT",
    jobId,
  };
}
