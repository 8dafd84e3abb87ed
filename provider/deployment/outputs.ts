import type { DeploymentRecord, DeploymentState, EventReason, SnapshotOrigin } from "../lifecycle/model";
import type { FlinkEndpoint } from "../resources/args";
import type { DeploymentInputs } from "./inputs";

/** A condition of a running deployment, in the form of Ververica Platform. */
export interface DeploymentCondition {
  /**
   * ClusterUnreachable: Flink's REST API did not answer when it was last asked. JobFailing: the job has restarted 3 or
   * more times within 10 minutes. JobUnstable: 3 or more times within 60 minutes, so whatever is JobFailing is that, too.
   */
  readonly type: "ClusterUnreachable" | "JobFailing" | "JobUnstable";
  /** Unknown: the cluster did not answer, or Flink did not say how often the job restarted. */
  readonly status: "True" | "False" | "Unknown";
  /** Why it has this status, in a sentence; of a job that restarts, with its last failure. */
  readonly message: string;
  /** The same in a word: ClusterReachable, ClusterUnreachable, FewRestarts, ManyRestarts or RestartsUnknown. */
  readonly reason: string;
  /** When `status` changed last. ISO 8601. */
  readonly lastTransitionTime: string;
  /** When the condition was written last. ISO 8601. */
  readonly lastUpdateTime: string;
}

/** What a deployment has come to. */
export interface DeploymentStatus {
  /**
   * RUNNING, CANCELLED, SUSPENDED, FINISHED (ended by itself), TRANSITIONING (a transition was cut off), or FAILED (the
   * last transition failed, or the job did; it may still run).
   */
  readonly state: DeploymentState;
  /** The active job; absent while none is known to be. */
  readonly running?: {
    /** Flink's id of it. */
    readonly jobId: string;
    /** When it was first recorded as the active one. ISO 8601. */
    readonly transitionTime: string;
    /** How it was doing when it was last asked for: ClusterUnreachable, JobFailing and JobUnstable, one of each. */
    readonly conditions: readonly DeploymentCondition[];
  };
  /** What went wrong last; absent once a transition has ended well. */
  readonly failure?: {
    /**
     * TransitionFailed: an `up` did not reach what was asked for. JobFailed: a refresh found that the job had failed, or
     * that Flink does not know it any more.
     */
    readonly reason: string;
    /** What was observed, what was not done, and what to do next; of a job that failed, its cause. */
    readonly message: string;
    /** When it was recorded. ISO 8601. */
    readonly time: string;
  };
  /** What waits, in words: set while a change waits because upgradeStrategy is NONE. */
  readonly pendingUpgrade?: string;
}

/** One job of a deployment's history. */
export interface JobRecord {
  /** Flink's id of it. */
  readonly id: string;
  /** Counts the specifications that were carried out. */
  readonly generation: number;
  /**
   * STARTED: it was submitted, and its end is not known. TERMINATED: it was stopped or cancelled. FINISHED: it ended by
   * itself. FAILED: it failed.
   */
  readonly state: "STARTED" | "TERMINATED" | "FINISHED" | "FAILED";
  /** The path of the snapshot that it was started from; absent where it started empty. */
  readonly restoredFrom?: string;
  /** When it was submitted. ISO 8601. */
  readonly startTime: string;
  /** When its end was seen. ISO 8601; absent while that is not known. */
  readonly endTime?: string;
}

/** One snapshot of a deployment's history. */
export interface SavepointRecord {
  /** Where it is, with its scheme. */
  readonly path: string;
  /** Flink's id of the job that it was taken of; absent for one that the user named. */
  readonly jobId?: string;
  /** What it was taken for. */
  readonly origin: SnapshotOrigin;
  /** Absent for a checkpoint, and where it is not known. */
  readonly formatType?: string;
  /** ISO 8601; absent for one that the user named. */
  readonly time?: string;
}

/** One event of a deployment's history. */
export interface EventRecord {
  /** ISO 8601. */
  readonly time: string;
  /** What kind of event it is; docs/savepoints.md lists them. */
  readonly reason: EventReason;
  /** What happened, in words, without secrets. */
  readonly message: string;
}

/** What the provider itself needs of earlier runs. Secret as a whole: it holds arguments and credentials. */
export interface StoredRecord extends Omit<DeploymentRecord, "happened" | "uid"> {
  /** By cluster: how to reach those that jobs of the record are on, with the credentials of the last run. */
  readonly endpoints: Readonly<Record<string, FlinkEndpoint>>;
  /** The number of the newest cluster that was asked for when the deployment last reached what it was asked for. */
  readonly settled?: number;
}

/** A FlinkDeployment as Pulumi's state keeps it: the accepted arguments, and what became of them. */
export interface DeploymentOutputs extends DeploymentInputs {
  readonly uid: string;
  readonly status: DeploymentStatus;
  readonly jobId?: string;
  readonly jobs: readonly JobRecord[];
  readonly savepoints: readonly SavepointRecord[];
  readonly events: readonly EventRecord[];
  readonly latestSavepoint?: string;
  readonly webInterfaceUrl?: string;
  readonly onDeletePlan: string;
  readonly record: StoredRecord;
}

/** The record of earlier runs as the lifecycle takes it. */
export function recordOf(outputs: DeploymentOutputs): DeploymentRecord {
  const { endpoints, settled, ...record } = outputs.record;
  return { ...record, uid: outputs.uid, happened: [] };
}
