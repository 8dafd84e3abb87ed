import type { Snapshot } from "./model";
import type { Plan, PlanInput } from "./planTypes";
import {
  newestAnyhow,
  reference,
  refuse,
  refuseMissing,
  refuseSeveral,
  refuseUnreachable,
  pointSteps,
  rest,
  savepointProblem,
  settle,
  steps,
  stopStep,
} from "./planParts";
import { restoreAfterCancel } from "./restore";
import type { Sighting, Situation } from "./situation";
import { suspendWithoutStateText } from "./words";

/** The plan of a deployment that is to be suspended: what runs is stopped with a savepoint. */
export function planSuspended(input: PlanInput, situation: Situation): Plan {
  const { current } = situation;
  switch (current.kind) {
    case "several":
      return refuseSeveral(current);
    case "active":
      if (current.sighting.job.status === "CANCELLING") return afterCancelling(input, situation, current.sighting);
      return stopToSuspend(input, situation, current.sighting);
    case "failed":
    case "cancelled":
      return onRetainedState(input, situation, current.sighting);
    case "finished":
      return settle(input.record?.state === "FINISHED" ? "alreadyThere" : "finished");
    case "endedByUs": {
      if (current.end.kind === "SUSPENDED" && input.record?.state === "SUSPENDED")
        return rest(input, situation, "nothingRuns");
      return onKnownState(input, situation, "the job was cancelled and no snapshot of it is known");
    }
    case "missing":
      return refuseMissing(input, current.jobId, "The suspension");
    case "unreachable":
      return refuseUnreachable(current, input);
    case "none":
      return input.record?.state === "SUSPENDED" ? rest(input, situation, "nothingRuns") : nothingRan();
    case "unobserved":
      return input.record?.state === "SUSPENDED" ? rest(input, situation, "nothingRuns") : stopRecorded(input);
  }
}

function stopToSuspend(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const withoutSavepoint = input.desired.policy.fallback === "LATEST_STATE" ? "CANCEL_ON_CHECKPOINT" : "REFUSE";
  const nowhere = savepointProblem(input, sighting, withoutSavepoint);
  return nowhere === undefined
    ? steps([stopStep(input, sighting, "suspend", withoutSavepoint), ...pointSteps(input, situation)])
    : { kind: "refused", refusal: nowhere };
}

function nothingRan(): Plan {
  return steps([{ kind: "suspendOn", snapshot: undefined, afterEnd: false }]);
}

function onKnownState(input: PlanInput, situation: Situation, otherwise: string): Plan {
  const snapshot = newestAnyhow(input, situation);
  // Flink may show a failed try for an hour after the deployment was suspended on what came before it.
  if (snapshot !== undefined && isSuspendedOn(input, snapshot)) return rest(input, situation, "nothingRuns");
  return snapshot === undefined
    ? refuse("FLINK_NO_STATE", suspendWithoutStateText(otherwise))
    : steps([{ kind: "suspendOn", snapshot, afterEnd: false }, ...pointSteps(input, situation)]);
}

function isSuspendedOn({ record }: PlanInput, snapshot: Snapshot): boolean {
  if (record?.state !== "SUSPENDED" || record.transition !== undefined) return false;
  const { applied, snapshots } = record;
  // Jobs of a create that failed are not applied once another spec is asked for; what they left is kept all the same.
  if (applied === undefined) return snapshots[0]?.path === snapshot.path;
  return applied.end?.kind === "SUSPENDED" && applied.end.snapshot?.path === snapshot.path;
}

/** Somebody else cancels the job: it is suspended on what it leaves. */
function afterCancelling(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const restore = restoreAfterCancel(input.record, input.desired, situation);
  if (restore.kind !== "lastState") {
    return refuse("FLINK_NO_STATE", suspendWithoutStateText(endedText(sighting, "is being cancelled")));
  }
  const { otherwise } = restore;
  const snapshot = otherwise.kind === "snapshot" ? otherwise.snapshot : undefined;
  return steps([
    { kind: "awaitEnd", job: reference(sighting) },
    { kind: "suspendOn", snapshot, afterEnd: true },
    ...pointSteps(input, situation),
  ]);
}

function endedText({ job }: Sighting, what: string): string {
  return `job ${job.jobId} ${what}, so no savepoint can be taken, and restoreStrategy is not LATEST_STATE`;
}

/** The operator's last-state suspend: a job that ended without our doing is suspended on what it left. */
function onRetainedState(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const { job } = sighting;
  const nothing = `job ${job.jobId} is ${job.status} and left no checkpoint or savepoint`;
  const snapshot = newestAnyhow(input, situation);
  const needsCheckpoint = snapshot?.origin === "RETAINED_CHECKPOINT" && situation.tries.length === 0;
  return needsCheckpoint && input.desired.policy.restoreStrategy !== "LATEST_STATE"
    ? refuse("FLINK_NO_STATE", suspendWithoutStateText(endedText(sighting, `is ${job.status}`)))
    : onKnownState(input, situation, nothing);
}

function stopRecorded(input: PlanInput): Plan {
  const applied = input.record?.applied;
  if (applied === undefined) return nothingRan();
  return steps([
    {
      kind: "stop",
      job: { jobId: applied.jobId, generation: applied.generation, where: "current" },
      purpose: "suspend",
      awaitUp: false,
      withoutSavepoint: "REFUSE",
      targetDirectory: input.desired.policy.savepointTargetDirectory,
      drain: input.desired.policy.drain,
    },
  ]);
}
