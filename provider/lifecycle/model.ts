import type { JobSpec } from "./jobSpec";

/** What identifies a cluster: two endpoints with the same key are the same cluster, whatever their credentials. */
export interface ClusterIdentity {
  readonly key: string;
  /** For people: the address. Never holds credentials. */
  readonly name: string;
}

/** Flink's job statuses, in Flink's spelling. */
export type FlinkJobStatus =
  | "INITIALIZING"
  | "CREATED"
  | "RUNNING"
  | "FAILING"
  | "FAILED"
  | "CANCELLING"
  | "CANCELED"
  | "FINISHED"
  | "RESTARTING"
  | "SUSPENDED"
  | "RECONCILING";

/**
 * Where a snapshot came from, in the words of Ververica Platform. USER_REQUEST: somebody asked Flink for it, or a Savepoint
 * did, or nobody can tell any more. SUSPEND: a suspension or a deletion took it. UPGRADE: an upgrade did. RETAINED_CHECKPOINT: a checkpoint, not a
 * savepoint. COPIED: it was there already, and was named by its path.
 */
export type SnapshotOrigin = "USER_REQUEST" | "SUSPEND" | "UPGRADE" | "RETAINED_CHECKPOINT" | "COPIED";

/** A savepoint or retained checkpoint that a job can start from. */
export interface Snapshot {
  readonly path: string;
  /** When it was taken, in milliseconds since the epoch; undefined for one the user named. */
  readonly time?: number;
  readonly origin: SnapshotOrigin;
  readonly jobId?: string;
  /** A job was started from it with claimMode CLAIM: it is Flink's. */
  readonly claimed?: true;
}

/** How a job ended by our hand, or by itself. */
export interface JobEnd {
  /**
   * REPLACED: stopped or cancelled by an upgrade, whose new job has not come up yet. FAILED: it failed, or somebody else
   * cancelled it, and a start that goes on from it has begun.
   */
  readonly kind: "SUSPENDED" | "CANCELLED" | "REPLACED" | "FINISHED" | "FAILED";
  /** The newest state that it left. */
  readonly snapshot?: Snapshot;
  /** Nobody saw its end: whether it left any state, and which, is not known. */
  readonly unseen?: boolean;
}

/** The job that came up last under our hand. */
export interface AppliedJob {
  readonly jobId: string;
  readonly generation: number;
  readonly attempt: number;
  readonly job: JobSpec;
  readonly digest: string;
  readonly cluster: ClusterIdentity;
  readonly restoredFrom?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly end?: JobEnd;
}

/** A job that a transition submitted, or was about to submit, and that has not come up under our eyes. */
export interface TriedJob {
  readonly jobId: string;
  readonly cluster: ClusterIdentity;
  /** unclear: nobody knows whether Flink got it. accepted: it ran, and may run. ended: its end was seen, and is recorded. */
  readonly fate: "unclear" | "accepted" | "ended";
  /** Of an unclear one: when it was first submitted, and to which JobManager. */
  readonly submission?: FirstSubmission;
  /** The savepointRedeployNonce that this transition has followed, and the generation of the first try that did. */
  readonly redeploy?: { readonly nonce: string | number; readonly generation: number };
}

/** What tells later whether a job would be shown if its submission had arrived. */
export interface FirstSubmission {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** What tells the JobManager's process from those before and after it; undefined: not known. */
  readonly jobManager?: string;
  /** Its main method was still at work when jobSubmissionTimeout was over: nobody can say how long it takes. */
  readonly overran?: true;
}

/** An upgrade, suspension or other transition that began and has not ended well. */
export interface UnfinishedTransition {
  readonly desiredState: DesiredState;
  readonly digest?: string;
  /** Its newest try. */
  readonly tried?: TriedJob;
  /** Why it stopped, in words. */
  readonly failure?: string;
}

/** What a deployment has come to, in the words of Ververica Platform. */
export type DeploymentState = "RUNNING" | "CANCELLED" | "SUSPENDED" | "FINISHED" | "TRANSITIONING" | "FAILED";

/** What is known of one deployment from earlier runs. */
export interface DeploymentRecord {
  readonly uid: string;
  readonly state: DeploymentState;
  readonly applied?: AppliedJob;
  readonly transition?: UnfinishedTransition;
  /** Newest first. */
  readonly snapshots: readonly Snapshot[];
  /** What happened in this run, oldest first; the history that users read is made of it. */
  readonly happened: readonly Happening[];
  /** Set while a change waits because upgradeStrategy is NONE. */
  readonly pendingUpgrade?: string;
}

