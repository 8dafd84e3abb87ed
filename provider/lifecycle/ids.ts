import { createHash } from "node:crypto";

/**
 * The ids that make every submission and every savepoint repeatable: both are derived, so that another process which
 * tries the same transition again names the same operation.
 *
 * A job id is 32 hexadecimal digits: 16 of the deployment's uid, 4 generation, 2 attempt, 10 of the job's specification.
 */
export interface JobIdParts {
  readonly generation: number;
  readonly attempt: number;
  /** The first ten digits of the digest of the job's specification. */
  readonly digest: string;
}

/** The highest attempt number that fits into a job id; after it comes the next generation. */
export const MAX_ATTEMPT = 0xff;

/** Generations count up to here and then begin again at 0; their order is that of a clock's hand. */
const GENERATIONS = 0x10000;

const DIGEST_LENGTH = 10;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** The generation after this one. */
export function nextGeneration(generation: number): number {
  return (generation + 1) % GENERATIONS;
}

/** Sorts submissions, newest first. */
export function newestFirst(
  a: { generation: number; attempt: number },
  b: { generation: number; attempt: number },
): number {
  const ahead = (b.generation - a.generation + GENERATIONS) % GENERATIONS;
  if (ahead === 0) return b.attempt - a.attempt;
  return ahead < GENERATIONS / 2 ? ahead : ahead - GENERATIONS;
}

/** What every job id of one deployment begins with. */
export function jobIdPrefix(uid: string): string {
  return sha256(uid).slice(0, 16);
}

/** The part of a specification's digest that a job id carries. */
export function shortDigest(digest: string): string {
  return digest.slice(0, DIGEST_LENGTH);
}

/** The id under which one attempt of one generation is submitted. */
export function deriveJobId(uid: string, parts: JobIdParts): string {
  return `${jobIdPrefix(uid)}${hex(parts.generation, 4)}${hex(parts.attempt, 2)}${shortDigest(parts.digest)}`;
}

/** Reads an id that carries this deployment's prefix; another deployment's id gives undefined. */
export function parseJobId(uid: string, jobId: string): JobIdParts | undefined {
  if (!/^[0-9a-f]{32}$/.test(jobId) || !jobId.startsWith(jobIdPrefix(uid))) return undefined;
  return {
    generation: parseInt(jobId.slice(16, 20), 16),
    attempt: parseInt(jobId.slice(20, 22), 16),
    digest: jobId.slice(22),
  };
}

/** The id of the n-th attempt at the savepoint of a Savepoint resource. */
export function deriveSavepointTriggerId(uid: string, attempt: number): string {
  return sha256(`${uid}/savepoint/${attempt}`).slice(0, 32);
}

/** The id of the n-th attempt to stop one job with a savepoint. */
export function deriveStopTriggerId(uid: string, jobGeneration: number, attempt: number): string {
  return sha256(`${uid}/${jobGeneration}/stop/${attempt}`).slice(0, 32);
}
