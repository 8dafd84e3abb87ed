import { cancelAndWait } from "./cancel";
import { isUnreachable, TransitionFailedError } from "./errors";
import { backoffMs, memoryOf, type ExecutionContext } from "./execution";
import { deriveJobId, MAX_ATTEMPT, nextGeneration } from "./ids";
import type { JobSpec } from "./jobSpec";
import type { Policy, Snapshot } from "./model";
import type { ClusterPort } from "./ports";
import { TransitionRefusedError } from "./refusals";
import { awaitUp, stopIfInterrupted, whileUnreachable } from "./waiting";
import { jobMissingText } from "./words";
import { formatDuration } from "../values/duration";

/** One job to be brought up, by as many attempts as the limits allow. */
export interface StartRequest {
  readonly cluster: ClusterPort;
  readonly spec: JobSpec;
  readonly digest: string;
  readonly generation: number;
  readonly attempt: number;
  /** A try of an earlier process that still runs. */
  readonly existingJobId?: string;
  /** Asked when a job is submitted: a try that is gone on with needs no state. */
  readonly restoreFrom: () => Snapshot | undefined;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  readonly maxAttempts: number;
}

/** How the attempts ended. */
export type StartResult =
  | {
      readonly kind: "started";
      readonly jobId: string;
      readonly generation: number;
      readonly attempt: number;
      readonly restoredFrom?: string;
      readonly finished: boolean;
    }
  | {
      readonly kind: "failed";
      /** The generation of the last attempt. */
      readonly generation: number;
      readonly reason: string;
      readonly attempts: number;
      /** The newest state that the failed attempts completed themselves. */
      readonly ownState?: Snapshot;
      /** The last attempt had completed a checkpoint, and Flink has deleted it. */
      readonly lostState: boolean;
    };

/** Attempts of which none came up. */
export type FailedStart = Extract<StartResult, { kind: "failed" }>;

type AttemptResult =
  | { readonly kind: "up" | "finished" }
  /** Flink knows the id from an earlier life: it can't be used, and does not count. */
  | { readonly kind: "burnt" }
  | { readonly kind: "failed"; readonly reason: string };

/** Submits and waits until all tasks run. A later attempt starts from the newest state that an earlier one completed. */
export async function startJob(context: ExecutionContext, request: StartRequest): Promise<StartResult> {
  const { policy, uid } = context.desired;
  const { cluster, digest, maxAttempts } = request;
  const failures: number[] = [];
  let ownState: Snapshot | undefined;
  let existing = request.existingJobId;
  for (let number: AttemptNumber = request; ; number = after(number)) {
    stopIfInterrupted(context);
    const { generation, attempt } = number;
    const jobId = existing ?? deriveJobId(uid, { generation, attempt, digest });
    const isNew = existing === undefined;
    existing = undefined;
    const restoreFrom = isNew ? (ownState ?? request.restoreFrom()) : undefined;
    const claimMode = ownState === undefined ? request.claimMode : "NO_CLAIM";
    const progress = failures.length === 0 ? "" : `attempt ${failures.length + 1} of ${maxAttempts}: `;
    const result = await tryOnce(context, request, { jobId, restoreFrom, claimMode, isNew, progress });
    if (result.kind === "burnt") continue;
    if (result.kind !== "failed") {
      const restoredFrom = isNew ? restoreFrom?.path : await restoredFromOf(context, cluster, jobId);
      return { kind: "started", jobId, generation, attempt, restoredFrom, finished: result.kind === "finished" };
    }
    const { reason } = result;
    const left = await whileUnreachable(context, () => cluster.observeJob(jobId));
    if (left?.newestState !== undefined) {
      ownState = left.newestState;
      context.ledger.tryLeft(jobId, ownState);
    }
    context.ledger.attemptFailed(jobId, reason);
    failures.push(context.clock.now());
    const failed = { kind: "failed", generation, reason, attempts: failures.length, ownState } as const;
    // What it committed cannot be taken back, and an attempt from an older state would commit it again.
    if (left !== undefined && left.newestState === undefined && left.completedCheckpoints > 0) {
      return { ...failed, lostState: true };
    }
    const counted = countedFailures(failures, context.clock.now(), policy.jobFailureExpirationMs);
    if (counted >= maxAttempts) return { ...failed, lostState: false };
    context.reporter.progress(`start attempt ${counted} of ${maxAttempts} failed: ${reason}`);
    await context.clock.sleep(backoffMs(counted));
  }
}

