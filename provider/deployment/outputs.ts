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
  readonly status: "True" | "False" | "Unknown";
  readonly message: string;
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
  readonly running?: {
    readonly jobId: string;
    /** ISO 8601. */
    readonly transitionTime: string;
    readonly conditions: readonly DeploymentCondition[];
  };
  readonly failure?: { readonly reason: string; readonly message: string; readonly time: string };
  /** Set while a change waits because upgradeStrategy is NONE. */
  readonly pendingUpgrade?: string;
}

/** One job of a deployment's history. */
export interface JobRecord {
  readonly id: string;
  /** Counts the specifications that were carried out. */
  readonly generation: number;
  readonly state: "STARTED" | "TERMINATED" | "FINISHED" | "FAILED";
  /** The snapshot it was started from. */
  readonly restoredFrom?: string;
  /** ISO 8601. */
  readonly startTime: string;
  readonly endTime?: string;
}

/** One snapshot of a deployment's history. */
export interface SavepointRecord {
  readonly path: string;
  readonly jobId?: string;
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
  readonly reason: EventReason;
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
