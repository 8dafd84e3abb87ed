import { PulumiFlinkError } from "../errors";

/** A cluster is not deleted because jobs run on it. */
export class ClusterBusyError extends PulumiFlinkError {
  readonly code = "FLINK_CLUSTER_BUSY";
}

/** A cluster is not deleted because it does not say whether jobs run on it. */
export class ClusterSilentError extends PulumiFlinkError {
  readonly code = "FLINK_CLUSTER_UNREACHABLE";
}

/** A cluster did not get ready in time: its REST API did not answer, or TaskManagers or slots are missing. */
export class ClusterNotReadyError extends PulumiFlinkError {
  readonly code = "FLINK_CLUSTER_NOT_READY";
}
