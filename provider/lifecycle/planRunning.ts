import { isUnknown } from "../values/unknown";
import { deriveJobId } from "./ids";
import type { DesiredCluster } from "./model";
import type { Plan, PlanInput } from "./planTypes";
import {
  cancelWouldLoseState,
  cleanUpSteps,
  isBeingStopped,
  reference,
  refuse,
  refuseMissing,
  refuseSeveral,
  refuseUnreachable,
  rollbackPossibility,
  rest,
  savepointProblem,
  settle,
  steps,
  stopStep,
  targetOf,
  uploadSteps,
} from "./planParts";
import { startProblem } from "./preflight";
import { redeploySource, restoreAfterCancel, restoreAfterEnd, restoreOnCreate, type RestoreSource } from "./restore";
import type { CurrentJob, Sighting, Situation } from "./situation";
import { ageProblem, ageWarnings } from "./stateAge";
import type { Step } from "./steps";
import { startWarnings } from "./startWarnings";
import { noStateText } from "./words";

/** The plan of a deployment that is to run: features of the tables "changed", "nothing changed" and "creating". */
export function planRunning(input: PlanInput, situation: Situation): Plan {
  const { current } = situation;
  const started = input.record?.applied !== undefined;
  const changed = situation.jobChanged || situation.placementChanged;
  switch (current.kind) {
    case "several":
      return refuseSeveral(current);
    case "active":
      return current.isWanted ? goOn(input, situation, current) : upgrade(input, situation, current.sighting);
    case "none":
      return restart(input, situation);
    case "failed":
    case "cancelled":
      // A try that failed after a bounded job had finished: what is asked for again is the finished one.
      if (!changed && input.record?.applied?.end?.kind === "FINISHED") return settle("finished");
      if (started && changed && waits(input) && situation.tries.length === 0) {
        return upgradeWaits(`the job is ${current.sighting.job.status}`);
      }
      return restart(input, situation);
    case "finished":
      return afterFinished(input, situation, current.sighting === undefined ? changed : !current.isWanted);
    case "endedByUs":
      return restart(input, situation);
    case "missing":
      return afterMissing(input, situation, current, changed);
    case "unreachable":
      if (started && !changed && input.record?.transition === undefined) {
        return settle("alreadyThere", [`The cluster does not answer (${current.reason}); nothing is changed.`]);
      }
      return started && waits(input) && input.record?.transition === undefined
        ? upgradeWaits("the cluster does not answer")
        : refuseUnreachable(current, input);
    case "unobserved":
      return fromRecord(input, situation, changed);
  }
}

function waits(input: PlanInput): boolean {
  return input.desired.policy.upgradeStrategy === "NONE";
}

function upgradeWaits(why: string): Plan {
  return settle("upgradeWaits", [
    `upgradeStrategy is NONE and ${why}: the change waits until you suspend or cancel the deployment and run it again.`,
  ]);
}

/** A job that is what is asked for runs already, ours from this or an interrupted run. */
function goOn(input: PlanInput, situation: Situation, current: Extract<CurrentJob, { kind: "active" }>): Plan {
  const { job } = current.sighting;
  const recorded = input.record?.applied?.jobId === job.jobId && input.record.applied.end === undefined;
  if (recorded) {
    // What began the stop was cut off and taken back; Flink goes on with it, and the job is about to end.
    if (isBeingStopped(input, current.sighting)) {
      const stop = stopStep(input, current.sighting, "upgrade", "REFUSE");
      return begin(input, situation, [stop], { kind: "stop" });
    }
    // What an upgrade uploaded that was taken back, or rolled back, nothing uses any more.
    const left = input.record?.transition === undefined ? [] : cleanUpSteps(input);
    return steps([{ kind: "settle", what: "alreadyThere" }, ...left]);
  }
  return steps([
    {
      kind: "start",
      generation: job.generation,
      attempt: job.attempt,
      existing: reference(current.sighting),
      restore: restoreOf(input, situation),
      cluster: clusterName(input.desired.cluster),
      healthCheck: input.desired.policy.healthCheck,
      rollback: rollbackPossibility(input, situation),
    },
    ...cleanUpSteps(input),
  ]);
}

