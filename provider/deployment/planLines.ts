import type { DeploymentRecord, Desired } from "../lifecycle/model";
import type { PlannedTransition } from "../lifecycle/planTypes";
import { describeStep } from "../lifecycle/words";

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
  const { applied } = record;
  if (applied === undefined || applied.end !== undefined) return "nothing to stop: no job is active";
  const { onDelete, savepointTargetDirectory } = desired.policy;
  const name = `job ${applied.jobId}`;
  if (onDelete === "CANCEL") return `cancel ${name} without a savepoint`;
  const where = savepointTargetDirectory === undefined ? "" : ` in ${savepointTargetDirectory}`;
  return `stop ${name} with a savepoint${where}; if it can take none, cancel it and keep its newest checkpoint`;
}
