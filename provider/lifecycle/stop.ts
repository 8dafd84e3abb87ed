import { abandonSetting } from "../values/abandonment";
import { counted } from "../values/counted";
import { formatDuration } from "../values/duration";
import { cancelAndWait, stateLeft, waitForEnd } from "./cancel";
import { isWithoutDirectory, ReplanNeeded, TransitionFailedError } from "./errors";
import { adoptTry, backoffMs, clusterOf, type ExecutionContext } from "./execution";
import { deriveStopTriggerId } from "./ids";
import type { JobEnd, Snapshot } from "./model";
import { isTerminal, type ObservedJob } from "./observation";
import type { ClusterPort } from "./ports";
import { TransitionRefusedError } from "./refusals";
import { isTooOld, withTime } from "./stateAge";
import type { Step } from "./steps";
import { failureText, firstAttempt, type EndedAttempt } from "./triggers";
import { awaitUp, pollUntil, stopIfInterrupted, whileUnreachable } from "./waiting";
import { stateAgeText } from "./words";

type StopStep = Extract<Step, { kind: "stop" }>;

const END_KIND: Record<StopStep["purpose"], JobEnd["kind"]> = {
  upgrade: "REPLACED",
  suspend: "SUSPENDED",
  delete: "SUSPENDED",
};

/**
 * Stops a job with a savepoint and gives that savepoint.
 *
 * The job is never cancelled before a savepoint has succeeded, unless the step allows its newest checkpoint instead.
 * The trigger ids are derived: an attempt of an earlier process is gone on with, a failed one is never asked again.
 */
export async function executeStop(context: ExecutionContext, step: StopStep): Promise<Snapshot> {
  const cluster = clusterOf(context, step.job.where);
  // A job that the record does not know is to be found again, wherever the next `up` wants to be.
  if (step.job.jobId !== context.ledger.record.applied?.jobId) {
    context.ledger.touching(step.job.jobId, cluster.identity);
  }
  const snapshot = await takeSavepoint(context, step, cluster);
  adoptTry(context, step.job.jobId);
  context.ledger.ended(step.job.jobId, { kind: END_KIND[step.purpose], snapshot });
  return snapshot;
}

async function takeSavepoint(context: ExecutionContext, step: StopStep, cluster: ClusterPort): Promise<Snapshot> {
  const { policy } = context.desired;
  const { jobId } = step.job;
  if (step.awaitUp) {
    const unhealthy = await untilUp(context, step, cluster, "before its savepoint: ");
    if (unhealthy !== undefined) return withoutSavepoint(context, step, cluster, unhealthy, "FLINK_JOB_UNHEALTHY");
  }
  let { attempt, inFlight } = firstAttempt(context.observation.stops.filter((stop) => stop.jobId === jobId));
  let reason = "";
  for (let failures = 0; failures < policy.maxSavepointCreationAttempts; attempt += 1) {
    stopIfInterrupted(context);
    const nowhere = inFlight ? undefined : await trigger(context, step, cluster, attempt);
    if (nowhere !== undefined) return withoutSavepoint(context, step, cluster, nowhere, "FLINK_SAVEPOINT_FAILED");
    inFlight = false;
    const began = context.clock.now();
    const result = await awaitResult(context, step, cluster, attempt, failures);
    const snapshot = await concluded(context, step, cluster, result, began);
    if (snapshot !== undefined) return snapshot;
    reason = failureText(result);
    failures += 1;
    context.ledger.note({
      kind: "note",
      reason: "SavepointError",
      message: `attempt ${failures} of ${policy.maxSavepointCreationAttempts}: ${reason}`,
    });
    if (failures < policy.maxSavepointCreationAttempts) {
      context.reporter.progress(
        `savepoint attempt ${failures} of ${policy.maxSavepointCreationAttempts} failed: ${reason}`,
      );
      await context.clock.sleep(backoffMs(failures));
    }
    // A declined stop makes Flink fail the job over: until it is up again every other attempt would fail, too.
    const unhealthy = await untilUp(context, step, cluster, "after its failed savepoint: ");
    if (unhealthy !== undefined) {
      return withoutSavepoint(context, step, cluster, `${reason}; now ${unhealthy}`, "FLINK_JOB_UNHEALTHY");
    }
  }
  return withoutSavepoint(context, step, cluster, reason, "FLINK_SAVEPOINT_FAILED");
}

