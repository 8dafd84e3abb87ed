import type { DeploymentRecord, Desired } from "../lifecycle/model";
import type { PlannedTransition } from "../lifecycle/planTypes";
import { jobThatMayRun } from "../lifecycle/planParts";
import { describeStep } from "../lifecycle/words";
import { activeJobId } from "./status";

/** A plan as the lines that a preview shows: the very steps that an update executes. */
export function planLines(
  { plan }: Pick<PlannedTransition, "plan">,
  now: number,
): { level: "info" | "warn"; text: string }[] {
  if (plan.kind === "refused")
    return [{ level: "warn", text: `will be refused: ${plan.refusal.message} (${plan.refusal.code})` }];
  const { steps, warnings } = plan;
  return [
    ...warnings.map((text) => ({ level: "warn" as const, text })),
    ...steps.map((step, index) => ({
      level: "info" as const,
      text:
        steps.length === 1
          ? `plan: ${describeStep(step, now)}`
          : `plan ${index + 1}/${steps.length}: ${describeStep(step, now)}`,
    })),
  ];
}

/** What destroying a deployment would do now: Pulumi previews no deletes. */
export function onDeletePlan(record: DeploymentRecord, desired: Pick<Desired, "policy">): string {
  const jobId = jobThatMayRun({ record, desired });
  if (jobId === undefined) {
    const givenUp = activeJobId(record);
    return `nothing to stop: ${givenUp === undefined ? "no job is active" : `job ${givenUp} was given up by name`}`;
  }
  const { onDelete, savepointTargetDirectory, drain } = desired.policy;
  if (onDelete === "CANCEL") return `cancel job ${jobId} without a savepoint`;
  const where = savepointTargetDirectory === undefined ? "" : ` in ${savepointTargetDirectory}`;
  const draining = drain ? ", draining it" : "";
  return `stop job ${jobId} with a savepoint${where}${draining}; if it can take none, cancel it and keep its newest checkpoint`;
}
