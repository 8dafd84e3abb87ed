import type { Plan } from "../../../provider/lifecycle/planTypes";
import type { RestoreSource } from "../../../provider/lifecycle/restore";
import type { Step } from "../../../provider/lifecycle/steps";

function restoreText(restore: RestoreSource): string {
  switch (restore.kind) {
    case "snapshot":
      return restore.snapshot.path.replace(/^file:\//, "");
    case "lastState":
      return `lastState, else ${restoreText(restore.otherwise)}`;
    case "stop":
    case "empty":
    case "none":
      return restore.kind;
  }
}

function stepText(step: Step): string {
  switch (step.kind) {
    case "stop":
      return [step.awaitUp ? "await up, stop" : "stop", step.withoutSavepoint === "REFUSE" ? "" : "or cancel"]
        .filter((word) => word !== "")
        .join(" ");
    case "start":
      return step.existing === undefined
        ? `start from ${restoreText(step.restore)}`
        : `go on with ${step.generation}.${step.attempt}`;
    case "suspendOn":
      return `suspend on ${step.snapshot?.path.replace(/^file:\//, "") ?? "nothing"}`;
    case "settle":
      return step.what;
    case "dispose":
      return `dispose of ${step.snapshots.map(({ path }) => path.replace(/^file:\//, "")).join(" and ")}`;
    case "upload":
    case "awaitEnd":
    case "cancel":
    case "point":
    case "cleanUp":
      return step.kind;
  }
}

/**
 * A plan in one line: its steps in short, or the code of its refusal.
 *
 * Uploads and cleaning up are left out, for they say nothing of a decision; their own tests look at them.
 */
export function planText(plan: Plan): string {
  if (plan.kind === "refused") return plan.refusal.code;
  return plan.steps
    .filter(({ kind }) => kind !== "upload" && kind !== "cleanUp")
    .map(stepText)
    .join("; ");
}
