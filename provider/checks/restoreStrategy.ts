/** Why a job cannot be allowed to drop state under this strategy, as the end of a sentence; undefined: it can. */
export function explainNonRestoredState(kind: unknown, allowNonRestoredState: unknown): string | undefined {
  return kind === "NONE" && allowNonRestoredState === true
    ? "has no meaning with kind NONE, which restores nothing; choose LATEST_STATE or LATEST_SAVEPOINT, or leave it out"
    : undefined;
}
