import type { JobSpec } from "./jobSpec";
import type { ClusterIdentity, FlinkJobStatus } from "./model";
import type { ClusterObservation, ObservedJob } from "./observation";

/** How far a starting job is. */
export interface JobProgress {
  readonly status: FlinkJobStatus;
  readonly up: boolean;
  readonly tasksRunning: number;
  readonly tasksTotal: number;
}

/** How well a job runs. */
export interface JobHealth {
  /** Whether checkpoints are taken by time. */
  readonly takesCheckpoints: boolean;
  /** Savepoints are among them. */
  readonly completedCheckpoints: number;
  /** How often it failed and was restarted, or is about to be. */
  readonly restarts: number;
}

/** What Flink says of one stop trigger. */
export type StopResult =
  /** Flink does not know the trigger: never made, forgotten, or lost with the JobManager. */
  | { readonly kind: "unknown" }
  | { readonly kind: "inProgress" }
  | { readonly kind: "completed"; readonly path: string }
  /** With a path: the savepoint is complete although the job then failed to stop. */
  | { readonly kind: "failed"; readonly reason: string; readonly path?: string };

/** One submission of one attempt. */
export interface Submission {
  readonly jobId: string;
  readonly spec: JobSpec;
  readonly savepointPath?: string;
  readonly allowNonRestoredState: boolean;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  readonly timeoutMs: number;
  /** Called every few seconds for as long as the cluster gives no answer. */
  readonly onWaiting?: (waitedMs: number) => void;
}

/** What came of a submission that was answered. */
export type SubmitResult =
  | { readonly kind: "accepted" }
  /** Flink knows the id already, running or long ended. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "rejected"; readonly reason: string };

/** A jar that is ready to be uploaded. */
export interface Upload {
  readonly path: string;
  readonly fileName: string;
  readonly sha256: string;
}

/** A snapshot that an active job of the cluster, whoever's, would be started from again if it failed now. */
export interface NeededSnapshot {
  readonly jobId: string;
  readonly path: string;
}

/** What Flink says of one disposal. */
export type DisposalResult =
  /** Flink does not know the disposal: forgotten, or lost with the JobManager. */
  | { readonly kind: "unknown" }
  | { readonly kind: "inProgress" }
  | { readonly kind: "completed" }
  /** There was nothing to dispose of. */
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly reason: string };

/** Where snapshots are deleted from their storage. Errors are those of {@link ClusterPort}. */
export interface DisposalPort {
  neededSnapshots(): Promise<readonly NeededSnapshot[]>;
  /** Gives the id of the disposal that was begun. */
  beginDisposal(path: string): Promise<string>;
  disposalResult(disposalId: string): Promise<DisposalResult>;
}

/**
 * One Flink cluster as the lifecycle sees it.
 *
 * Every method may reject with an error of code FLINK_CLUSTER_UNREACHABLE, which says nothing about whether a request
 * was carried out.
 */
export interface ClusterPort extends DisposalPort {
  readonly identity: ClusterIdentity;
  /** @param withMachines - also on which machines it is. */
  observe(withMachines?: boolean): Promise<ClusterObservation>;
  /** Jobs that ended with a cluster that is gone, as FAILED, with the state they left; where that can be found out. */
  lostJobs?(): Promise<ObservedJob[]>;
  /** Undefined: the cluster does not know the job. */
  observeJob(jobId: string): Promise<ObservedJob | undefined>;
  progress(jobId: string): Promise<JobProgress | undefined>;
  /** Whether the next JobManager will know that the job has ended. Only asked of one that has. */
  keepsEnd(jobId: string): Promise<boolean>;
  health(jobId: string): Promise<JobHealth | undefined>;
  failureOf(jobId: string): Promise<string | undefined>;
  stop(
    jobId: string,
    options: { triggerId: string; targetDirectory?: string; formatType: "CANONICAL" | "NATIVE"; drain: boolean },
  ): Promise<void>;
  stopResult(jobId: string, triggerId: string): Promise<StopResult>;
  cancel(jobId: string): Promise<void>;
  upload(upload: Upload, onProgress: (sentBytes: number, totalBytes: number) => void): Promise<void>;
  submit(submission: Submission): Promise<SubmitResult>;
  /** Deletes the jars that this deployment uploaded, but the one to keep. */
  removeArtifacts(keepSha256: string | undefined): Promise<void>;
}

/** Time, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Where a transition tells what it is doing. */
export interface Reporter {
  /** What is going on now; replaces the line before. */
  progress(text: string): void;
  /** What was done; stays. */
  done(text: string): void;
  warn(text: string): void;
}
