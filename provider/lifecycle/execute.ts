import { formatDuration } from "../values/duration";
import { seldom } from "../values/seldom";
import { executeAwaitEnd, executeCancel } from "./cancel";
import { executeDispose } from "./dispose";
import { describeDone, type StepOutcome } from "./doneWords";
import { beginnings, reasonOf } from "./eventLog";
import { executeStart } from "./executeStart";
import { adoptTry, clusterOf, keepLeft, type ExecutionContext } from "./execution";
import type { DeploymentState, JobEnd, Snapshot } from "./model";
import { TransitionRefusedError } from "./refusals";
import { newestKnownState } from "./restore";
import type { Settlement, Step } from "./steps";
import { executeStop } from "./stop";
import { SLOWEST_POLL_MS, stopIfInterrupted, whileUnreachable } from "./waiting";
import { describeStep, suspendWithoutStateText } from "./words";

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

/** Writes down how the newest job ended, which may be a try that the record does not speak of yet. */
function endNewest(context: ExecutionContext, end: JobEnd): void {
  const jobId = context.situation.tries[0]?.job.jobId ?? context.ledger.record.applied?.jobId;
  if (jobId === undefined) return;
  adoptTry(context, jobId);
  context.ledger.ended(jobId, end);
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
