import type { StepOutcome } from "./doneWords";
import { clusterOf, type ExecutionContext } from "./execution";
import { RETAIN, RETENTION_KEY, retainsState, type JobSpec } from "./jobSpec";
import type { AppliedJob, Policy, Snapshot } from "./model";
import { isTerminal } from "./observation";
import { TransitionRefusedError } from "./refusals";
import type { RestoreSource } from "./restore";
import { rollBack } from "./rollback";
import { startFailedError, startJob, type FailedStart, type StartResult } from "./start";
import type { Step } from "./steps";
import { noStateText } from "./words";

type StartStep = Extract<Step, { kind: "start" }>;

/** Carries out a start, and rolls it back where it fails and that is possible. */
export async function executeStart(
  context: ExecutionContext,
  step: StartStep,
  left: Snapshot | undefined,
): Promise<NonNullable<StepOutcome["started"]>> {
  const { job, cluster, policy } = context.desired;
  if (job.kind !== "known" || cluster.kind !== "known") throw new Error("a start needs a known job on a known cluster");
  recordFailed(context);
  const old = context.ledger.record.applied;
  const before = left ?? old?.end?.snapshot;
  const restoreFrom = (): Snapshot | undefined => resolve(step.restore, left);
  const result = await startJob(context, {
    cluster: clusterOf(context, "target"),
    spec: job.spec,
    digest: job.digest,
    generation: step.generation,
    attempt: step.attempt,
    existingJobId: step.existing?.jobId,
    restoreFrom,
    // A claimed savepoint belongs to the new job: only one that was made for it may be given away.
    claimMode: left?.origin === "UPGRADE" && restoreFrom() === left ? claimModeOf(context, job.spec) : "NO_CLAIM",
    maxAttempts: policy.maxJobCreationAttempts,
    healthCheck: step.healthCheck,
  });
  if (result.kind === "started") {
    recordStarted(context, step, { ...result, job: job.spec, digest: job.digest, cluster: cluster.identity });
    return result;
  }
  const canRollBack = step.rollback.kind === "possible" && !hasCommitted(context, result, left);
  if (canRollBack && old !== undefined && before !== undefined && context.clusters.current !== undefined) {
    return rollBack(context, old, before, result);
  }
  throw startFailedError(result, before ?? context.situation.triedState?.snapshot);
}

/** Whether the new job, or a try of it before, may have committed something: the old one would do that again. */
function hasCommitted({ situation }: ExecutionContext, result: FailedStart, left: Snapshot | undefined): boolean {
  if (result.ownState !== undefined || result.lostState) return true;
  // A try that this transition stopped has its state in `left`: nothing was committed after that.
  if (left !== undefined) return false;
  return situation.triedState !== undefined || situation.tries.some(({ job }) => job.completedCheckpoints > 0);
}

type StartedJob = Extract<StartResult, { kind: "started" }> & Pick<AppliedJob, "job" | "digest" | "cluster">;

function recordStarted(
  { situation, ledger, desired, clock }: ExecutionContext,
  step: StartStep,
  started: StartedJob,
): void {
  const { jobId, generation, attempt, job, digest, cluster, restoredFrom, finished } = started;
  const used = situation.sightings
    .flatMap(({ job: seen }) => [seen.newestState, seen.newestSavepoint])
    .find((state) => state !== undefined && state.path === restoredFrom);
  if (used !== undefined) ledger.usedSnapshot(used);
  // Whether a try of an interrupted run was given its savepoint for good, that run could not tell.
  if (step.existing !== undefined && desired.policy.claimMode === "CLAIM" && restoredFrom !== undefined) {
    ledger.claiming(restoredFrom);
  }
  const applied = { jobId, generation, attempt, job, digest, cluster, restoredFrom, startedAt: clock.now() };
  ledger.started(applied, finished);
  if (finished) ledger.ended(jobId, { kind: "FINISHED" });
  ledger.reached(finished ? "FINISHED" : "RUNNING");
}

function resolve(restore: RestoreSource, left: Snapshot | undefined): Snapshot | undefined {
  switch (restore.kind) {
    case "snapshot":
      return restore.snapshot;
    case "stop":
      if (left === undefined) throw new Error("a start from the stop's savepoint needs a stop before it");
      return left;
    case "lastState":
      return left ?? resolve(restore.otherwise, left);
    case "empty":
      return undefined;
    case "none":
      throw new TransitionRefusedError({ code: "FLINK_NO_STATE", message: noStateText() });
  }
}

/** The job that a start goes on from is looked for no more, wherever its try is: what it left is written down. */
function recordFailed({ ledger, situation }: ExecutionContext): void {
  const { current } = situation;
  if (current.kind !== "failed" && current.kind !== "cancelled") return;
  const { jobId, status, newestState } = current.sighting.job;
  const { applied } = ledger.record;
  if (jobId !== applied?.jobId || applied.end !== undefined || !isTerminal(status)) return;
  ledger.ended(jobId, { kind: "FAILED", snapshot: newestState });
}

/** A job that retains nothing takes what it has claimed with it when it does not come up. */
function claimModeOf({ desired, situation, reporter }: ExecutionContext, spec: JobSpec): Policy["claimMode"] {
  const { claimMode } = desired.policy;
  const { current } = situation;
  // The old job's own code may have switched the retention off, and so may the new one's.
  const oldRetains = current.kind !== "active" || current.sighting.job.retainsCheckpoints !== false;
  if (claimMode === "NO_CLAIM" || (retainsState(spec) && oldRetains)) return claimMode;
  reporter.warn(
    "restoreStrategy.claimMode CLAIM is not followed: the job does not retain its checkpoints, so Flink would delete " +
      `the savepoint if the job does not come up. Set ${RETENTION_KEY} to ${RETAIN} in flinkConfiguration.`,
  );
  return "NO_CLAIM";
}
