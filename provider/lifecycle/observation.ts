import type { FlinkJobStatus, Snapshot } from "./model";

/** What Flink says in detail of the jobs that matter: the newest of the active ones, and of all. */
export interface JobDetail {
  /** Undefined: not known; empty: it has no tasks yet. */
  readonly vertices?: readonly JobVertex[];
  readonly restarts?: JobRestarts;
}

/** A part of the job's graph, whose subtasks are alike. */
export interface JobVertex {
  readonly parallelism: number;
  /** The number of key groups: its state is never restored with a higher parallelism. */
  readonly maxParallelism: number;
}

/** The failures that Flink remembers of an active job: it has restarted after each, or is about to. */
export interface JobRestarts {
  /** How long ago each was, newest first. Milliseconds, by the JobManager's clock. */
  readonly ages: readonly number[];
  /** Of the newest one, its root cause. */
  readonly cause?: string;
}

/** One job of this deployment, as Flink shows it. */
export interface ObservedJob extends JobDetail {
  readonly jobId: string;
  readonly generation: number;
  readonly attempt: number;
  /** The part of its specification's digest that its id carries. */
  readonly digest: string;
  readonly status: FlinkJobStatus;
  /** Every task RUNNING or FINISHED, and at least one RUNNING. */
  readonly up: boolean;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /** The newest state that this job itself completed: a savepoint or a checkpoint with a path, not discarded. */
  readonly newestState?: Snapshot;
  /** The newest savepoint among them. */
  readonly newestSavepoint?: Snapshot;
  /** What it was started from, as Flink says. */
  readonly restoredFrom?: string;
  /** Whether its newest snapshot is the savepoint of a stop that belongs to this run of the job. */
  readonly endedByStop: boolean;
  /** How many checkpoints it has completed. */
  readonly completedCheckpoints: number;
  /** Whether checkpoints survive a cancel; undefined: checkpointing is off. */
  readonly retainsCheckpoints?: boolean;
  /** The root cause of its failure, where there is one. */
  readonly failure?: string;
}

/** What one of our own stop triggers came to. */
export type StopOperation = { readonly jobId: string; readonly attempt: number } & (
  | { readonly kind: "inProgress" }
  | { readonly kind: "completed"; readonly path: string }
  | { readonly kind: "failed"; readonly reason: string; readonly path?: string }
);

/** One look at one cluster. */
export type ClusterObservation =
  | {
      readonly kind: "reachable";
      readonly flinkVersion: string;
      readonly slots: SlotObservation;
      /** All jobs that carry this deployment's prefix, newest first. */
      readonly jobs: readonly ObservedJob[];
      /** Its own configuration sets a checkpoint interval for jobs that set none. */
      readonly setsCheckpointInterval?: boolean;
      /** Where its own configuration puts savepoints; undefined: nowhere. */
      readonly savepointDirectory?: string;
      /** Where its own configuration puts checkpoints; undefined: into its memory. */
      readonly checkpointDirectory?: string;
      /** The machines that its processes are on; undefined: it was not asked. */
      readonly machines?: readonly string[];
      /** What its JobManager remembers; undefined: not known. */
      readonly memory?: JobMemory;
      /** sha256 of each artifact of this deployment that the cluster holds. */
      readonly heldArtifacts: readonly string[];
      /** What stands for the sha256 of each artifact that its image offers to all deployments. */
      readonly imageArtifacts?: readonly string[];
    }
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The platform says that nothing of it runs any more. Jobs that it ran are FAILED, where something is known of them. */
  | { readonly kind: "gone"; readonly jobs?: readonly ObservedJob[] }
  /** Not made yet, or not asked for. */
  | { readonly kind: "unknown" };

/** How far back a JobManager knows of jobs. */
export interface JobMemory {
  /** Another one after every restart of the process. */
  readonly jobManager: string;
  /** How long it certainly shows a job that has ended. */
  readonly endedJobsKeptMs: number;
  /** Whether it refuses the id of a job that it had, however long ago that ended. */
  readonly keepsIds: boolean;
  /** Whether what ran is known after a restart too: from results that high availability keeps, or this machine's folders. */
  readonly isHandedOn: boolean;
  /** Whether the next JobManager starts again what ran: high availability. */
  readonly recoversJobs: boolean;
}

/** Slots of a cluster; elastic clusters make more when a job asks. */
export interface SlotObservation {
  readonly total: number;
  readonly free: number;
  readonly elastic: boolean;
}

/** What Flink says of the recorded cluster and of the one asked for. */
export interface Observation {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly current: ClusterObservation;
  /** Undefined: the same cluster as current. */
  readonly target?: ClusterObservation;
  /** The cluster asked for is the recorded one under another address or fingerprint: `target` is absent then. */
  readonly isSameCluster?: boolean;
  /** Our stop triggers of the newest job, oldest attempt first, as far as Flink remembers them. */
  readonly stops: readonly StopOperation[];
}

const TERMINAL: ReadonlySet<FlinkJobStatus> = new Set<FlinkJobStatus>(["FAILED", "CANCELED", "FINISHED"]);

/** Whether a job in this status has ended for good. */
export function isTerminal(status: FlinkJobStatus): boolean {
  return TERMINAL.has(status);
}
