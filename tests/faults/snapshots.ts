import { existsSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The names in a folder; none where there is no such folder. */
export function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The completed snapshots among the folders in one. */
export function completedIn(folder: string): string[] {
  return list(folder)
    .map((name) => path.join(folder, name))
    .filter(isCompleted);
}

function isCompleted(snapshot: string): boolean {
  return existsSync(path.join(snapshot, "_metadata"));
}

/** The one that was completed last, as Flink names it. */
export function newestOf(snapshots: readonly string[]): string | undefined {
  const timed = snapshots.map((snapshot) => ({
    snapshot,
    time: statSync(path.join(snapshot, "_metadata")).mtimeMs,
  }));
  const newest = timed.sort((a, b) => b.time - a.time)[0];
  return newest === undefined ? undefined : pathToFileURL(newest.snapshot).href;
}

/** The completed savepoints in a folder that are named after the jobs of a deployment. */
export function savepointsIn(folder: string, jobIdPrefix: string): string[] {
  return completedIn(folder).filter((savepoint) =>
    path.basename(savepoint).startsWith(`savepoint-${jobIdPrefix.slice(0, 6)}-`),
  );
}

/** The newest snapshot that somebody finds who does what a message says: the one it names, or one in the folders it names. */
export function newestByWords(message: string, jobIdPrefix: string): string | undefined {
  const [, named] = /The newest snapshot known is \w+ (file:\S+)/.exec(message) ?? [];
  const [, checkpoints] = /(file:\S+) \(its checkpoints\)/.exec(message) ?? [];
  const [, savepoints] = /(file:\S+) \(savepoint-\w{6}-…\)/.exec(message) ?? [];
  return newestOf([
    ...(named === undefined ? [] : [localPath(named)].filter(isCompleted)),
    ...(checkpoints === undefined ? [] : completedIn(localPath(checkpoints))),
    ...(savepoints === undefined ? [] : savepointsIn(localPath(savepoints), jobIdPrefix)),
  ]);
}

export function localPath(snapshot: string): string {
  return fileURLToPath(new URL(snapshot));
}
