import { checkSchema } from "../checks/checkSchema";
import type { DeploymentInputs } from "./inputs";
import type { InputFailure } from "../checks/issues";
import { applyRules } from "./rules";
import { argumentNames, deploymentSchema } from "./schema";

/** What checking a FlinkDeployment's arguments gives. */
export interface CheckedInputs {
  /** Every default filled in. Only to be used when there are no failures. */
  readonly inputs: DeploymentInputs;
  /** All that is wrong, not only the first. */
  readonly failures: InputFailure[];
  /** What is probably not meant, but not certainly wrong. */
  readonly warnings: string[];
}

/**
 * Checks the arguments of a FlinkDeployment as a hook receives them, and fills in the defaults. Reads no files and no
 * network. Values that are not known yet pass as they are.
 */
export function checkDeploymentInputs(news: Record<string, unknown>): CheckedInputs {
  const { inputs, wrong } = checkSchema<DeploymentInputs>(deploymentSchema, argumentNames, news);
  const { failures, warnings } = applyRules(inputs);
  return { inputs, failures: [...wrong, ...failures], warnings };
}
