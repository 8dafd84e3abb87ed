import { TransitionFailedError } from "./errors";
import type { StopResult } from "./ports";

/*
 * Attempts at a savepoint, whose trigger ids are derived from their number: what Flink still remembers of them tells
 * another process how far they came.
 */

/** One that Flink remembers. */
export type RememberedAttempt = { readonly attempt: number } & Exclude<StopResult, { kind: "unknown" }>;

/** How one ended. */
export type EndedAttempt = Exclude<StopResult, { kind: "inProgress" }>;

/** They are looked for in batches of as many, until a whole batch is forgotten. */
const AT_ONCE = 8;
/** Flink remembers a trigger for some minutes: nobody makes so many attempts in that time. */
const MAX_ATTEMPTS = 512;

/**
 * All attempts that Flink still remembers, the oldest first.
 *
 * @param where - the cluster, for people.
 */
export async function rememberedAttempts(
  where: string,
  resultOf: (attempt: number) => Promise<StopResult>,
): Promise<RememberedAttempt[]> {
  const remembered: RememberedAttempt[] = [];
  for (let first = 0; first < MAX_ATTEMPTS; first += AT_ONCE) {
    const attempts = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    const results = await Promise.all(attempts.map(resultOf));
    const known = results.flatMap((result, index): RememberedAttempt[] =>
      result.kind === "unknown" ? [] : [{ ...result, attempt: first + index }],
    );
    if (known.length === 0) return remembered;
    remembered.push(...known);
  }
  throw new TransitionFailedError(
    "FLINK_STATE_UNCLEAR",
    `${where} says of ${MAX_ATTEMPTS} savepoints that it knows them, more than anybody asked it for. ` +
      "Nothing was changed. Is Flink's REST API at this address?",
  );
}

/** An attempt that goes on, or has ended well, is waited for; after failed ones comes a number that Flink has not seen. */
export function firstAttempt(remembered: readonly RememberedAttempt[]): { attempt: number; inFlight: boolean } {
  const newest = remembered.at(-1);
  if (newest === undefined) return { attempt: 0, inFlight: false };
  return newest.kind === "failed"
    ? { attempt: newest.attempt + 1, inFlight: false }
    : { attempt: newest.attempt, inFlight: true };
}

export function failureText(result: EndedAttempt): string {
  switch (result.kind) {
    case "failed":
      return result.reason;
    case "unknown":
      return "Flink forgot the savepoint before it was complete (its JobManager may have restarted)";
    case "completed":
      return "the savepoint is complete";
  }
}
