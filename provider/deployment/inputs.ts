import { parseDuration, type Duration } from "../values/duration";
import type { ArtifactInputs } from "../artifacts/artifactInputs";
import type {
  ClaimMode,
  DesiredState,
  FlinkEndpoint,
  OnDelete,
  RestoreStrategyKind,
  SavepointFormatType,
  UpgradeFallback,
  UpgradeStrategyKind,
} from "../resources/args";

/** A cluster that a deployment was asked to be on. */
export interface AskedCluster {
  /** Grows with every change. */
  readonly number: number;
  readonly endpoint: FlinkEndpoint;
}

/**
 * The arguments of a FlinkDeployment after `check`: every default is filled in. In a preview any value inside may still
 * be the unknown value instead: ask `containsUnknown` before relying on one.
 */
export interface DeploymentInputs {
  readonly cluster?: FlinkEndpoint;
  readonly state: DesiredState;
  readonly artifact: ArtifactInputs;
  readonly parallelism: number;
  readonly flinkConfiguration: Readonly<Record<string, string>>;
  readonly upgradeStrategy: { readonly kind: UpgradeStrategyKind; readonly fallback: UpgradeFallback };
  readonly restoreStrategy: {
    readonly kind: RestoreStrategyKind;
    readonly allowNonRestoredState: boolean;
    readonly claimMode: ClaimMode;
    readonly maxStateAge?: Duration;
  };
  readonly initialSavepointPath?: string;
  readonly savepointRedeployNonce?: string | number;
  readonly restartNonce?: string | number;
  readonly savepointTargetDirectory?: string;
  readonly savepointFormatType: SavepointFormatType;
  readonly maxSavepointCreationAttempts: number;
  readonly maxJobCreationAttempts: number;
  readonly jobFailureExpirationTime: Duration;
  readonly jobSubmissionTimeout: Duration;
  readonly timeouts: {
    readonly savepoint?: Duration;
    readonly running: Duration;
    readonly cancel: Duration;
    readonly unreachable: Duration;
  };
  /** Absent in a state that an earlier version of this package has written. */
  readonly healthCheck?: {
    readonly timeout: Duration;
    readonly completedCheckpoints: number;
    readonly maxRestarts?: number;
  };
  readonly rollback: boolean;
  readonly drain: boolean;
  readonly forceCancellationOf?: string;
  readonly onDelete: OnDelete;
  readonly savepointHistory: { readonly maxCount: number; readonly maxAge?: Duration; readonly dispose: boolean };
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly displayName?: string;
  readonly maxEvents: number;
  /** Set by the resource class: the random id of this deployment. */
  readonly uid?: string;
  /** Set by the resource class: what the program marked as secret, wherever it stands. */
  readonly markedSecrets?: readonly (readonly string[])[];
  /** Set by the resource class: where its messages belong (Pulumi drops an input that is named urn). */
  readonly resourceUrn?: string;
  /** Set by the resource class: the clusters that this deployment was asked to be on, newest first. */
  readonly askedClusters?: readonly AskedCluster[];
  /** Set by Pulumi: the provider's code. */
  readonly __provider?: string;
}

/** Every duration of the inputs, in milliseconds. */
export interface DeploymentDurations {
  /** Failed starts older than this do not count; undefined: they always count. */
  readonly jobFailureExpiration?: number;
  readonly jobSubmission: number;
  /** Undefined: Flink's own checkpoint timeout decides. */
  readonly savepoint?: number;
  readonly running: number;
  readonly cancel: number;
  readonly unreachable: number;
  /** Undefined: a job may start from state of any age. */
  readonly maxStateAge?: number;
  /** Undefined: a savepoint may have any age. */
  readonly maxSavepointAge?: number;
}

/** The durations of checked, known inputs. */
export function durationsOf(inputs: DeploymentInputs): DeploymentDurations {
  const expiration = parseDuration(inputs.jobFailureExpirationTime);
  const { savepoint, running, cancel, unreachable } = inputs.timeouts;
  const { maxStateAge } = inputs.restoreStrategy;
  const { maxAge } = inputs.savepointHistory;
  return {
    ...(expiration === 0 ? {} : { jobFailureExpiration: expiration }),
    jobSubmission: parseDuration(inputs.jobSubmissionTimeout),
    ...(savepoint === undefined ? {} : { savepoint: parseDuration(savepoint) }),
    running: parseDuration(running),
    cancel: parseDuration(cancel),
    unreachable: parseDuration(unreachable),
    ...(maxStateAge === undefined ? {} : { maxStateAge: parseDuration(maxStateAge) }),
    ...(maxAge === undefined ? {} : { maxSavepointAge: parseDuration(maxAge) }),
  };
}
