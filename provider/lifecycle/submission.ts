import { formatDuration } from "../values/duration";
import { isUnreachable, ReplanNeeded } from "./errors";
import { memoryOf, observationOf, type ExecutionContext } from "./execution";
import { wouldRefuseAgain } from "./jobMemory";
import type { JobSpec } from "./jobSpec";
import type { Policy, Snapshot } from "./model";
import type { ClusterPort, SubmitResult } from "./ports";
import { TransitionRefusedError } from "./refusals";
import { snapshotPlaces } from "./snapshotPlaces";
import { whileUnreachable } from "./waiting";
import { jobMissingText } from "./words";

/** A timer may be over a little before the clock says so. */
const TIMER_SLACK_MS = 100;

/** A job as it is handed to a cluster. */
interface JobToSubmit {
  readonly cluster: ClusterPort;
  readonly spec: JobSpec;
  readonly generation: number;
  readonly jobId: string;
  readonly restoreFrom: Snapshot | undefined;
  readonly claimMode: "NO_CLAIM" | "CLAIM";
  readonly progress: string;
}

/** What came of it. */
type SubmissionOutcome =
  /** The job is there, and is to be waited for. */
  | { readonly kind: "there" }
  /** Flink knows the id from an earlier life: it can't be used, and does not count. */
  | { readonly kind: "burnt" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Submits a job, under its id again where the answer is lost.
 *
 * @throws {TransitionRefusedError} where the job may have run unseen.
 */
export async function submit(context: ExecutionContext, submission: JobToSubmit): Promise<SubmissionOutcome> {
  const { cluster, generation, jobId, restoreFrom, claimMode } = submission;
  const { ledger } = context;
  const { tried } = ledger.record.transition ?? {};
  const wasUnclear = tried?.jobId === jobId && tried.fate === "unclear";
  ledger.submitting(jobId, cluster.identity, memoryOf(context, cluster)?.jobManager);
  if (restoreFrom !== undefined) {
    ledger.usedSnapshot(restoreFrom);
    if (claimMode === "CLAIM") ledger.claiming(restoreFrom.path);
  }
  const { answer, unclear } = await send(context, submission, wasUnclear);
  const outcome = await outcomeOf(context, submission, answer, unclear);
  if (outcome.kind === "there") ledger.submitted(jobId, generation, restoreFrom?.path);
  return outcome;
}

/** Flink's answer, and whether the job may have been there before by a submission of ours that was never answered. */
async function send(
  context: ExecutionContext,
  { cluster, spec, jobId, restoreFrom, claimMode, progress }: JobToSubmit,
  wasUnclear: boolean,
): Promise<{ answer: SubmitResult; unclear: boolean }> {
  const { policy } = context.desired;
  let unclear = wasUnclear;
  let isSent = false;
  const answer = await whileUnreachable(context, async (): Promise<SubmitResult> => {
    if (isSent && unclear && keepsState(policy) && (await isThere(context, cluster, jobId))) {
      return { kind: "accepted" };
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
      if (!isUnreachable(error)) throw error;
      // Nobody knows whether it was carried out: if the job is there, it was.
      unclear = true;
      if (context.clock.now() - sentAt >= policy.submissionTimeoutMs - TIMER_SLACK_MS) context.ledger.overran(jobId);
      if ((await cluster.progress(jobId)) !== undefined) return { kind: "accepted" };
      throw error;
    }
  });
  return { answer, unclear };
}

async function outcomeOf(
  context: ExecutionContext,
  { cluster, jobId }: JobToSubmit,
  answer: SubmitResult,
  unclear: boolean,
): Promise<SubmissionOutcome> {
  switch (answer.kind) {
    case "accepted":
      return { kind: "there" };
    case "rejected": {
      const known = await whileUnreachable(context, () => cluster.progress(jobId));
      return known === undefined ? { kind: "failed", reason: answer.reason } : { kind: "there" };
    }
    case "duplicate": {
      const known = await whileUnreachable(context, () => cluster.progress(jobId));
      const isLost = known === undefined && unclear && keepsState(context.desired.policy);
      if (isLost) throw ranUnseen(context, cluster, jobId);
      const hasFailed = known?.status === "FAILED" || known?.status === "CANCELED";
      // What a job of this very attempt has completed is newer than what it was started from.
      return known === undefined || (hasFailed && !unclear) ? { kind: "burnt" } : { kind: "there" };
    }
  }
}

/** Flink had the job and does not show it any more: what it left is not known. */
function ranUnseen(context: ExecutionContext, cluster: ClusterPort, jobId: string): TransitionRefusedError {
  const { record } = context.ledger;
  const places = snapshotPlaces(jobId, record, context.desired, observationOf(context, cluster));
  const message = jobMissingText(jobId, "The start", { record, places }, context.clock.now());
  return new TransitionRefusedError({ code: "FLINK_JOB_MISSING", message });
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
function keepsState({ upgradeStrategy, restoreStrategy }: Policy): boolean {
  return upgradeStrategy !== "STATELESS" && restoreStrategy !== "NONE";
}