interface AttemptNumber {
  readonly generation: number;
  readonly attempt: number;
}

/** Ids that Flink remembers from an earlier life may use up all attempt numbers of a generation. */
function after({ generation, attempt }: AttemptNumber): AttemptNumber {
  return attempt < MAX_ATTEMPT
    ? { generation, attempt: attempt + 1 }
    : { generation: nextGeneration(generation), attempt: 0 };
}

async function restoredFromOf(
  context: ExecutionContext,
  cluster: ClusterPort,
  jobId: string,
): Promise<string | undefined> {
  return (await whileUnreachable(context, () => cluster.observeJob(jobId)))?.restoredFrom;
}

/** Attempts older than jobFailureExpirationTime are disregarded. */
function countedFailures(failures: readonly number[], now: number, expirationMs: number | undefined): number {
  return expirationMs === undefined ? failures.length : failures.filter((time) => now - time < expirationMs).length;
}

interface Attempt {
  readonly jobId: string;
  readonly restoreFrom: Snapshot | undefined;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  readonly isNew: boolean;
  readonly progress: string;
}

async function tryOnce(context: ExecutionContext, request: StartRequest, attempt: Attempt): Promise<AttemptResult> {
  const { cluster } = request;
  const { jobId } = attempt;
  if (attempt.isNew) {
    const submitted = await submit(context, request, attempt);
    if (submitted !== undefined) return submitted;
  } else {
    context.ledger.touching(jobId, cluster.identity);
  }
  const outcome = await awaitUp(context, cluster, jobId, context.desired.policy.runningTimeoutMs, attempt.progress);
  switch (outcome.kind) {
    case "up":
      return { kind: "up" };
    case "missing":
      return { kind: "failed", reason: `Flink does not know job ${jobId} any more` };
    case "ended": {
      if (outcome.status === "FINISHED") return { kind: "finished" };
      const cause = await whileUnreachable(context, () => cluster.failureOf(jobId));
      return {
        kind: "failed",
        reason: `job ${jobId} ended ${outcome.status}${cause === undefined ? "" : `: ${cause}`}`,
      };
    }
    case "timeout": {
      const cause = await whileUnreachable(context, () => cluster.failureOf(jobId));
      const { status, tasksRunning, tasksTotal } = outcome.last;
      const because = cause === undefined ? "" : `: ${cause}`;
      const reason = `job ${jobId} was ${status} with ${tasksRunning} of ${tasksTotal} tasks running after timeouts.running`;
      await refuseToLoseState(context, cluster, jobId, `${reason}${because}`);
      await cancelAndWait(context, cluster, jobId);
      return { kind: "failed", reason: `${reason} and was cancelled${because}` };
    }
  }
}

/** A try that completed a checkpoint which Flink would delete with it is left alone: its state exists nowhere else. */
async function refuseToLoseState(
  context: ExecutionContext,
  cluster: ClusterPort,
  jobId: string,
  reason: string,
): Promise<void> {
  const job = await whileUnreachable(context, () => cluster.observeJob(jobId));
  if (job?.newestState?.origin !== "RETAINED_CHECKPOINT" || job.retainsCheckpoints !== false) return;
  throw new TransitionFailedError(
    "FLINK_JOB_START_FAILED",
    `The job did not come up: ${reason}. It has completed a checkpoint that Flink would delete with it, so it was not ` +
      "cancelled. Mend what keeps it from running and run `pulumi up` again: it is gone on with.",
  );
}

