import { ReplanNeeded, TransitionFailedError } from "./errors";
import { adoptTry, clusterOf, memoryOf, type ExecutionContext } from "./execution";
import type { Snapshot } from "./model";
import type { ClusterPort } from "./ports";
import type { Step } from "./steps";
import { awaitEnd, whileUnreachable } from "./waiting";

/** Cancels a job and waits until it has ended. Repeating it does no harm. */
export async function cancelAndWait(context: ExecutionContext, cluster: ClusterPort, jobId: string): Promise<void> {
  context.ledger.touching(jobId, cluster.identity);
  await whileUnreachable(context, () => cluster.cancel(jobId));
  await waitForEnd(context, cluster, jobId);
}

/** Waits until a job that is ending has ended for good. */
export async function waitForEnd(context: ExecutionContext, cluster: ClusterPort, jobId: string): Promise<void> {
  const recoversJobs = memoryOf(context, cluster)?.recoversJobs === true;
  const outcome = await awaitEnd(context, cluster, jobId, context.desired.policy.cancelTimeoutMs, recoversJobs);
  if (outcome === "ended") return;
  if (outcome === "unkept") {
    throw new TransitionFailedError(
      "FLINK_CANCEL_FAILED",
      `Job ${jobId} has ended, but its cluster's high availability has not kept that within timeouts.cancel: another ` +
        "JobManager would start the job again, so no other job is started. Look at the JobManager's log and at " +
        "high-availability.storageDir, then run `pulumi up` again.",
    );
  }
  throw new TransitionFailedError(
    "FLINK_CANCEL_FAILED",
    `Job ${jobId} was asked to end and has not ended within timeouts.cancel. It may still run. ` +
      "Look at its TaskManagers' logs, then run `pulumi up` again; to give it up, name it in forceCancellationOf.",
  );
}

/** The newest state that an ended job left. What Flink does not know any more is planned anew: it is not known, rather than none. */
export async function stateLeft(
  context: ExecutionContext,
  cluster: ClusterPort,
  jobId: string,
): Promise<Snapshot | undefined> {
  const job = await whileUnreachable(context, () => cluster.observeJob(jobId));
  if (job === undefined) throw new ReplanNeeded(`Flink does not know job ${jobId} any more`);
  return job.newestState;
}

type CancelStep = Extract<Step, { kind: "cancel" }>;

/** Carries out a cancel step and gives the state that is left. */
export async function executeCancel(context: ExecutionContext, step: CancelStep): Promise<Snapshot | undefined> {
  const cluster = clusterOf(context, step.job.where);
  await cancelAndWait(context, cluster, step.job.jobId);
  const snapshot = await stateLeft(context, cluster, step.job.jobId);
  adoptTry(context, step.job.jobId);
  context.ledger.ended(step.job.jobId, { kind: step.purpose === "cancel" ? "CANCELLED" : "REPLACED", snapshot });
  return snapshot;
}

type AwaitEndStep = Extract<Step, { kind: "awaitEnd" }>;

/** Waits for a job that somebody else is cancelling and gives the state that is left. */
export async function executeAwaitEnd(context: ExecutionContext, step: AwaitEndStep): Promise<Snapshot | undefined> {
  const cluster = clusterOf(context, step.job.where);
  await waitForEnd(context, cluster, step.job.jobId);
  const snapshot = await stateLeft(context, cluster, step.job.jobId);
  const { state, policy } = context.desired;
  adoptTry(context, step.job.jobId);
  // One that somebody else cancelled and that left nothing did not end as we were told to end it.
  if (state === "CANCELLED" || policy.upgradeStrategy === "STATELESS" || snapshot !== undefined) {
    context.ledger.ended(step.job.jobId, { kind: state === "CANCELLED" ? "CANCELLED" : "REPLACED", snapshot });
  }
  return snapshot;
}
