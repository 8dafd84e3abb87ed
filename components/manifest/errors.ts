import { PulumiFlinkError } from "../../provider/errors";
import { inWords, type DeploymentIssue } from "./findings";

/** Deployment documents cannot be used as they are written: nothing was made. Its message lists all that is wrong. */
export class InvalidDeploymentError extends PulumiFlinkError {
  readonly code = "FLINK_INVALID_DEPLOYMENT";
  /** Pulumi prints the message alone, without the stack. */
  readonly __pulumiRunError = true;

  constructor(
    /** What is wrong, each with its path. */
    readonly issues: readonly DeploymentIssue[],
    /** Where the documents are from, for people. */
    source?: string,
  ) {
    const from = source === undefined ? "" : ` of ${source}`;
    const list = issues.map((issue) => `\n  - ${inWords(issue)}`).join("");
    super(`The Deployment${from} cannot be used as it is written. Nothing was changed.${list}`);
  }
}
