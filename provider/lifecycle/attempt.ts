import { cancelAndWait, waitForEnd } from "./cancel";
import { TransitionFailedError } from "./errors";
import type { ExecutionContext } from "./execution";
import { awaitHealthy } from "./health";
import type { JobSpec } from "./jobSpec";
import type { HealthCheck, Snapshot } from "./model";
import type { ClusterPort } from "./ports";
import { submit } from "./submission";
import { awaitUp, whileUnreachable } from "./waiting";

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
  const { cluster, spec, generation } = request;
  const { jobId } = attempt;
  if (attempt.isNew) {
    const submitted = await submit(context, { ...attempt, cluster, spec, generation });
    if (submitted.kind !== "there") return submitted;
  } else {
    context.ledger.touching(jobId, cluster.identity);
  }
  const outcome = await awaitUp(context, cluster, jobId, context.desired.policy.runningTimeoutMs, attempt.progress);
  switch (outcome.kind) {
    case "up":
      return checkHealth(context, request, attempt);
    case "missing":
      return { kind: "failed", reason: `Flink does not know job ${jobId} any more` };
    case "ended":
      return outcome.status === "FINISHED"
        ? { kind: "finished" }
        : endedByItself(context, cluster, jobId, `job ${jobId} ended ${outcome.status}`);
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
        : endedByItself(context, cluster, jobId, outcome.reason);
  }
}

/** What a job that did not become what it was to be, and has ended, leaves to the next attempt. */
async function endedByItself(
  context: ExecutionContext,
  cluster: ClusterPort,
  jobId: string,
  reason: string,
): Promise<AttemptResult> {
  await waitForEnd(context, cluster, jobId);
  return { kind: "failed", reason: `${reason}${await causeOf(context, cluster, jobId)}` };
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
