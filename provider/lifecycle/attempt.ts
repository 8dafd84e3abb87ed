import { formatDuration } from "../values/duration";
import { cancelAndWait } from "./cancel";
import { isUnreachable, ReplanNeeded, TransitionFailedError } from "./errors";
import { memoryOf, observationOf, type ExecutionContext } from "./execution";
import { awaitHealthy } from "./health";
import { wouldRefuseAgain } from "./jobMemory";
import type { JobSpec } from "./jobSpec";
import type { HealthCheck, Policy, Snapshot } from "./model";
import type { ClusterPort } from "./ports";
import { TransitionRefusedError } from "./refusals";
import { snapshotPlaces } from "./snapshotPlaces";
import { awaitUp, whileUnreachable } from "./waiting";
import { jobMissingText } from "./words";

/** A timer may be over a little before the clock says so. */
const TIMER_SLACK_MS = 100;

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
  /** What each attempt must do after all its tasks run. */
  readonly healthCheck?: HealthCheck | undefined;
}

/** How one attempt ended. */
export type AttemptResult =
  /** `health`: what a health check has seen. */
  | { readonly kind: "up"; readonly health?: string }
  | { readonly kind: "finished" }
  /** Flink knows the id from an earlier life: it can't be used, and does not count. */
  | { readonly kind: "burnt" }
  | { readonly kind: "failed"; readonly reason: string };

/** One of the attempts. */
export interface Attempt {
  readonly jobId: string;
  readonly restoreFrom: Snapshot | undefined;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  readonly isNew: boolean;
  readonly progress: string;
}

/** Submits, unless the job is there already, and waits until all its tasks run and it is healthy. */
export async function tryOnce(
  context: ExecutionContext,
  request: StartRequest,
  attempt: Attempt,
): Promise<AttemptResult> {
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
      return checkHealth(context, request, attempt);
    case "missing":
      return { kind: "failed", reason: `Flink does not know job ${jobId} any more` };
    case "ended": {
      if (outcome.status === "FINISHED") return { kind: "finished" };
      const because = await causeOf(context, cluster, jobId);
      return { kind: "failed", reason: `job ${jobId} ended ${outcome.status}${because}` };
    }
    case "timeout": {
      const { status, tasksRunning, tasksTotal } = outcome.last;
      const reason = `job ${jobId} was ${status} with ${tasksRunning} of ${tasksTotal} tasks running after timeouts.running`;
      return giveUp(context, cluster, jobId, reason);
    }
  }
}

async function checkHealth(
  context: ExecutionContext,
  { cluster, healthCheck }: StartRequest,
  { jobId, progress }: Attempt,
): Promise<AttemptResult> {
  if (healthCheck === undefined) return { kind: "up" };
  const outcome = await awaitHealthy(context, cluster, jobId, healthCheck, progress);
  switch (outcome.kind) {
    case "healthy":
      return { kind: "up", health: outcome.words };
    case "finished":
      return outcome;
    case "unhealthy":
      return outcome.isActive
        ? giveUp(context, cluster, jobId, outcome.reason)
        : { kind: "failed", reason: `${outcome.reason}${await causeOf(context, cluster, jobId)}` };
  }
}

/** Cancels a job that has not become what it was to be in time. */
async function giveUp(
  context: ExecutionContext,
  cluster: ClusterPort,
  jobId: string,
  reason: string,
): Promise<AttemptResult> {
  const because = await causeOf(context, cluster, jobId);
  await refuseToLoseState(context, cluster, jobId, `${reason}${because}`);
  await cancelAndWait(context, cluster, jobId);
  return { kind: "failed", reason: `${reason} and was cancelled${because}` };
}

/** Why a job failed, as the end of a sentence. */
async function causeOf(context: ExecutionContext, cluster: ClusterPort, jobId: string): Promise<string> {
  const cause = await whileUnreachable(context, () => cluster.failureOf(jobId));
  return cause === undefined ? "" : `: ${cause}`;
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
  let isSent = false;
  const result = await whileUnreachable(context, async () => {
    if (isSent && unclear && upgradesKeepState(policy) && (await isThere(context, cluster, jobId))) {
      return { kind: "accepted" as const };
    }
    const sentAt = context.clock.now();
    try {
      isSent = true;
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
      if (isUnreachable(error) && context.clock.now() - sentAt >= policy.submissionTimeoutMs - TIMER_SLACK_MS) {
        context.ledger.overran(jobId);
      }
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
        const { record } = context.ledger;
        const places = snapshotPlaces(jobId, record, context.desired, observationOf(context, cluster));
        const message = jobMissingText(jobId, "The start", { record, places }, context.clock.now());
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

/** Looks for a job before it is submitted again, which is not done where Flink would not know that it had the job before. */
async function isThere({ ledger, clock }: ExecutionContext, cluster: ClusterPort, jobId: string): Promise<boolean> {
  const seen = await cluster.observe();
  const tried = ledger.record.transition?.tried;
  if (seen.kind !== "reachable" || tried?.jobId !== jobId) return false;
  if (seen.jobs.some((job) => job.jobId === jobId)) return true;
  if (wouldRefuseAgain(tried, seen.memory, clock.now())) return false;
  throw new ReplanNeeded(`the submission of job ${jobId} was not answered, and Flink does not show that job`);
}

/** Whether the state of an earlier submission, which ran unseen, may not be done without. */
function upgradesKeepState({ upgradeStrategy, restoreStrategy }: Policy): boolean {
  return upgradeStrategy !== "STATELESS" && restoreStrategy !== "NONE";
}