/** Something done or seen that the deployment's history keeps. */
export type Happening =
  | { kind: "submitted"; time: number; jobId: string; generation: number; restoredFrom?: string }
  /** A job of this deployment is the one that the record speaks of; its submission may be nobody's record. */
  | { kind: "adopted"; time: number; jobId: string; generation: number; restoredFrom?: string; startedAt: number }
  | { kind: "started"; time: number; jobId: string; finished: boolean }
  | { kind: "ended"; time: number; jobId: string; state: "TERMINATED" | "FINISHED" | "FAILED"; message?: string }
  | { kind: "snapshot"; time: number; snapshot: Snapshot }
  | { kind: "note"; time: number; reason: EventReason; message: string };

export type DesiredState = "RUNNING" | "SUSPENDED" | "CANCELLED";

/** The cluster a deployment is meant to be on. */
export type DesiredCluster =
  | { readonly kind: "none" }
  /** Not made yet (preview only). */
  | { readonly kind: "unknown" }
  | { readonly kind: "known"; readonly identity: ClusterIdentity };

/** The job as its arguments describe it, or that this cannot be known yet (preview only). */
export type DesiredJob =
  { readonly kind: "unknown" } | { readonly kind: "known"; readonly spec: JobSpec; readonly digest: string };

/** How many snapshots a deployment remembers, and what becomes of its own savepoints that it does not. */
export interface SnapshotLimits {
  readonly maxCount: number;
  /** undefined: they may have any age. */
  readonly maxAgeMs?: number;
  readonly dispose: boolean;
}

/** Why something is in the event log: the reasons of Flink's Kubernetes operator, and four of our own. */
export type EventReason =
  | "Submit"
  | "SpecChanged"
  | "Suspended"
  | "Rollback"
  | "JobStatusChanged"
  | "SavepointError"
  | "Cleanup"
  | "CleanupFailed"
  | "Missing"
  | "RecoverDeployment"
  | "Upload"
  | "Snapshot"
  | "Cancelled"
  | "TransitionFailed";

/** What a started job must do before its start counts as done. Durations are milliseconds. */
export interface HealthCheck {
  readonly timeoutMs: number;
  /** 0: the job is watched for the whole time. */
  readonly completedCheckpoints: number;
  /** undefined: it may restart as often as it does. */
  readonly maxRestarts?: number;
}

/** Every argument that changes how transitions are carried out, but not what runs. Durations are milliseconds. */
export interface Policy {
  readonly upgradeStrategy: "STATEFUL" | "STATELESS" | "NONE";
  readonly fallback: "REFUSE" | "LATEST_STATE";
  readonly restoreStrategy: "LATEST_STATE" | "LATEST_SAVEPOINT" | "NONE";
  readonly allowNonRestoredState: boolean;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  /** State that is older is not started from unless the user names it; undefined: it may have any age. */
  readonly maxStateAgeMs?: number;
  readonly initialSavepointPath?: string;
  readonly savepointTargetDirectory?: string;
  readonly savepointFormatType: "CANONICAL" | "NATIVE";
  readonly maxSavepointCreationAttempts: number;
  readonly maxJobCreationAttempts: number;
  /** Failed attempts older than this do not count; undefined: all count. */
  readonly jobFailureExpirationMs?: number;
  readonly submissionTimeoutMs: number;
  /** undefined: Flink's own checkpoint timeout decides. */
  readonly savepointTimeoutMs?: number;
  readonly runningTimeoutMs: number;
  readonly cancelTimeoutMs: number;
  readonly unreachableTimeoutMs: number;
  /** undefined: a start is done once all tasks run. */
  readonly healthCheck?: HealthCheck;
  readonly rollback: boolean;
  readonly drain: boolean;
  readonly onDelete: "SAVEPOINT" | "CANCEL";
  readonly savepointHistory: SnapshotLimits;
  /** Jobs that may be left behind: forceCancellationOf and the stack's flink:abandonJobs. */
  readonly abandonedJobs: readonly string[];
}

/** What the program asks for. */
export interface Desired {
  readonly uid: string;
  readonly state: DesiredState;
  readonly job: DesiredJob;
  readonly cluster: DesiredCluster;
  readonly policy: Policy;
}
