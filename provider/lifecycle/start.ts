import { counted } from "../values/counted";
import { tryOnce, type StartRequest } from "./attempt";
import { ReplanNeeded, TransitionFailedError } from "./errors";
import { backoffMs, type ExecutionContext } from "./execution";
import { deriveJobId, MAX_ATTEMPT, nextGeneration } from "./ids";
import type { Snapshot } from "./model";
import type { ClusterPort } from "./ports";
import { stopIfInterrupted, whileUnreachable } from "./waiting";

/** How the attempts ended. */
export type StartResult =
  | {
      readonly kind: "started";
      readonly jobId: string;
      readonly generation: number;
      readonly attempt: number;
      readonly restoredFrom?: string;
      readonly finished: boolean;
      /** What its health check has seen. */
      readonly health?: string;
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

/** Submits and waits until all tasks run, and the job is healthy. A later attempt starts from the newest state that an earlier one completed. */
export async function startJob(context: ExecutionContext, request: StartRequest): Promise<StartResult> {
  const { policy, uid } = context.desired;
  const { cluster, digest, maxAttempts } = request;
  const failures: number[] = [];
  let burnt = 0;
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
    if (result.kind === "burnt") {
      burnt += 1;
      if (burnt < MOST_BURNT) continue;
      throw new TransitionFailedError("FLINK_JOB_START_FAILED", burntText(burnt, request.restoreFrom()));
    }
    if (result.kind !== "failed") {
      const restoredFrom = isNew ? restoreFrom?.path : await restoredFromOf(context, cluster, jobId);
      const started = { kind: "started", jobId, generation, attempt, restoredFrom } as const;
      return result.kind === "finished"
        ? { ...started, finished: true }
        : { ...started, finished: false, ...(result.health === undefined ? {} : { health: result.health }) };
    }
    const { reason } = result;
    const left = await whileUnreachable(context, () => cluster.observeJob(jobId));
    // What it committed nobody can tell any more: the plan says whether an older state may take its place.
    if (left === undefined && context.ledger.isAccepted(jobId)) {
      throw new ReplanNeeded(`Flink does not know job ${jobId} any more`);
    }
    if (left?.newestState !== undefined) {
      ownState = left.newestState;
      context.ledger.left(jobId, ownState);
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

/** No deployment has had so many jobs in one JobManager's life: whatever says so is not Flink, or is broken. */
const MOST_BURNT = 1_000;

function burntText(ids: number, before: Snapshot | undefined): string {
  const kept = before === undefined ? "" : ` The state is safe: ${before.path}.`;
  return (
    `The job did not come up: the cluster says of ${ids} ids, one after another, that it has had a job of that id, and ` +
    `shows none of them.${kept} No job runs now. Look at what answers there, and run \`pulumi up\` again.`
  );
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

/** What a start that failed for good tells its user when nothing was brought back. */
export function startFailedError(result: FailedStart, before: Snapshot | undefined): TransitionFailedError {
  const failed = `The job did not come up in ${counted(result.attempts, "attempt")}: ${result.reason}.`;
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
