import { currentPhase, rememberPhase } from "../engine/phase";
import { checkArtifact } from "./checkArtifact";
import { checkDeploymentInputs } from "./checkInputs";
import type { DeploymentInputs } from "./inputs";
import type { InputFailure } from "../checks/issues";
import { openLog } from "./resourceRow";

/** The arguments with their defaults, or all that is wrong with them. */
export interface DeploymentCheck {
  readonly inputs: DeploymentInputs;
  readonly failures: InputFailure[];
}

/** Checks the arguments of a FlinkDeployment and its jar. The phase of this run is taken out of the inputs again. */
export async function checkDeployment(news: Record<string, unknown>): Promise<DeploymentCheck> {
  const { isDryRun, ...given } = news;
  if (typeof isDryRun === "boolean") rememberPhase(isDryRun);
  const { inputs, failures, warnings } = checkDeploymentInputs(given);
  const jar = await checkArtifact(inputs);
  const log = openLog(inputs);
  // Once a run: the update checks the same arguments again.
  if (currentPhase() !== "update") for (const warning of [...warnings, ...jar.warnings]) log.warn(warning);
  await log.flush();
  return { inputs, failures: [...failures, ...jar.failures] };
}
