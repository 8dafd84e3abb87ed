import { PulumiFlinkError } from "../errors";

/** A value that the user wrote cannot be read. The message completes the sentence "this property …". */
export class InvalidValueError extends PulumiFlinkError {
  readonly code = "FLINK_INVALID_VALUE";
}