/** Submits one attempt; undefined when the job is there and is to be waited for. */
async function submit(
  context: ExecutionContext,
  request: StartRequest,
  { jobId, restoreFrom, claimMode, progress }: Attempt,
): Promise<AttemptResult | undefined> {
  const { cluster, spec, generation } = request;
  const { policy } = context.desired;
  const { tried } = context.ledger.record.transition ?? {};
  // Whether the job may be there already, by a submission of ours that was never answered.
  let unclear = tried?.jobId === jobId && tried.fate === "unclear";
  context.ledger.submitting(jobId, cluster.identity, memoryOf(context, cluster)?.jobManager);
  if (restoreFrom !== undefined) {
    context.ledger.usedSnapshot(restoreFrom);
    if (claimMode === "CLAIM") context.ledger.claiming(restoreFrom.path);
  }
  const result = await whileUnreachable(context, async () => {
    try {
      return await cluster.submit({
        jobId,
        spec,
        savepointPath: restoreFrom?.path,
        allowNonRestoredState: policy.allowNonRestoredState,
        claimMode,
        timeoutMs: policy.submissionTimeoutMs,
        onWaiting: (waited) =>
          context.reporter.progress(
            `${progress}job ${jobId} is submitted, its main method runs on the cluster (${formatDuration(waited)})`,
          ),
      });
    } catch (error) {
      // Nobody knows whether it was carried out: if the job is there, it was.
      unclear ||= isUnreachable(error);
      if (isUnreachable(error) && (await cluster.progress(jobId)) !== undefined) return { kind: "accepted" as const };
      throw error;
    }
  });
  switch (result.kind) {
    case "accepted":
      context.ledger.submitted(jobId, generation, restoreFrom?.path);
      return undefined;
    case "rejected": {
      const known = await whileUnreachable(context, () => cluster.progress(jobId));
      if (known === undefined) return { kind: "failed", reason: result.reason };
      context.ledger.submitted(jobId, generation, restoreFrom?.path);
      return undefined;
    }
    case "duplicate": {
      const known = await whileUnreachable(context, () => cluster.progress(jobId));
      if (known === undefined && unclear && upgradesKeepState(policy)) {
        const message = jobMissingText(jobId, "The start", context.ledger.record, context.clock.now());
        throw new TransitionRefusedError({ code: "FLINK_JOB_MISSING", message });
      }
      const hasFailed = known?.status === "FAILED" || known?.status === "CANCELED";
      // What a job of this very attempt has completed is newer than what it was started from.
      if (known === undefined || (hasFailed && !unclear)) return { kind: "burnt" };
      context.ledger.submitted(jobId, generation, restoreFrom?.path);
      return undefined;
    }
  }
}

/** Whether the state of an earlier submission, which ran unseen, may not be done without. */
function upgradesKeepState({ upgradeStrategy, restoreStrategy }: Policy): boolean {
  return upgradeStrategy !== "STATELESS" && restoreStrategy !== "NONE";
}

/** What a start that failed for good tells its user when nothing was brought back. */
export function startFailedError(result: FailedStart, before: Snapshot | undefined): TransitionFailedError {
  const attempts = `${result.attempts} ${result.attempts === 1 ? "attempt" : "attempts"}`;
  const failed = `The job did not come up in ${attempts}: ${result.reason}.`;
  if (result.lostState) {
    const older = result.ownState ?? before;
    const choice =
      older === undefined
        ? 'set restoreStrategy "NONE" to start empty'
        : `set initialSavepointPath to ${older.path} and change savepointRedeployNonce`;
    return new TransitionFailedError(
      "FLINK_JOB_START_FAILED",
      `${failed} It had completed a checkpoint that Flink has deleted (it was not retained), so no older state was ` +
        `started from: that would repeat what the job had committed. If that is right, ${choice}.`,
    );
  }
  if (result.ownState !== undefined) {
    const back =
      before === undefined
        ? ""
        : ` Or go back: set initialSavepointPath to ${before.path}, change savepointRedeployNonce and restore the old ` +
          "arguments: everything since that snapshot is done again.";
    return new TransitionFailedError(
      "FLINK_JOB_START_FAILED",
      `${failed} It had completed a checkpoint, so nothing was rolled back and its state is kept: ${result.ownState.path}. ` +
        `Choose: mend it and run \`pulumi up\` again: it goes on from there, and repeats only what came after that ` +
        `checkpoint.${back}`,
    );
  }
  const kept = before === undefined ? "" : ` The state is safe: ${before.path}.`;
  return new TransitionFailedError(
    "FLINK_JOB_START_FAILED",
    `${failed}${kept} No job runs now. Mend it and run \`pulumi up\` again.`,
  );
}
