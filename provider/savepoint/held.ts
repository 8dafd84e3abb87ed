import { mayBeSameSnapshot } from "../values/snapshotPath";

/** Paths that Savepoints of the program hold in this run: another one that goes may have held the same. */
const held = new Set<string>();

/** Takes down that a Savepoint which stays holds this path. */
export function rememberHeld(path: string): void {
  held.add(path);
}

/** Whether a Savepoint that stays holds what this path leads to. */
export function isHeld(path: string): boolean {
  return [...held].some((each) => mayBeSameSnapshot(each, path));
}
