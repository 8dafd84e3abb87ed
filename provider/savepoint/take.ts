import { backoffMs } from "../lifecycle/execution";
import { deriveSavepointTriggerId } from "../lifecycle/ids";
import { isTerminal } from "../lifecycle/observation";
import type { Clock, Reporter } from "../lifecycle/ports";
import { failureText, firstAttempt, rememberedAttempts, type EndedAttempt } from "../lifecycle/triggers";
import { awaitUp, pollUntil, stopIfInterrupted, whileUnreachable, type WaitContext } from "../lifecycle/waiting";
import { formatDuration } from "../values/duration";
import { JobNotRunningError, SavepointFailedError } from "./errors";
import type { SavepointCluster } from "./savepointCluster";

/** One savepoint of one job. */
export interface SavepointOrder {
  /** Of the Savepoint: the triggers' ids are derived from it. */
  readonly uid: string;
  readonly jobId: string;
  readonly formatType: "CANONICAL" | "NATIVE";
  readonly targetDirectory: string | undefined;
  readonly maxAttempts: number;
  /** Undefined: Flink's own checkpoint timeout decides. */
  readonly savepointTimeoutMs: number | undefined;
  readonly runningTimeoutMs: number;
}

/** What taking a savepoint needs. */
export interface TakeContext extends WaitContext {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly cluster: SavepointCluster;
}

/**
 * Takes a savepoint of a job that goes on, and gives its path.
 *
 * An attempt that an earlier process has begun is gone on with for as long as Flink remembers it.
 */
export async function takeSavepoint(context: TakeContext, order: SavepointOrder): Promise<string> {
  const { cluster } = context;
  const { uid, jobId, maxAttempts } = order;
  const remembered = await whileUnreachable(context, () =>
    rememberedAttempts(cluster.name, (attempt) => cluster.stopResult(jobId, deriveSavepointTriggerId(uid, attempt))),
  );
  let { attempt, inFlight } = firstAttempt(remembered);
  for (let failures = 0; ; attempt += 1) {
    stopIfInterrupted(context);
    if (!inFlight) {
      await untilRunning(context, order);
      await trigger(context, order, attempt);
    }
    inFlight = false;
    const result = await awaitResult(context, order, attempt, failures);
    if (result.kind === "completed") return result.path;
    failures += 1;
    const reason = failureText(result);
    if (failures >= maxAttempts) {
      throw new SavepointFailedError(
        `No savepoint of job ${jobId} could be taken in ${failures} ${failures === 1 ? "attempt" : "attempts"}: ${reason}. ` +
          "The job goes on. Mend what keeps it from that and run `pulumi up` again.",
      );
    }
    context.reporter.progress(`savepoint attempt ${failures} of ${maxAttempts} failed: ${reason}`);
    await context.clock.sleep(backoffMs(failures));
  }
}

async function trigger(
  context: TakeContext,
  { uid, jobId, targetDirectory, formatType }: SavepointOrder,
  attempt: number,
): Promise<void> {
  const triggerId = deriveSavepointTriggerId(uid, attempt);
  const request = { triggerId, formatType, ...(targetDirectory === undefined ? {} : { targetDirectory }) };
  await whileUnreachable(context, () => context.cluster.trigger(jobId, request));
}

async function awaitResult(
  context: TakeContext,
  { uid, jobId, savepointTimeoutMs, maxAttempts }: SavepointOrder,
  attempt: number,
  failures: number,
): Promise<EndedAttempt> {
  const attempts = failures === 0 ? "" : `, attempt ${failures + 1} of ${maxAttempts}`;
  const result = await pollUntil(context, savepointTimeoutMs, async (waited): Promise<EndedAttempt | undefined> => {
    const seen = await context.cluster.stopResult(jobId, deriveSavepointTriggerId(uid, attempt));
    if (seen.kind !== "inProgress") return seen;
    context.reporter.progress(`savepoint of job ${jobId} in progress ${formatDuration(waited)}${attempts}`);
    return undefined;
  });
  if (result !== undefined) return result;
  throw new SavepointFailedError(
    `The savepoint of job ${jobId} is still in progress after timeouts.savepoint ` +
      `(${formatDuration(savepointTimeoutMs ?? 0)}). The job goes on, and Flink may still finish the savepoint. ` +
      "Run `pulumi up` again to go on with it, or raise timeouts.savepoint.",
  );
}

/** A savepoint needs all tasks of the job: one that is starting or restarting is waited for. */
async function untilRunning(context: TakeContext, { jobId, runningTimeoutMs }: SavepointOrder): Promise<void> {
  const { cluster } = context;
  const outcome = await awaitUp(context, cluster, jobId, runningTimeoutMs, "before its savepoint: ");
  switch (outcome.kind) {
    case "up":
      return;
    case "missing":
      throw new JobNotRunningError(notRunningText(jobId, `${cluster.name} does not know it`));
    case "ended": {
      const cause = await whileUnreachable(context, () => cluster.failureOf(jobId));
      throw new JobNotRunningError(notRunningText(jobId, `it is ${outcome.status}${because(cause)}`));
    }
    case "timeout": {
      const { status, tasksRunning, tasksTotal } = outcome.last;
      const cause = await whileUnreachable(context, () => cluster.failureOf(jobId));
      const tasks = `it is ${status} with ${tasksRunning} of ${tasksTotal} tasks running`;
      const waited = `${tasks} after timeouts.running (${formatDuration(runningTimeoutMs)})`;
      throw new JobNotRunningError(notRunningText(jobId, `${waited}${because(cause)}`));
    }
  }
}

/** Why no savepoint can be taken of a job now; undefined: it may be RUNNING. */
export async function obstacle(cluster: SavepointCluster, jobId: string): Promise<string | undefined> {
  const progress = await cluster.progress(jobId);
  if (progress === undefined) return notRunningText(jobId, `${cluster.name} does not know it`);
  return isTerminal(progress.status) ? notRunningText(jobId, `it is ${progress.status}`) : undefined;
}

function because(cause: string | undefined): string {
  return cause === undefined ? "" : `: ${cause}`;
}

function notRunningText(jobId: string, why: string): string {
  return (
    `No savepoint can be taken of job ${jobId}: ${why}. No savepoint was taken. Bring the job up and run \`pulumi up\` ` +
    "again, or name a savepoint that is there already in adoptPath."
  );
}
