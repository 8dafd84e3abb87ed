import { formatDuration } from "../values/duration";
import { seldom } from "../values/seldom";
import { executeAwaitEnd, executeCancel } from "./cancel";
import { executeDispose } from "./dispose";
import { describeDone, type StepOutcome } from "./doneWords";
import { beginnings, reasonOf } from "./eventLog";
import { adoptTry, clusterOf, keepLeft, type ExecutionContext } from "./execution";
import { RETAIN, RETENTION_KEY, retainsState, type JobSpec } from "./jobSpec";
import type { DeploymentState, JobEnd, Policy, Snapshot } from "./model";
import { isTerminal } from "./observation";
import { TransitionRefusedError } from "./refusals";
import { newestKnownState, type RestoreSource } from "./restore";
import { rollBack } from "./rollback";
import { startFailedError, startJob } from "./start";
import type { Settlement, Step } from "./steps";
import { executeStop } from "./stop";
import { SLOWEST_POLL_MS, stopIfInterrupted, whileUnreachable } from "./waiting";
import { describeStep, noStateText, suspendWithoutStateText } from "./words";

/** Carries out the steps of a plan, one after another. The ledger is true after each. */
export async function execute(context: ExecutionContext, steps: readonly Step[]): Promise<void> {
  let left: Snapshot | undefined;
  if (context.situation.seenEnd !== undefined) context.ledger.recognised(context.situation.seenEnd);
  // What Flink shows now it may have forgotten by the next `up`.
  if (context.situation.triedState !== undefined) context.ledger.usedSnapshot(context.situation.triedState.snapshot);
  for (const happening of beginnings(context, steps)) context.ledger.note(happening);
  for (const [index, step] of steps.entries()) {
    // The job is as asked for by then: an interruption leaves jars and savepoints behind, and nothing else.
    if ((step.kind === "cleanUp" || step.kind === "dispose") && context.interrupted()) return;
    stopIfInterrupted(context);
    const began = context.clock.now();
    const number = steps.length === 1 ? "" : ` ${index + 1}/${steps.length}`;
    if (step.kind !== "settle") context.reporter.progress(`doing${number}: ${describeStep(step, began)}`);
    const outcome = await executeStep(context, step, left);
    left = outcome.left ?? left;
    const took = formatDuration(context.clock.now() - began);
    const done = describeDone(step, outcome, took);
    context.reporter.done(`done${number}: ${done}`);
    const reason = reasonOf(step);
    if (reason !== undefined) context.ledger.note({ kind: "note", reason, message: done });
  }
}

type Outcome = StepOutcome & { readonly left?: Snapshot };

async function executeStep(context: ExecutionContext, step: Step, left: Snapshot | undefined): Promise<Outcome> {
  const { ledger } = context;
  switch (step.kind) {
    case "upload": {
      const upload = await context.artifact();
      // It is told for each chunk, tens of thousands of times.
      const progress = seldom(
        SLOWEST_POLL_MS,
        () => context.clock.now(),
        (sent: number, total: number) =>
          context.reporter.progress(`uploading ${upload.fileName}: ${percent(sent, total)} of ${megabytes(total)}`),
      );
      await whileUnreachable(context, () => clusterOf(context, "target").upload(upload, progress));
      return {};
    }
    case "awaitEnd": {
      const snapshot = await executeAwaitEnd(context, step);
      if (context.desired.state === "CANCELLED") ledger.reached("CANCELLED");
      return { left: snapshot };
    }
    case "stop": {
      const snapshot = await executeStop(context, step);
      if (step.purpose !== "upgrade") ledger.reached("SUSPENDED");
      return { left: snapshot };
    }
    case "cancel": {
      const snapshot = await executeCancel(context, step);
      if (step.purpose === "cancel" || step.purpose === "delete") ledger.reached("CANCELLED");
      return { left: snapshot };
    }
    case "start":
      return { started: await executeStart(context, step, left) };
    case "suspendOn": {
      const snapshot = (step.afterEnd ? left : undefined) ?? step.snapshot;
      if (step.afterEnd && snapshot === undefined) {
        const why = "the job was cancelled by somebody else and left no checkpoint or savepoint";
        throw new TransitionRefusedError({ code: "FLINK_NO_STATE", message: suspendWithoutStateText(why) });
      }
      endNewest(context, { kind: "SUSPENDED", snapshot });
      ledger.reached("SUSPENDED");
      return { left: snapshot };
    }
    case "point":
      recordFinished(context);
      ledger.pointTo(step.cluster);
      ledger.reached(context.desired.state === "RUNNING" ? "FINISHED" : context.desired.state);
      return {};
    case "cleanUp":
      return { remark: await cleanUp(context, step) };
    case "dispose":
      return { disposal: await executeDispose(context, step) };
    case "settle":
      settle(context, step.what);
      // Nobody will know it any more: it may be the savepoint of a delete that was cut off.
      return step.what === "deleted" ? { left: knownState(context) } : {};
  }
}

