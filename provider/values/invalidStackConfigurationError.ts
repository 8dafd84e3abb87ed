import { PulumiFlinkError } from "../errors";

/** A value of the stack's configuration cannot be used; the message names the key and what would be right. */
export class InvalidStackConfigurationError extends PulumiFlinkError {
  readonly code = "FLINK_INVALID_CONFIGURATION";
  /** Pulumi prints the message alone, without the stack. */
  readonly __pulumiRunError = true;
}
