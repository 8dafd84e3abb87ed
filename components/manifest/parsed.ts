import type { asset } from "@pulumi/pulumi";
import type { DesiredState, Duration, RestoreStrategyKind, UpgradeStrategyKind } from "../../provider/resources/args";
import type { FlinkKubernetesOptions } from "../kubernetes/args";
import type { DeploymentIssue } from "./findings";

/** A job as a document describes it: arguments of a FlinkDeployment. What the document does not say is not here. */
export interface DocumentJobArgs {
  state?: DesiredState;
  artifact: { entryClass?: string; mainArgs?: string[]; additionalDependencies?: string[] } & (
    { jarUri: string; jar?: undefined } | { jar: asset.Asset; jarUri?: undefined }
  );
  parallelism?: number;
  flinkConfiguration?: Record<string, string>;
  upgradeStrategy?: { kind?: UpgradeStrategyKind };
  restoreStrategy?: { kind?: RestoreStrategyKind; allowNonRestoredState?: boolean };
  maxSavepointCreationAttempts?: number;
  maxJobCreationAttempts?: number;
  jobFailureExpirationTime?: Duration;
  jobSubmissionTimeout?: Duration;
  forceCancellationOf?: string;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  displayName?: string;
}

/** What one process gets, as a document says it. */
export interface DocumentProcessResources {
  cpu?: number | string;
  memory?: string;
}

/** A job and its cluster as a document describes them: arguments of a FlinkApplication. */
export interface DocumentApplicationArgs extends DocumentJobArgs {
  flinkVersion?: string;
  flinkImageRegistry?: string;
  flinkImageRepository?: string;
  flinkImageTag?: string;
  numberOfTaskManagers?: number;
  slotsPerTaskManager?: number;
  resources?: { jobManager?: DocumentProcessResources; taskManager?: DocumentProcessResources };
  storage?: { uri: string; endpoint?: string; pathStyleAccess?: boolean };
  highAvailability?: boolean;
  logging?: {
    log4jLoggers?: Record<string, string>;
    loggingProfile?: "default";
    log4j2ConfigurationTemplate?: string;
  };
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
