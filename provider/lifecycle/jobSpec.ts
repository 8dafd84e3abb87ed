import { canonicalJson, sha256Hex } from "../values/canonicalJson";

/** All that makes one job different from another: a change in any of it is an upgrade. */
export interface JobSpec {
  /** The jar's content, whatever its name and wherever it came from. */
  readonly artifactSha256: string;
  /** Absent: the jar's manifest names it. */
  readonly entryClass?: string;
  readonly mainArgs: readonly string[];
  readonly parallelism: number;
  readonly flinkConfiguration: Readonly<Record<string, string>>;
  readonly restartNonce?: string | number;
  readonly savepointRedeployNonce?: string | number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** SHA-256 (hexadecimal) that is equal for equal job specs, whatever the order of their keys. */
export function jobSpecDigest(spec: JobSpec): string {
  return sha256Hex(canonicalJson(spec));
}

/** Flink keeps a job's checkpoints, and the savepoint it has claimed, past its end only if this says so. */
export const RETENTION_KEY = "execution.checkpointing.externalized-checkpoint-retention";

/** How many parts the job's keyed state has. Flink restores none with another number. */
export const MAX_PARALLELISM_KEY = "pipeline.max-parallelism";

/** What is submitted here retains, unless its own configuration says otherwise. */
export const RETAIN = "RETAIN_ON_CANCELLATION";

/** Whether a job that fails or is cancelled leaves its checkpoints behind, as far as its configuration says. */
export function retainsState({ flinkConfiguration }: JobSpec): boolean {
  return (flinkConfiguration[RETENTION_KEY] ?? RETAIN).toUpperCase() === RETAIN;
}
