/** How many key groups a job's state has, and which state it can be started from. */
import { maxParallelismMismatch, parallelismTooHigh, type JavaException } from "./javaErrors";
import type { FakeSnapshot } from "./storage";

interface Rules {
  readonly parallelism: number;
  readonly configuration: Readonly<Record<string, string>>;
}

function configured({ configuration }: Rules): number | undefined {
  const set = configuration["pipeline.max-parallelism"];
  return set === undefined ? undefined : Number(set);
}

/** What is configured, else what the job was restored with, else Flink's default. */
export function maxParallelismOf(job: Rules, restored: number | undefined): number {
  if (configured(job) !== undefined) return configured(job) ?? 0;
  if (restored !== undefined) return restored;
  // Half as much again, rounded up to a power of two, within limits.
  const power = 2 ** Math.ceil(Math.log2(job.parallelism + Math.floor(job.parallelism / 2)));
  return Math.min(Math.max(power, 128), 32_768);
}

/** Why a job cannot be started from a snapshot; undefined: it can. */
export function explainMismatch(job: Rules, { maxParallelism, path }: FakeSnapshot): JavaException | undefined {
  if (maxParallelism === undefined) return undefined;
  if ((configured(job) ?? maxParallelism) !== maxParallelism) return maxParallelismMismatch(path);
  return job.parallelism > maxParallelism ? parallelismTooHigh(maxParallelism, job.parallelism) : undefined;
}
