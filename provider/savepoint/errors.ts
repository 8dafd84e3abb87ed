import { PulumiFlinkError } from "../errors";

/** No savepoint can be taken of a job that does not run. */
export class JobNotRunningError extends PulumiFlinkError {
  readonly code = "FLINK_JOB_NOT_RUNNING";
}

/** No attempt at a savepoint succeeded, or not in time. The job goes on. */
export class SavepointFailedError extends PulumiFlinkError {
  readonly code = "FLINK_SAVEPOINT_FAILED";
}

/** A savepoint that is to be deleted from its storage is still there. */
export class SavepointNotDisposedError extends PulumiFlinkError {
  readonly code = "FLINK_SAVEPOINT_NOT_DISPOSED";
}
