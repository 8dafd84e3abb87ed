/**
 * What the program says now, by the registration's URN: the delete of a replaced registration is told only what the
 * program said when that was made.
 */
const forced = new Map<string, readonly string[]>();

/** Takes down the program's `forceCancellationOf` of this run. */
export function rememberForced(urn: string | undefined, jobIds: readonly string[]): void {
  if (urn !== undefined) forced.set(urn, jobIds);
}

/** The `forceCancellationOf` of this run; where no program ran, that of the state. */
export function forcedJobs(urn: string | undefined, stored: readonly string[]): readonly string[] {
  return (urn === undefined ? undefined : forced.get(urn)) ?? stored;
}
