import { TransitionFailedError } from "./errors";
import { clusterOf, type ExecutionContext } from "./execution";
import { nextGeneration } from "./ids";
import type { AppliedJob, Snapshot } from "./model";
import { startJob, type StartResult } from "./start";

/**
 * Brings the old job back, with its old jar and arguments, on its old cluster, from the snapshot that its end left.
 *
 * Always throws: the upgrade has failed, and the next `up` tries it again.
 */
export async function rollBack(
  context: ExecutionContext,
  old: AppliedJob,
  snapshot: Snapshot,
  failure: Extract<StartResult, { kind: "failed" }>,
): Promise<never> {
  context.reporter.progress("the new job did not come up, rolling back to the old one");
  context.ledger.note({ kind: "note", reason: "RollbackStarted", message: failure.reason });
  const back = await startJob(context, {
    cluster: clusterOf(context, "current"),
    spec: old.job,
    digest: old.digest,
    generation: nextGeneration(failure.generation),
    attempt: 0,
    restoreFrom: () => snapshot,
    claimMode: "NO_CLAIM",
    maxAttempts: context.desired.policy.maxJobCreationAttempts,
  });
  if (back.kind === "failed") {
    throw new TransitionFailedError(
      "FLINK_ROLLBACK_FAILED",
      `The new job did not come up: ${failure.reason}. Rolling back to the old job failed too: ${back.reason}. ` +
        `No job runs now. The state is safe: ${back.ownState?.path ?? snapshot.path}. Mend the job and run \`pulumi up\` again.`,
    );
  }
  context.ledger.started({
    jobId: back.jobId,
    generation: back.generation,
    attempt: back.attempt,
    job: old.job,
    digest: old.digest,
    cluster: old.cluster,
    restoredFrom: back.restoredFrom,
    startedAt: context.clock.now(),
  });
  throw new TransitionFailedError(
    "FLINK_ROLLED_BACK",
    `The new job did not come up in ${failure.attempts} ${failure.attempts === 1 ? "attempt" : "attempts"}: ` +
      `${failure.reason}. Rolled back: the old job runs again as ${back.jobId} on ${old.cluster.name}, from ` +
      `${snapshot.path}. Mend the new job and run \`pulumi up\` again.`,
  );
}
