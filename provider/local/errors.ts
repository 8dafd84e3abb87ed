import { PulumiFlinkError } from "../errors";

/** Java, Maven or the operating system of this machine cannot run Flink. The message names the remedy. */
export class LocalPrerequisiteError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_PREREQUISITE";
}

/** Flink's own jars cannot be had: a version that does not exist, a failed download, a folder that is no Flink. */
export class LocalDistributionError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_DISTRIBUTION";
}

/** What was asked of a local cluster contradicts itself, or what already runs in its directory. Nothing was started. */
export class LocalConfigurationError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_CONFIGURATION";
}

/** A process of a local cluster died while it started, or did not get ready in time. */
export class LocalStartError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_START_FAILED";
}

/** A process of a local cluster is still there after SIGKILL. */
export class LocalStopError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_STOP_FAILED";
}

/** Another process starts or stops the same local cluster and did not finish in time. */
export class LocalBusyError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_BUSY";
}
