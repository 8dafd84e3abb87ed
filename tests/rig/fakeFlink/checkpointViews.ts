/** The bodies about a job's checkpoints. */
import type { FakeJob } from "./job";
import type { CheckpointEntry, RestoredEntry } from "./types";

export function checkpoints(job: FakeJob): object {
  const known = job.checkpoints.filter(({ forgotten }) => forgotten !== true);
  const last = (test: (entry: CheckpointEntry) => boolean): object | null => {
    const found = known.findLast(test);
    return found === undefined ? null : checkpoint(job, found);
  };
  const count = (status: CheckpointEntry["status"]): number => known.filter((each) => each.status === status).length;
  const completed = (isCheckpoint: boolean) => (entry: CheckpointEntry) =>
    entry.status === "COMPLETED" && (entry.type === "CHECKPOINT") === isCheckpoint;
  const statistics = { min: 0, max: 0, avg: 0, p50: "NaN", p90: "NaN", p95: "NaN", p99: "NaN", p999: "NaN" };
  return {
    counts: {
      restored: job.restored === undefined ? 0 : 1,
      total: known.length,
      in_progress: count("IN_PROGRESS"),
      completed: count("COMPLETED"),
      failed: count("FAILED"),
    },
    summary: {
      checkpointed_size: statistics,
      state_size: statistics,
      end_to_end_duration: statistics,
      alignment_buffered: statistics,
      processed_data: statistics,
      persisted_data: statistics,
    },
    latest: {
      completed: last(completed(true)),
      savepoint: last(completed(false)),
      failed: last((entry) => entry.status === "FAILED"),
      restored: job.restored === undefined ? null : restored(job.restored),
    },
    // Flink keeps ten (`web.checkpoints.history`).
    history: known
      .slice(-10)
      .reverse()
      .map((entry) => checkpoint(job, entry)),
  };
}

function restored(entry: RestoredEntry): object {
  return {
    id: entry.id,
    restore_timestamp: entry.time,
    is_savepoint: entry.isSavepoint,
    external_path: entry.path,
  };
}

function checkpoint(job: FakeJob, entry: CheckpointEntry): object {
  const done = entry.status === "COMPLETED";
  return {
    className: entry.status.toLowerCase(),
    id: entry.id,
    status: entry.status,
    is_savepoint: entry.type !== "CHECKPOINT",
    savepointFormat: entry.format ?? null,
    trigger_timestamp: entry.time,
    latest_ack_timestamp: done ? entry.time : -1,
    checkpointed_size: done ? 1024 : 0,
    state_size: done ? 1024 : 0,
    end_to_end_duration: 0,
    alignment_buffered: 0,
    processed_data: 0,
    persisted_data: 0,
    num_subtasks: job.parallelism,
    num_acknowledged_subtasks: done ? job.parallelism : 0,
    checkpoint_type: entry.type,
    tasks: {},
    ...(entry.status === "FAILED"
      ? { failure_timestamp: entry.time, failure_message: entry.failure ?? "" }
      : { external_path: entry.path, discarded: entry.discarded }),
  };
}

export function checkpointConfig(job: FakeJob): object {
  const interval = job.checkpointInterval;
  return {
    mode: interval === undefined ? "at_least_once" : "exactly_once",
    // Java's Long.MAX_VALUE, as near as a number of JavaScript comes to it.
    interval: interval ?? 2 ** 63,
    timeout: job.checkpointTimeout,
    min_pause: 0,
    max_concurrent: 1,
    externalization: {
      enabled: job.retention !== "NO_EXTERNALIZED_CHECKPOINTS",
      delete_on_cancellation: job.retention !== "RETAIN_ON_CANCELLATION",
    },
    state_backend: "HashMapStateBackend",
    checkpoint_storage: "FileSystemCheckpointStorage",
    unaligned_checkpoints: false,
    tolerable_failed_checkpoints: 0,
    aligned_checkpoint_timeout: 0,
    checkpoints_after_tasks_finish: true,
    state_changelog_enabled: false,
    changelog_periodic_materialization_interval: 600000,
    changelog_storage: "memory",
  };
}
