/**
 * The root of every error of this package that a user can act on.
 *
 * Its message says what was observed, what was not done and what to do next; its code is stable.
 */
export abstract class PulumiFlinkError extends Error {
  /** A stable name to match on, such as `FLINK_SAVEPOINT_FAILED`. */
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
