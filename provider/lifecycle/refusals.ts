import { PulumiFlinkError } from "../errors";

/** Why a transition is refused: nothing was changed. */
export type RefusalCode =
  | "FLINK_NO_STATE"
  | "FLINK_STATE_TOO_OLD"
  | "FLINK_JOB_MISSING"
  | "FLINK_JOB_UNHEALTHY"
  | "FLINK_SEVERAL_JOBS"
  | "FLINK_CLUSTER_UNREACHABLE"
  | "FLINK_CHECKPOINTS_NOT_RETAINED"
  | "FLINK_NOT_ENOUGH_SLOTS"
  | "FLINK_MAX_PARALLELISM"
  | "FLINK_VERSION_UNSUPPORTED"
  | "FLINK_NO_SAVEPOINT_DIRECTORY"
  | "FLINK_ARTIFACT_NOT_IN_IMAGE"
  | "FLINK_JOB_EXISTS"
  | "FLINK_UPGRADE_NEEDS_STRATEGY";

/** A refusal in words: what was observed, what was not done, what to do next. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/** Thrown when a transition is refused before anything was changed. Its code says why. */
export class TransitionRefusedError extends PulumiFlinkError {
  readonly code: RefusalCode;

  constructor(refusal: Refusal, options?: { cause?: unknown }) {
    super(refusal.message, options);
    this.code = refusal.code;
  }
}
