import { PulumiFlinkError } from "../errors";

/** A step failed after the transition had begun. The deployment's record says how far it came. */
export type FailureCode =
  | "FLINK_SAVEPOINT_FAILED"
  | "FLINK_JOB_UNHEALTHY"
  | "FLINK_JOB_START_FAILED"
  | "FLINK_ROLLED_BACK"
  | "FLINK_ROLLBACK_FAILED"
  | "FLINK_CANCEL_FAILED"
  | "FLINK_NO_STATE"
  | "FLINK_INTERRUPTED"
  | "FLINK_STATE_UNCLEAR";

/** Thrown when a transition could not be finished. Its message says what runs now and what to do next. */
export class TransitionFailedError extends PulumiFlinkError {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The job changed under the plan's hands: observe and plan again. Never reaches a user. */
export class ReplanNeeded extends Error {}

/** Whether an error says only that the cluster did not answer. */
export function isUnreachable(error: unknown): error is PulumiFlinkError {
  return error instanceof PulumiFlinkError && error.code === "FLINK_CLUSTER_UNREACHABLE";
}

const CUT_OFF: readonly string[] = ["FLINK_INTERRUPTED", "FLINK_ENGINE_GONE"];

/** Whether an error says that Pulumi itself ended the transition: nothing has gone wrong with it. */
export function isCutOff(error: unknown): boolean {
  return error instanceof PulumiFlinkError && CUT_OFF.includes(error.code);
}

/** Whether an error says that neither the request nor the cluster names a directory for savepoints. */
export function isWithoutDirectory(error: unknown): boolean {
  return error instanceof PulumiFlinkError && error.code === "FLINK_NO_SAVEPOINT_DIRECTORY";
}
