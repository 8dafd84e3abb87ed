import { counted } from "../values/counted";
import { formatDuration } from "../values/duration";
import type { HealthCheck } from "./model";
import { isTerminal } from "./observation";
import type { ClusterPort, JobHealth, JobProgress } from "./ports";
import { pollUntil, type WaitContext } from "./waiting";

/** How a health check ended. */
export type HealthOutcome =
  /** `words`: what was seen, for the line that reports the start as done. */
  | { readonly kind: "healthy"; readonly words: string }
  | { readonly kind: "finished" }
  /** `isActive`: the job still runs, or tries to. */
  | { readonly kind: "unhealthy"; readonly reason: string; readonly isActive: boolean };

/** Watches a job whose tasks all run until it has done what is asked of it, or cannot do so any more. */
export async function awaitHealthy(
  context: WaitContext,
  cluster: ClusterPort,
  jobId: string,
  check: HealthCheck,
  prefix = "",
): Promise<HealthOutcome> {
  const { timeoutMs, completedCheckpoints: wanted, maxRestarts } = check;
  const unhealthy = (why: string, isActive: boolean): HealthOutcome => ({
    kind: "unhealthy",
    reason: `the health check of job ${jobId} failed: ${why}`,
    isActive,
  });
  let last: Seen | undefined;
  const outcome = await pollUntil(context, timeoutMs, async (waited): Promise<HealthOutcome | undefined> => {
    const progress = await cluster.progress(jobId);
    const health = progress === undefined ? undefined : await cluster.health(jobId);
    if (progress === undefined || health === undefined) return unhealthy("Flink does not know the job any more", false);
    if (progress.status === "FINISHED") return { kind: "finished" };
    if (isTerminal(progress.status)) return unhealthy(`the job ended ${progress.status}`, false);
    last = { ...health, status: progress.status, up: progress.up };
    const { restarts, completedCheckpoints, takesCheckpoints } = health;
    if (maxRestarts !== undefined && restarts > maxRestarts) {
      return unhealthy(`it restarted ${counted(restarts, "time")}, and maxRestarts is ${maxRestarts}`, true);
    }
    if (wanted > 0 && !takesCheckpoints) {
      return unhealthy("it takes no checkpoints: set execution.checkpointing.interval in flinkConfiguration", true);
    }
    if (progress.up && completedCheckpoints >= wanted && (wanted > 0 || waited >= timeoutMs)) {
      return { kind: "healthy", words: seenText(health, wanted) };
    }
    context.reporter.progress(`${prefix}health check: ${progressText(health, check, waited)}`);
    return undefined;
  });
  if (outcome !== undefined) return outcome;
  const time = formatDuration(timeoutMs);
  return unhealthy(
    last === undefined ? `nothing was seen of it for ${time}` : `${lateText(last, wanted)} after ${time}`,
    true,
  );
}

type Seen = JobHealth & Pick<JobProgress, "status" | "up">;

function progressText(health: JobHealth, { completedCheckpoints: wanted, timeoutMs }: HealthCheck, ms: number): string {
  const restarts = counted(health.restarts, "restart");
  return wanted === 0
    ? `${restarts}, ${formatDuration(ms)} of ${formatDuration(timeoutMs)}`
    : `${health.completedCheckpoints} of ${counted(wanted, "checkpoint")}, ${restarts}, ${formatDuration(ms)}`;
}

function seenText({ completedCheckpoints, restarts }: JobHealth, wanted: number): string {
  const checkpoints = wanted === 0 ? "" : `${counted(completedCheckpoints, "checkpoint")}, `;
  return `${checkpoints}${counted(restarts, "restart")}`;
}

function lateText({ completedCheckpoints, restarts, status, up }: Seen, wanted: number): string {
  const checkpoints =
    wanted === 0 ? [] : [`it had completed ${completedCheckpoints} of ${counted(wanted, "checkpoint")}`];
  const tasks = up ? [] : [`it was ${status} without all its tasks running`];
  return [...checkpoints, `it had restarted ${counted(restarts, "time")}`, ...tasks].join(", ");
}
