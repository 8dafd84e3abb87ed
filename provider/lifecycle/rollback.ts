import { PulumiFlinkError } from "../errors";
import { counted } from "../values/counted";
import { isCutOff, ReplanNeeded, TransitionFailedError } from "./errors";
import { clusterOf, type ExecutionContext } from "./execution";
import { nextGeneration } from "./ids";
import type { AppliedJob, Snapshot } from "./model";
import { startJob, type FailedStart, type StartResult } from "./start";

/**
 * Brings the old job back, with its old jar and arguments, on its old cluster, from the snapshot that its end left.
 *
 * Always throws: the upgrade has failed, and the next `up` tries it again.
 */
export async function rollBack(
  context: ExecutionContext,
  old: AppliedJob,
  snapshot: Snapshot,
  failure: FailedStart,
): Promise<never> {
  context.reporter.progress("the new job did not come up, rolling back to the old one");
  context.ledger.note({ kind: "note", reason: "Rollback", message: failure.reason });
  const back = await startOldJob(context, old, snapshot, failure);
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
    `The new job did not come up in ${counted(failure.attempts, "attempt")}: ` +
      `${failure.reason}. Rolled back: the old job runs again as ${back.jobId} on ${old.cluster.name}, from ` +
      `${snapshot.path}. Mend the new job and run \`pulumi up\` again.`,
  );
}

/** What cuts it short is told together with what began it: its user needs both, and where the state is. */
async function startOldJob(
  context: ExecutionContext,
  old: AppliedJob,
  snapshot: Snapshot,
  failure: FailedStart,
): Promise<StartResult> {
  try {
    return await startJob(context, {
      cluster: clusterOf(context, "current"),
      spec: old.job,
      digest: old.digest,
      generation: nextGeneration(failure.generation),
      attempt: 0,
      restoreFrom: () => snapshot,
      claimMode: "NO_CLAIM",
      maxAttempts: context.desired.policy.maxJobCreationAttempts,
    });
  } catch (error) {
    const isLost = error instanceof ReplanNeeded;
    if (!isLost && (!(error instanceof PulumiFlinkError) || isCutOff(error))) throw error;
    throw new TransitionFailedError(
      "FLINK_ROLLBACK_FAILED",
      `The new job did not come up: ${failure.reason}. Rolling back to the old job on ${old.cluster.name} was cut short: ` +
        `${error.message}. Whether the old job runs is not known. The state is safe: ${snapshot.path}. ` +
        "Run `pulumi up` again: it looks at what runs and goes on from there.",
      { cause: error },
    );
  }
}
