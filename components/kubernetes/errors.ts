import type { InputFailure } from "../../provider/checks/issues";
import { PulumiFlinkError } from "../../provider/errors";

/**
 * A cluster, or an application with one of its own, is not declared as it must be: nothing was made. Its message names
 * every argument that is wrong.
 */
export class InvalidClusterError extends PulumiFlinkError {
  readonly code = "FLINK_INVALID_CLUSTER";
  /** Pulumi prints the message alone, without the stack. */
  readonly __pulumiRunError = true;

  constructor(
    /** The class of the component, such as `SessionCluster`. */
    type: string,
    /** Its name in Pulumi. */
    name: string,
    /** What is wrong, each with the path of its argument. */
    readonly issues: readonly InputFailure[],
  ) {
    const list = issues.map(({ property, reason }) => `\n  - ${property} ${reason}`).join("");
    super(`The ${type} "${name}" cannot be made as it is declared. Nothing was changed.${list}`);
  }
}