/** The running job is another one than asked for, or elsewhere: the first table. */
function upgrade(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const { policy } = input.desired;
  if (input.record === undefined) {
    return refuse(
      "FLINK_JOB_EXISTS",
      `Job ${sighting.job.jobId} of this deployment already runs with another specification, though Pulumi's state ` +
        "does not know it. Nothing was changed. Restore the stack's state, or cancel that job in Flink and run `pulumi up` again.",
    );
  }
  switch (policy.upgradeStrategy) {
    case "NONE":
      if (situation.tries.includes(sighting)) return needsStrategyForTry(sighting);
      if (situation.placementChanged && sighting.where === "current") return needsStrategy(sighting);
      return upgradeWaits(`job ${sighting.job.jobId} is ${sighting.job.status}`);
    case "STATELESS":
      return upgradeByCancel(input, situation, sighting);
    case "STATEFUL":
      return upgradeBySavepoint(input, situation, sighting);
  }
}

function needsStrategy(sighting: Sighting): Plan {
  return refuse(
    "FLINK_UPGRADE_NEEDS_STRATEGY",
    `The cluster changes and job ${sighting.job.jobId} is active there, but upgradeStrategy is NONE: it would lose its ` +
      "cluster. Nothing was changed. Suspend or cancel the deployment first, or choose STATEFUL or STATELESS.",
  );
}

/** The record would forget it: it speaks of the job that runs, or of a transition that is to be gone on with. */
function needsStrategyForTry({ job }: Sighting): Plan {
  return refuse(
    "FLINK_UPGRADE_NEEDS_STRATEGY",
    `Job ${job.jobId} was started by an update that was cut off, and another one is asked for, but upgradeStrategy is NONE. ` +
      "Nothing was changed. Run that update again first; or suspend or cancel the deployment, or choose STATEFUL or STATELESS.",
  );
}

function upgradeBySavepoint(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const { policy } = input.desired;
  if (sighting.job.status === "CANCELLING") {
    const waited =
      redeploySource(input.record, input.desired, situation) ??
      restoreAfterCancel(input.record, input.desired, situation);
    return begin(input, situation, [{ kind: "awaitEnd", job: reference(sighting) }], waited);
  }
  const withoutSavepoint = policy.fallback === "LATEST_STATE" ? "CANCEL_ON_CHECKPOINT" : "REFUSE";
  const nowhere = savepointProblem(input, sighting, withoutSavepoint);
  if (nowhere !== undefined) return { kind: "refused", refusal: nowhere };
  const stop = stopStep(input, sighting, "upgrade", withoutSavepoint);
  const restore: RestoreSource =
    redeploySource(input.record, input.desired, situation) ??
    (policy.restoreStrategy === "NONE" ? { kind: "empty", why: "restoreStrategy is NONE" } : { kind: "stop" });
  const { maxStateAgeMs } = restore.kind === "stop" ? policy : {};
  return begin(input, situation, [maxStateAgeMs === undefined ? stop : { ...stop, maxStateAgeMs }], restore);
}

function upgradeByCancel(input: PlanInput, situation: Situation, sighting: Sighting): Plan {
  const restore = restoreAfterCancel(input.record, input.desired, situation);
  const refusal = restore.kind === "lastState" ? cancelWouldLoseState(sighting) : undefined;
  if (refusal !== undefined) return { kind: "refused", refusal };
  const end: Step =
    sighting.job.status === "CANCELLING"
      ? { kind: "awaitEnd", job: reference(sighting) }
      : { kind: "cancel", job: reference(sighting), purpose: "upgrade" };
  return begin(input, situation, [end], restore);
}

/** No job is active: start it, again or for the first time, from the state that the restore strategy names. */
function restart(input: PlanInput, situation: Situation): Plan {
  return start(input, situation, restoreOf(input, situation));
}

function restoreOf(input: PlanInput, situation: Situation): RestoreSource {
  const decide = input.record?.applied === undefined ? restoreOnCreate : restoreAfterEnd;
  return decide(input.record, input.desired, situation);
}

