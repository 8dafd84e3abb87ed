import { isSameSnapshot, mayBeSameSnapshot } from "../values/snapshotPath";
import type { DeploymentRecord, Policy, Snapshot } from "./model";

/*
 * Which snapshots a deployment remembers, and which of them are to be disposed of: its own savepoints, once they are
 * outside of savepointHistory and nothing needs them.
 */

/** Savepoints that could not be disposed of are tried again with the next transition, and at some time given up. */
const MAX_UNDISPOSED = 50;

/** What may still be needed, as paths. */
export interface SnapshotUse {
  /** What the newest job was started from. */
  readonly restoredFrom?: string | undefined;
  /** What the newest job left when it ended. */
  readonly left?: string | undefined;
  /** What else has a use for it. */
  readonly others: readonly string[];
}

/** What a record says of it, and the user. */
export function useOf({ applied }: Pick<DeploymentRecord, "applied">, policy: Policy): SnapshotUse {
  const { initialSavepointPath } = policy;
  return {
    restoredFrom: applied?.restoredFrom,
    left: applied?.end?.snapshot?.path,
    others: initialSavepointPath === undefined ? [] : [initialSavepointPath],
  };
}

/** The snapshots that are outside of the limits and that nothing needs, newest first. */
export function beyondLimits(
  snapshots: readonly Snapshot[],
  use: SnapshotUse,
  { maxCount, maxAgeMs }: Policy["savepointHistory"],
  now: number,
): Snapshot[] {
  const newestSavepoint = snapshots.find(isSavepoint);
  const needed = [use.restoredFrom, use.left, newestSavepoint?.path, ...use.others].filter(
    (path) => path !== undefined,
  );
  return snapshots.filter((snapshot, index) => {
    const isOld = maxAgeMs !== undefined && snapshot.time !== undefined && now - snapshot.time > maxAgeMs;
    const isOutside = index >= maxCount || isOld;
    return index > 0 && isOutside && !needed.some((path) => mayBeSameSnapshot(path, snapshot.path));
  });
}

/** Whether this deployment has made it for itself, and has given it to nobody. */
export function isOwn({ origin, claimed }: Snapshot): boolean {
  return (origin === "UPGRADE" || origin === "SUSPEND") && claimed !== true;
}

/** The snapshots that stay in the record when a transition has ended, whichever way. */
export function remembered(record: DeploymentRecord, policy: Policy, now: number): readonly Snapshot[] {
  const { snapshots, transition } = record;
  // What an unfinished transition needs, the record does not say.
  if (transition !== undefined) return snapshots;
  const { savepointHistory } = policy;
  const beyond = beyondLimits(snapshots, useOf(record, policy), savepointHistory, now);
  const undisposed = savepointHistory.dispose ? beyond.filter(isOwn).slice(0, MAX_UNDISPOSED) : [];
  return snapshots.filter((snapshot) => !beyond.includes(snapshot) || undisposed.includes(snapshot));
}

/** Adds a snapshot as the newest. What is known of one that a job was started from is kept: Flink tells its path alone. */
export function withNewest(snapshots: readonly Snapshot[], newest: Snapshot): readonly Snapshot[] {
  const known = snapshots.find(({ path }) => isSameSnapshot(path, newest.path));
  const others = snapshots.filter((snapshot) => snapshot !== known);
  if (known === undefined) return [newest, ...others];
  const claimed = known.claimed === true ? { claimed: true as const } : {};
  // Flink tells of a savepoint, but not whose it is.
  const origin = newest.origin === "USER_REQUEST" ? known.origin : newest.origin;
  return [newest.origin === "COPIED" ? known : { ...newest, origin, ...claimed }, ...others];
}

function isSavepoint({ origin }: Snapshot): boolean {
  return origin !== "RETAINED_CHECKPOINT";
}
