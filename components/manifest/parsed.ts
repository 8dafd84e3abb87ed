import type { asset } from "@pulumi/pulumi";
import type { DesiredState, Duration, RestoreStrategyKind, UpgradeStrategyKind } from "../../provider/resources/args";
import type { FlinkKubernetesOptions } from "../kubernetes/args";
import type { DeploymentIssue } from "./findings";

/**
 * A job as a document describes it: arguments of a FlinkDeployment, each of the meaning and with the default that it has
 * there. What the document does not say is not here.
 */
export interface DocumentJobArgs {
  /** `spec.state`, in today's spelling: `CANCELED` is CANCELLED. */
  state?: DesiredState;
  /**
   * `spec.template.spec.artifact`, without Flink's version and image. `jarUri` and `additionalDependencies` are where the
   * option `jars` says; `jar` is the asset that it has for `jarUri`. `mainArgs` are split into words.
   */
  artifact: { entryClass?: string; mainArgs?: string[]; additionalDependencies?: string[] } & (
    { jarUri: string; jar?: undefined } | { jar: asset.Asset; jarUri?: undefined }
  );
  /** `spec.template.spec.parallelism`. */
  parallelism?: number;
  /**
   * `spec.template.spec.flinkConfiguration`, but for keys that are arguments of a cluster. In session mode those that a
   * cluster's processes read are left out.
   */
  flinkConfiguration?: Record<string, string>;
  /** `spec.upgradeStrategy`. */
  upgradeStrategy?: { kind?: UpgradeStrategyKind };
  /** `spec.restoreStrategy`, or what the deprecated `spec.startFromSavepoint` comes to. */
  restoreStrategy?: { kind?: RestoreStrategyKind; allowNonRestoredState?: boolean };
  /** `spec.maxSavepointCreationAttempts`. */
  maxSavepointCreationAttempts?: number;
  /** `spec.maxJobCreationAttempts`. */
  maxJobCreationAttempts?: number;
  /** `spec.jobFailureExpirationTime`. */
  jobFailureExpirationTime?: Duration;
  /** The annotation `deployment.sessionmode.job-submission-timeout-seconds`. */
  jobSubmissionTimeout?: Duration;
  /** The annotation `deployment.sessionmode.force-cancellation`, without hyphens. */
  forceCancellationOf?: string;
  /** `metadata.annotations` and, over them, `spec.template.metadata.annotations`, without those that are settings. */
  annotations?: Record<string, string>;
  /** `metadata.labels`. */
  labels?: Record<string, string>;
  /** `metadata.displayName`, or a name that a resource cannot have. */
  displayName?: string;
}

/** What one process gets, as a document says it. */
export interface DocumentProcessResources {
  /** CPUs that are requested: a number, or Kubernetes' format (`"500m"`). Default: 1. */
  cpu?: number | string;
  /** The memory of the whole process, with its unit (`"2g"`). Default: `"1600m"` for a JobManager, else `"1728m"`. */
  memory?: string;
}

/**
 * A job and its cluster as a document describes them: arguments of a FlinkApplication, each of the meaning and with the
 * default that it has there.
 */
export interface DocumentApplicationArgs extends DocumentJobArgs {
  /**
   * All three numbers: `spec.template.spec.artifact.flinkVersion`, completed by the image's tag or by a zero, or the option
   * in its place. Without it the stack's defaults must have one.
   */
  flinkVersion?: string;
  /** `spec.template.spec.artifact.flinkImageRegistry`; not of the platform's own images. */
  flinkImageRegistry?: string;
  /** `spec.template.spec.artifact.flinkImageRepository`; not of the platform's own images. */
  flinkImageRepository?: string;
  /** `spec.template.spec.artifact.flinkImageTag`; not of the platform's own images, nor of another Flink. */
  flinkImageTag?: string;
  /** `spec.template.spec.numberOfTaskManagers`. */
  numberOfTaskManagers?: number;
  /** `taskmanager.numberOfTaskSlots` in the document's `flinkConfiguration`. */
  slotsPerTaskManager?: number;
  /** `spec.template.spec.resources`, in either spelling of the roles. */
  resources?: { jobManager?: DocumentProcessResources; taskManager?: DocumentProcessResources };
  /** `high-availability.storageDir` in the document's `flinkConfiguration`, with `s3.endpoint` and `s3.path.style.access`. */
  storage?: { uri: string; endpoint?: string; pathStyleAccess?: boolean };
  /** `high-availability.type`, or `high-availability`, in the document's `flinkConfiguration`. */
  highAvailability?: boolean;
  /** `spec.template.spec.logging`. */
  logging?: {
    log4jLoggers?: Record<string, string>;
    loggingProfile?: "default";
    log4j2ConfigurationTemplate?: string;
  };
  /** `spec.template.spec.kubernetes`. */
  kubernetes?: FlinkKubernetesOptions;
}

interface ParsedCommon {
  /** The document's name, as a resource can have it. */
  readonly name: string;
  /** What the document says of its time, and how it was understood. */
  readonly warnings: readonly DeploymentIssue[];
}

/** A Deployment in application mode: it has a cluster of its own. */
export interface ParsedApplication extends ParsedCommon {
  readonly kind: "application";
  /** Where its cluster is to be, by name, by id, or by both. */
  readonly deploymentTarget: { readonly name?: string; readonly id?: string };
  /** For a FlinkApplication. */
  readonly args: DocumentApplicationArgs;
}

/** A Deployment in session mode: it runs on a cluster that others share. */
export interface ParsedSessionDeployment extends ParsedCommon {
  readonly kind: "session";
  readonly sessionClusterName: string;
  /** The Flink that the document was written for: two or three numbers. The cluster's own is what counts. */
  readonly flinkVersion?: string;
  /** For a FlinkDeployment. */
  readonly args: DocumentJobArgs;
}

/** A Deployment document, translated. */
export type ParsedDeployment = ParsedApplication | ParsedSessionDeployment;

/** What may be said in place of documents. */
export interface ParseDeploymentsOptions {
  /** Flink's version, all three numbers, in place of the documents'. */
  readonly flinkVersion?: string;
  /**
   * Where jars are now, by their `jarUri` or their place in `additionalDependencies` as the documents write it: other
   * addresses, or, for a `jarUri`, assets.
   */
  readonly jars?: Readonly<Record<string, string | asset.Asset>>;
}

/** What may be said in place of a document. */
export interface ParseDeploymentOptions extends ParseDeploymentsOptions {
  /** The name in place of `metadata.name`. */
  readonly name?: string;
}