/** Waits until the job can take a savepoint; gives the reason why it can take none within timeouts.running. */
async function untilUp(
  context: ExecutionContext,
  { job: { jobId } }: StopStep,
  cluster: ClusterPort,
  when: string,
): Promise<string | undefined> {
  const up = await awaitUp(context, cluster, jobId, context.desired.policy.runningTimeoutMs, when);
  switch (up.kind) {
    case "up":
      return undefined;
    case "ended":
    case "missing":
      throw new ReplanNeeded(`job ${jobId} has ended`);
    case "timeout":
      return `it is ${up.last.status} with ${up.last.tasksRunning} of ${up.last.tasksTotal} tasks running`;
  }
}

/** Begins a stop. Gives the reason why no savepoint can ever be taken, where the step can do without one. */
async function trigger(
  context: ExecutionContext,
  step: StopStep,
  cluster: ClusterPort,
  attempt: number,
): Promise<string | undefined> {
  const { policy, uid } = context.desired;
  context.ledger.touching(step.job.jobId, cluster.identity);
  try {
    await whileUnreachable(context, () =>
      cluster.stop(step.job.jobId, {
        triggerId: deriveStopTriggerId(uid, step.job.generation, attempt),
        targetDirectory: step.targetDirectory,
        formatType: policy.savepointFormatType,
        drain: step.drain,
      }),
    );
    return undefined;
  } catch (error) {
    if (step.withoutSavepoint === "REFUSE" || !isWithoutDirectory(error)) throw error;
    return "nothing says where savepoints go";
  }
}

async function awaitResult(
  context: ExecutionContext,
  step: StopStep,
  cluster: ClusterPort,
  attempt: number,
  failures: number,
): Promise<EndedAttempt> {
  const { policy, uid } = context.desired;
  const triggerId = deriveStopTriggerId(uid, step.job.generation, attempt);
  const attempts = failures === 0 ? "" : `, attempt ${failures + 1} of ${policy.maxSavepointCreationAttempts}`;
  const result = await pollUntil(
    context,
    policy.savepointTimeoutMs,
    async (waited): Promise<EndedAttempt | undefined> => {
      const seen = await cluster.stopResult(step.job.jobId, triggerId);
      if (seen.kind !== "inProgress") return seen;
      context.reporter.progress(`savepoint of job ${step.job.jobId} in progress ${formatDuration(waited)}${attempts}`);
      return undefined;
    },
  );
  if (result !== undefined) return result;
  throw new TransitionFailedError(
    "FLINK_SAVEPOINT_FAILED",
    `The savepoint of job ${step.job.jobId} is still in progress after timeouts.savepoint ` +
      `(${formatDuration(policy.savepointTimeoutMs ?? 0)}). The job was not stopped by us, and Flink may still finish it. ` +
      "Run `pulumi up` again to go on with this savepoint, or raise timeouts.savepoint.",
  );
}

/** The savepoint, if the attempt succeeded and the job has ended; undefined when the job goes on and may be asked again. */
async function concluded(
  context: ExecutionContext,
  step: StopStep,
  cluster: ClusterPort,
  result: EndedAttempt,
  began: number,
): Promise<Snapshot | undefined> {
  const { jobId } = step.job;
  if (result.kind === "completed") {
    const savepoint = ourSavepoint(context, step, result.path, began);
    // Whatever interrupts the wait for the job's end: it is in the record.
    context.ledger.addSnapshot(savepoint);
    await waitForEnd(context, cluster, jobId);
    return savepoint;
  }
  const job = await whileUnreachable(context, () => cluster.observeJob(jobId));
  if (job === undefined || isTerminal(job.status)) {
    await waitForEnd(context, cluster, jobId);
    // Without the result of our trigger nobody knows whose savepoint it is.
    if (job?.endedByStop === true && job.newestSavepoint !== undefined) return job.newestSavepoint;
    // The savepoint is whole although the job then failed to stop. What the job completed after it is newer.
    if (result.kind === "failed" && result.path !== undefined) {
      const newest = job?.newestState;
      return newest !== undefined && newest.path !== result.path
        ? newest
        : ourSavepoint(context, step, result.path, began);
    }
    throw new ReplanNeeded(`job ${jobId} ended while it was being stopped`);
  }
  return undefined;
}