/** Jars that stay behind do no harm: a transition that has reached its end never fails for them. */
async function cleanUp(
  context: ExecutionContext,
  step: Extract<Step, { kind: "cleanUp" }>,
): Promise<string | undefined> {
  const failures: string[] = [];
  for (const where of step.clusters) {
    try {
      await clusterOf(context, where).removeArtifacts(where === "target" ? step.keep : undefined);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (failures.length === 0) return undefined;
  const message = `Jars that nothing uses any more could not be deleted: ${failures.join("; ")}`;
  context.reporter.warn(message);
  context.ledger.note({ kind: "note", reason: "CleanupFailed", message });
  return "jars that nothing uses any more could not all be deleted";
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "100 %" : `${Math.floor((part / whole) * 100)} %`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
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

/** Writes down how the newest job ended, which may be a try that the record does not speak of yet. */
function endNewest(context: ExecutionContext, end: JobEnd): void {
  const jobId = context.situation.tries[0]?.job.jobId ?? context.ledger.record.applied?.jobId;
  if (jobId === undefined) return;
  adoptTry(context, jobId);
  context.ledger.ended(jobId, end);
}

type StartStep = Extract<Step, { kind: "start" }>;

async function executeStart(
  context: ExecutionContext,
  step: StartStep,
  left: Snapshot | undefined,
): Promise<NonNullable<StepOutcome["started"]>> {
  const { desired, ledger, clock, clusters } = context;
  const { job, cluster, policy } = desired;
  if (job.kind !== "known" || cluster.kind !== "known") throw new Error("a start needs a known job on a known cluster");
  recordFailed(context);
  const old = ledger.record.applied;
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
  if (result.kind === "failed") {
    const { tries, triedState } = context.situation;
    const committed =
      result.ownState !== undefined ||
      result.lostState ||
      // A try that this transition stopped has its state in `left`: nothing was committed after that.
      (left === undefined &&
        (triedState !== undefined || tries.some(({ job: tried }) => tried.completedCheckpoints > 0)));
    const canRollBack = step.rollback.kind === "possible" && !committed;
    if (canRollBack && old !== undefined && before !== undefined && clusters.current !== undefined) {
      return rollBack(context, old, before, result);
    }
    throw startFailedError(result, before ?? context.situation.triedState?.snapshot);
  }
  const used = context.situation.sightings
    .flatMap(({ job: seen }) => [seen.newestState, seen.newestSavepoint])
    .find((state) => state !== undefined && state.path === result.restoredFrom);
  if (used !== undefined) ledger.usedSnapshot(used);
  // Whether a try of an interrupted run was given its savepoint for good, that run could not tell.
  if (step.existing !== undefined && policy.claimMode === "CLAIM" && result.restoredFrom !== undefined) {
    ledger.claiming(result.restoredFrom);
  }
  const applied = {
    jobId: result.jobId,
    generation: result.generation,
    attempt: result.attempt,
    job: job.spec,
    digest: job.digest,
    cluster: cluster.identity,
    restoredFrom: result.restoredFrom,
    startedAt: clock.now(),
  };
  ledger.started(applied, result.finished);
  if (result.finished) ledger.ended(result.jobId, { kind: "FINISHED" });
  ledger.reached(result.finished ? "FINISHED" : "RUNNING");
  return result;
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

/** The state of a deployment whose unfinished transition, if any, turned out to be none. */
function restingState({ ledger, desired }: ExecutionContext): DeploymentState {
  const { state, applied } = ledger.record;
  if (applied?.end?.kind === "FINISHED") return "FINISHED";
  if (state !== "FAILED" && state !== "TRANSITIONING") return state;
  return desired.state;
}

function knownState({ ledger, desired, situation }: ExecutionContext): Snapshot | undefined {
  return newestKnownState(ledger.record, desired.policy, situation, "LATEST_STATE");
}

function settle(context: ExecutionContext, what: Settlement): void {
  const { ledger, situation, observation, desired } = context;
  const { record } = ledger;
  if (observation.isSameCluster === true && desired.cluster.kind === "known") ledger.pointTo(desired.cluster.identity);
  switch (what) {
    case "upgradeWaits":
      recordFinished(context);
      keepLeft(context.ledger, context.situation);
      ledger.reached(restingState(context), "a change waits: upgradeStrategy is NONE");
      return;
    case "alreadyThere":
      ledger.reached(restingState(context));
      return;
    case "nothingRuns":
      ledger.reached(record.state);
      return;
    case "cancelledNothingRan": {
      const { current } = situation;
      const snapshot = knownState(context);
      endNewest(context, {
        kind: "CANCELLED",
        snapshot,
        unseen: current.kind === "missing" || current.kind === "unreachable",
      });
      ledger.reached("CANCELLED");
      return;
    }
    case "finished":
      recordFinished(context);
      ledger.reached("FINISHED");
      return;
    case "deleted":
      return;
  }
}

/** A bounded job that ended by itself while nobody watched: it is recorded, and never run twice. */
function recordFinished(context: ExecutionContext): void {
  const { ledger, situation } = context;
  const { current } = situation;
  if (current.kind !== "finished") return;
  const { applied } = ledger.record;
  const jobId = current.sighting?.job.jobId ?? applied?.jobId;
  if (jobId === undefined || (jobId === applied?.jobId && applied.end?.kind === "FINISHED")) return;
  adoptTry(context, jobId);
  ledger.ended(jobId, { kind: "FINISHED" });
}
