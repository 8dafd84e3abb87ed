/** Flink's `JobStatus`. */
export const JOB_STATUSES = [
  "INITIALIZING",
  "CREATED",
  "RUNNING",
  "FAILING",
  "FAILED",
  "CANCELLING",
  "CANCELED",
  "FINISHED",
  "RESTARTING",
  "SUSPENDED",
  "RECONCILING",
] as const;

export type FlinkJobStatus = (typeof JOB_STATUSES)[number];

/** All times in this file are milliseconds since 1970, by the JobManager's clock. */
export interface JobSummary {
  id: string;
  name: string;
  status: FlinkJobStatus;
  startTime: number;
  /** Absent while the job has not ended. */
  endTime?: number;
  tasks: TaskCounts;
}

export interface JobDetails extends JobSummary {
  /** The job's `pipeline.max-parallelism`; absent when it is not set. */
  maxParallelism?: number;
  /** The JobManager's clock when it answered. */
  now: number;
  vertices: JobVertex[];
}

/** A part of the job's graph, whose subtasks are alike. */
export interface JobVertex {
  parallelism: number;
  /** How many parts its keyed state has: it cannot be restored with a higher parallelism. */
  maxParallelism: number;
}

/**
 * Subtasks of all vertices by state. While a job is INITIALIZING it has no vertices yet, so that
 * `running === total` alone does not mean that it runs: `total` may be 0.
 */
export interface TaskCounts {
  total: number;
  created: number;
  scheduled: number;
  deploying: number;
  initializing: number;
  running: number;
  finished: number;
  canceling: number;
  canceled: number;
  failed: number;
  reconciling: number;
}

export interface ClusterOverview {
  flinkVersion: string;
  taskManagers: number;
  slotsTotal: number;
  slotsAvailable: number;
}

export interface JobConfiguration {
  /** In words, such as "Cluster level default restart strategy". */
  restartStrategy?: string;
  /** Absent when the job takes the cluster's default. */
  parallelism?: number;
  /** The job's *global job parameters*. Its `flinkConfiguration` is not among them. */
  userConfig: Record<string, string>;
}

/** A checkpoint or savepoint. */
export interface Snapshot {
  id: number;
  /** Absent when it has none that a job could start from: in-memory storage, or a failed one. */
  path?: string;
  /** Flink has deleted it. */
  discarded: boolean;
  /** For a restored one, when it was restored. */
  triggerTime: number;
  isSavepoint: boolean;
  /** `CHECKPOINT`, `UNALIGNED_CHECKPOINT`, `SAVEPOINT`, or `SYNC_SAVEPOINT` for one that stopped the job. */
  checkpointType?: string;
  /** Of all state in it. Absent for one that failed or was only restored from. */
  sizeBytes?: number;
  failureMessage?: string;
}

export interface JobCheckpoints {
  counts: { completed: number; failed: number; restored: number; inProgress: number };
  latest: { completed?: Snapshot; savepoint?: Snapshot; restored?: Snapshot; failed?: Snapshot };
  /** The last ten or so (`web.checkpoints.history`), newest first. */
  history: Snapshot[];
}

export interface CheckpointConfig {
  /** Absent when no checkpoints are taken by time. Milliseconds. */
  intervalMs?: number;
  /** Milliseconds. */
  timeoutMs?: number;
  /** Whether Flink keeps the newest checkpoint of a job that is cancelled or fails. */
  retainOnCancellation: boolean;
  externalized: boolean;
}

export interface JobExceptions {
  /** Of the newest failure, its root cause in one line. */
  rootCause?: string;
  /** Newest first. */
  history: JobException[];
}

export interface JobException {
  time: number;
  exceptionName: string;
  /** The root cause in one line. */
  message: string;
  taskName?: string;
}

export interface UploadedJar {
  id: string;
  name: string;
  uploaded: number;
  entryClasses: string[];
}

/** Flink's `execution.savepoint-restore-mode`, since 1.20 `execution.state-recovery.claim-mode`. */
export type ClaimMode = "NO_CLAIM" | "CLAIM" | "LEGACY";

export type SavepointFormat = "CANONICAL" | "NATIVE";

export interface RunJarRequest {
  /** 32 hexadecimal digits, chosen by the caller. */
  jobId: string;
  /** Default: the jar manifest's. */
  entryClass?: string;
  programArgs?: string[];
  /** Default: the cluster's `parallelism.default`. */
  parallelism?: number;
  savepointPath?: string;
  /** Default: the cluster's, false. */
  allowNonRestoredState?: boolean;
  /** Default: the cluster's, NO_CLAIM. */
  claimMode?: ClaimMode;
  flinkConfiguration?: Record<string, string>;
}

export interface SavepointRequest {
  /**
   * 32 hexadecimal digits, chosen by the caller. Repeated for the same job, it starts nothing new while
   * Flink remembers it (`rest.async.store-duration`), failures included.
   */
  triggerId: string;
  /** Default: the cluster's `execution.checkpointing.savepoint-dir`. */
  targetDirectory?: string;
  /** Default: CANONICAL. */
  formatType?: SavepointFormat;
}

export interface StopRequest extends SavepointRequest {
  /** Send MAX_WATERMARK first, so that all windows fire; such a job is not meant to be continued. Default: false. */
  drain?: boolean;
}

export type SavepointOperation =
  /** Flink knows no such operation: never triggered, forgotten, or another JobManager process answers. */
  | { kind: "unknown" }
  | { kind: "inProgress" }
  | { kind: "completed"; path: string }
  | {
      kind: "failed";
      /** The root cause in one line. */
      reason: string;
      /** The savepoint is complete though the job failed to stop: use it. */
      savepointPath?: string;
      /** The whole stack trace. */
      cause: Error;
    };

export type DisposalOperation =
  /** Flink knows no such operation: forgotten, or another JobManager process answers. */
  | { kind: "unknown" }
  | { kind: "inProgress" }
  | { kind: "completed" }
  /** There was nothing: no such file or folder. */
  | { kind: "missing" }
  | {
      kind: "failed";
      /** The root cause in one line. */
      reason: string;
    };

export type CancelOutcome =
  /** Also for a job that is already CANCELED. */
  | "accepted"
  /** FINISHED or FAILED. */
  | "alreadyEnded"
  | "unknown";