function afterFinished(input: PlanInput, situation: Situation, changed: boolean): Plan {
  if (!changed) {
    return settle(input.record?.state === "FINISHED" ? "alreadyThere" : "finished");
  }
  if (input.record?.applied === undefined) return restart(input, situation);
  if (waits(input)) return upgradeWaits("the job has FINISHED");
  if (situation.jobChanged) return restart(input, situation);
  return rest(input, situation, "nothingRuns");
}

function afterMissing(
  input: PlanInput,
  situation: Situation,
  current: Extract<CurrentJob, { kind: "missing" }>,
  changed: boolean,
): Plan {
  const redeploy = redeploySource(input.record, input.desired, situation);
  if (redeploy !== undefined) return start(input, situation, redeploy);
  const { upgradeStrategy, restoreStrategy } = input.desired.policy;
  const isAtRest = input.record?.transition === undefined;
  // Without a JobManager nothing can be started anyhow: that is what its user is to mend first.
  const canAnswer = targetOf(input.observation).kind === "reachable";
  // What it has completed since its newest snapshot that is known, nobody knows: no older one is taken unasked.
  switch (upgradeStrategy) {
    case "STATELESS":
      return restart(input, situation);
    case "NONE":
      if (changed && isAtRest) return upgradeWaits(`Flink does not know job ${current.jobId}`);
      break;
    case "STATEFUL":
      break;
  }
  return !changed && isAtRest && (restoreStrategy === "NONE" || !canAnswer)
    ? restart(input, situation)
    : refuseMissing(input, current.jobId, changed ? "The upgrade" : "The start");
}

/** Nothing could be asked of Flink (preview only): the plan is made as if the recorded job were up. */
function fromRecord(input: PlanInput, situation: Situation, changed: boolean): Plan {
  const applied = input.record?.applied;
  if (applied === undefined || !changed) return settle("alreadyThere");
  return upgrade(input, situation, {
    where: situation.placementChanged ? "current" : "target",
    job: {
      jobId: applied.jobId,
      generation: applied.generation,
      attempt: applied.attempt,
      digest: applied.digest,
      status: "RUNNING",
      up: true,
      startTime: applied.startedAt,
      endedByStop: false,
      completedCheckpoints: 0,
      retainsCheckpoints: true,
    },
  });
}

function start(input: PlanInput, situation: Situation, restore: RestoreSource): Plan {
  return begin(input, situation, [], restore);
}

/** Everything that can fail is prepared before anything stops; then the old job ends and the new one starts. */
function begin(input: PlanInput, situation: Situation, end: readonly Step[], restore: RestoreSource): Plan {
  const { desired, observation } = input;
  const target = targetOf(observation);
  if (target.kind === "unreachable" || target.kind === "gone") {
    const reason = target.kind === "gone" ? "its JobManager does not run" : target.reason;
    return refuseUnreachable({ kind: "unreachable", which: "target", reason }, input);
  }
  if (restore.kind === "none") return refuse("FLINK_NO_STATE", noStateText());
  const tooOld = ageProblem(input, situation, restore);
  if (tooOld !== undefined) return { kind: "refused", refusal: tooOld };
  const name = clusterName(desired.cluster);
  const refusal = startProblem(input, situation, restore, name);
  if (refusal !== undefined) return { kind: "refused", refusal };
  const rollback = rollbackPossibility(input, situation);
  const { healthCheck } = desired.policy;
  const id = firstJobId(input, situation);
  return steps(
    [
      ...uploadSteps(input, name),
      ...end,
      { kind: "start", ...situation.next, ...id, restore, cluster: name, healthCheck, rollback },
      ...cleanUpSteps(input),
    ],
    [...startWarnings(input, end, restore, rollback), ...ageWarnings(input, situation, end)],
  );
}

/** The id that the first attempt will have; a preview may not know all that it is made of. */
function firstJobId({ desired }: PlanInput, { next }: Situation): { jobId?: string } {
  const { job, uid } = desired;
  if (job.kind === "unknown" || isUnknown(uid)) return {};
  return { jobId: deriveJobId(uid, { ...next, digest: job.digest }) };
}

function clusterName(cluster: DesiredCluster): string {
  switch (cluster.kind) {
    case "known":
      return cluster.identity.name;
    case "unknown":
      return "the new cluster";
    case "none":
      return "no cluster";
  }
}