function originOf(step: StopStep): Snapshot["origin"] {
  return step.purpose === "upgrade" ? "UPGRADE" : "SUSPEND";
}

function ourSavepoint(context: ExecutionContext, step: StopStep, path: string, time: number): Snapshot {
  return { path, time: Math.max(time, 0) || context.clock.now(), origin: originOf(step), jobId: step.job.jobId };
}

/** What a job that has completed nothing was started from is its newest state still. */
function stateBefore({ completedCheckpoints, restoredFrom }: ObservedJob): Snapshot | undefined {
  if (restoredFrom === undefined || completedCheckpoints > 0) return undefined;
  return { path: restoredFrom, origin: "COPIED" };
}

/** What would take the savepoint's place must not be older than a job may start from. */
function refuseOldState(context: ExecutionContext, step: StopStep, state: Snapshot, reason: string): void {
  const { maxStateAgeMs } = step;
  const dated = withTime(state, context.ledger.record.snapshots);
  const now = context.clock.now();
  if (maxStateAgeMs === undefined || !isTooOld(dated, maxStateAgeMs, now)) return;
  throw new TransitionRefusedError({
    code: "FLINK_STATE_TOO_OLD",
    message:
      `Job ${step.job.jobId} can take no savepoint (${reason}). It was not stopped and keeps running as it was. ` +
      stateAgeText(dated, maxStateAgeMs, now, false),
  });
}

/** How to do without the state of a job that has none to keep. */
function withoutState({ purpose, job: { jobId } }: StopStep): string {
  switch (purpose) {
    case "upgrade":
      return 'mend the job, or set upgradeStrategy "STATELESS" with restoreStrategy "NONE" to do without its state';
    case "suspend":
      return 'mend the job, or ask for state "CANCELLED" to do without its state';
    case "delete":
      return `set onDelete "CANCEL" and run \`pulumi up\`, or give the job up: run again with ${abandonSetting([jobId])} in the environment`;
  }
}

/** The job could take no savepoint: keep its newest checkpoint where the step allows it, else leave it running. */
async function withoutSavepoint(
  context: ExecutionContext,
  step: StopStep,
  cluster: ClusterPort,
  reason: string,
  code: "FLINK_SAVEPOINT_FAILED" | "FLINK_JOB_UNHEALTHY",
): Promise<Snapshot> {
  const { jobId } = step.job;
  if (step.withoutSavepoint === "REFUSE") {
    const attempts = context.desired.policy.maxSavepointCreationAttempts;
    const what =
      code === "FLINK_SAVEPOINT_FAILED"
        ? `No savepoint of job ${jobId} could be taken in ${counted(attempts, "attempt")}: ${reason}.`
        : `Job ${jobId} is not healthy (${reason}), so no savepoint of it can be taken.`;
    throw new TransitionFailedError(
      code,
      `${what} It was not stopped and keeps running as it was. Choose: mend the job and run \`pulumi up\` again; ` +
        'set upgradeStrategy.fallback "LATEST_STATE" to go on from its newest checkpoint (what came after it is done again); ' +
        `or ${step.purpose === "suspend" ? 'ask for state "CANCELLED"' : 'set upgradeStrategy "STATELESS"'}.`,
    );
  }
  const job = await whileUnreachable(context, () => cluster.observeJob(jobId));
  if (job === undefined || isTerminal(job.status)) throw new ReplanNeeded(`job ${jobId} has ended`);
  const newestState = job.newestState ?? stateBefore(job);
  if (newestState === undefined || (newestState.origin === "RETAINED_CHECKPOINT" && job.retainsCheckpoints === false)) {
    const missing =
      newestState === undefined ? "has completed no checkpoint" : "would lose its checkpoints when it is cancelled";
    throw new TransitionRefusedError({
      code: "FLINK_NO_STATE",
      message: `Job ${jobId} can take no savepoint (${reason}) and ${missing}. It was not stopped. To go on: ${withoutState(step)}.`,
    });
  }
  refuseOldState(context, step, newestState, reason);
  await cancelAndWait(context, cluster, jobId);
  const left = (await stateLeft(context, cluster, jobId)) ?? newestState;
  context.reporter.warn(`Job ${jobId} could take no savepoint (${reason}); its newest state is kept: ${left.path}`);
  return left;
}
