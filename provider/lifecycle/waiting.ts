import { isUnreachable, TransitionFailedError } from "./errors";
import type { FlinkJobStatus } from "./model";
import { isTerminal } from "./observation";
import type { Clock, ClusterPort, JobProgress, Reporter } from "./ports";
import { formatDuration } from "../values/duration";

/** What every wait needs. */
export interface WaitContext {
  readonly clock: Clock;
  readonly reporter: Reporter;
  /** Whether the engine asked us to stop. */
  readonly interrupted: () => boolean;
  /** How long a cluster may not answer before a wait gives up. */
  readonly unreachableTimeoutMs: number;
}

export const FIRST_POLL_MS = 50;
export const SLOWEST_POLL_MS = 2_000;

/** Thrown away by nobody: the engine wants to end, so nothing more is begun. */
export function stopIfInterrupted(context: Pick<WaitContext, "interrupted">): void {
  if (context.interrupted()) {
    throw new TransitionFailedError(
      "FLINK_INTERRUPTED",
      "The update was interrupted. What was done so far is recorded; run `pulumi up` again to go on.",
    );
  }
}

/** Repeats a request that may be repeated while the cluster does not answer, up to the user's limit. */
export async function whileUnreachable<T>(context: WaitContext, request: () => Promise<T>): Promise<T> {
  const began = context.clock.now();
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, SLOWEST_POLL_MS)) {
    stopIfInterrupted(context);
    try {
      return await request();
    } catch (error) {
      const waited = context.clock.now() - began;
      if (!isUnreachable(error) || waited + pause > context.unreachableTimeoutMs) throw error;
      context.reporter.progress(`the cluster does not answer, trying again (${formatDuration(waited)})`);
      await context.clock.sleep(pause);
    }
  }
}

/** Polls until `read` gives a value, or the limit is over (then undefined). */
export async function pollUntil<T>(
  context: WaitContext,
  timeoutMs: number | undefined,
  read: (waitedMs: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const began = context.clock.now();
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 1.5, SLOWEST_POLL_MS)) {
    const waited = context.clock.now() - began;
    const value = await whileUnreachable(context, () => read(waited));
    if (value !== undefined) return value;
    if (timeoutMs !== undefined && waited >= timeoutMs) return undefined;
    const left = timeoutMs === undefined ? pause : Math.min(pause, timeoutMs - waited);
    await context.clock.sleep(Math.max(left, 1));
  }
}

/** How a wait for a job's tasks ended. */
export type UpOutcome =
  | { readonly kind: "up" }
  | { readonly kind: "ended"; readonly status: Extract<FlinkJobStatus, "FINISHED" | "FAILED" | "CANCELED"> }
  | { readonly kind: "missing" }
  | { readonly kind: "timeout"; readonly last: JobProgress };

/** Waits until every task of a job runs, it ends, or the limit is over. */
export async function awaitUp(
  context: WaitContext,
  cluster: Pick<ClusterPort, "progress" | "failureOf">,
  jobId: string,
  timeoutMs: number,
  prefix = "",
): Promise<UpOutcome> {
  let last: JobProgress | undefined;
  const outcome = await pollUntil(context, timeoutMs, async (waited): Promise<UpOutcome | undefined> => {
    const progress = await cluster.progress(jobId);
    if (progress === undefined) return { kind: "missing" };
    last = progress;
    if (progress.status === "FINISHED" || progress.status === "FAILED" || progress.status === "CANCELED") {
      return { kind: "ended", status: progress.status };
    }
    if (progress.up) return { kind: "up" };
    // It may go on so until the limit: its user wants to know why, and need not wait for that.
    const failing = progress.status === "RESTARTING" || progress.status === "FAILING";
    const cause = failing ? await cluster.failureOf(jobId) : undefined;
    context.reporter.progress(
      `${prefix}job ${jobId} is ${progress.status}, tasks ${progress.tasksRunning}/${progress.tasksTotal} running ` +
        `(${formatDuration(waited)})${cause === undefined ? "" : `: ${cause}`}`,
    );
    return undefined;
  });
  if (outcome !== undefined) return outcome;
  return last === undefined ? { kind: "missing" } : { kind: "timeout", last };
}

/** How a wait for a job's end went; "unkept": it has ended, and its JobManager's successor would start it again. */
export type EndOutcome = "ended" | "unkept" | "active";

/**
 * Waits until a job has ended for good, or the limit is over.
 *
 * @param recoversJobs - a JobManager that dies is followed by one that starts again what has not ended for it.
 */
export async function awaitEnd(
  context: WaitContext,
  cluster: Pick<ClusterPort, "progress" | "keepsEnd">,
  jobId: string,
  timeoutMs: number,
  recoversJobs: boolean,
): Promise<EndOutcome> {
  let last: EndOutcome = "active";
  await pollUntil(context, timeoutMs, async (waited) => {
    const progress = await cluster.progress(jobId);
    last = await endOf(cluster, jobId, progress, recoversJobs);
    if (last === "ended") return last;
    context.reporter.progress(`waiting for job ${jobId} to end, it is ${progress?.status} (${formatDuration(waited)})`);
    return undefined;
  });
  return last;
}

async function endOf(
  cluster: Pick<ClusterPort, "keepsEnd">,
  jobId: string,
  progress: JobProgress | undefined,
  recoversJobs: boolean,
): Promise<EndOutcome> {
  if (progress === undefined) return "ended";
  if (!isTerminal(progress.status)) return "active";
  return !recoversJobs || (await cluster.keepsEnd(jobId)) ? "ended" : "unkept";
}
