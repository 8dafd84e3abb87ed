import type { Snapshot } from "../lifecycle/model";
import type { FlinkEndpoint, SavepointFormatType } from "../resources/args";
import type { Duration } from "../values/duration";

/** What a change of takes a new savepoint. */
export type Triggers = Readonly<Record<string, unknown>> | readonly unknown[];

/** The arguments of a Savepoint after `check`. In a preview any value may be the unknown one. */
export interface SavepointInputs {
  /** What the deployment says of itself: it may be on no cluster, and run no job. */
  readonly deployment?: { readonly cluster?: FlinkEndpoint; readonly jobId?: string };
  readonly cluster?: FlinkEndpoint;
  /** The job that a savepoint is taken of, next to `cluster`. */
  readonly jobId?: string;
  readonly triggers?: Triggers;
  readonly formatType?: SavepointFormatType;
  readonly targetDirectory?: string;
  readonly adoptPath?: string;
  readonly disposeOnDelete: boolean;
  readonly maxSavepointCreationAttempts: number;
  readonly timeouts: {
    readonly savepoint?: Duration;
    readonly running: Duration;
    readonly unreachable: Duration;
  };
  /** Set by the resource class: random, another one for each savepoint that is to be taken. */
  readonly uid?: string;
  /** Set by the resource class: what the program marked as secret. */
  readonly markedSecrets?: readonly (readonly string[])[];
  /** Set by the resource class: where its messages belong. */
  readonly resourceUrn?: string;
  /** Set by Pulumi: the provider's code. */
  readonly __provider?: string;
}

/** What there is of a snapshot once it is taken or adopted. */
export interface TakenSavepoint {
  readonly path: string;
  readonly origin: Snapshot["origin"];
  /** The job that it was taken of; absent for one that was adopted. */
  readonly jobId?: string;
  readonly formatType?: SavepointFormatType;
  /** Absent where Flink did not say it. */
  readonly sizeBytes?: number;
  /** ISO 8601; absent for one that was adopted. */
  readonly time?: string;
}

/** A Savepoint as Pulumi's state keeps it. */
export interface SavepointOutputs extends Omit<SavepointInputs, "jobId" | "formatType">, TakenSavepoint {
  readonly uid: string;
  /** The newest cluster that was named: it disposes of the savepoint. Secret as a whole. */
  readonly endpoint?: FlinkEndpoint;
}

/** The cluster and the job that are meant now. */
export function sourceOf({ deployment, cluster, jobId }: SavepointInputs): Pick<SavepointInputs, "cluster" | "jobId"> {
  return deployment ?? { ...(cluster === undefined ? {} : { cluster }), ...(jobId === undefined ? {} : { jobId }) };
}
