import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LocalBusyError } from "./errors";
import { isRunning, processTable, type ProcessIdentity } from "./processTable";

const POLL_MS = 50;
/** Taking a dead holder's lock away is a matter of milliseconds: a claim this old was left by a process that died in it. */
const STALE_CLAIM_MS = 10_000;

/**
 * Runs a function while no other process, nor another call in this one, runs one for the same directory.
 *
 * @throws LocalBusyError when the other does not finish in time. A holder that died is noticed and does not count.
 */
export async function withDirectoryLock<T>(directory: string, timeoutMs: number, action: () => Promise<T>): Promise<T> {
  await fs.mkdir(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, "lock");
  const deadline = Date.now() + timeoutMs;
  const mine = JSON.stringify({ pid: process.pid, startTime: await processTable.startTimeOf(process.pid) });
  while (!(await tryCreate(file, mine))) {
    const holder = await readHolder(file);
    if (holder !== undefined && !(await isRunning(holder.identity))) {
      await takeAway(file, holder.text);
    } else if (Date.now() > deadline) {
      const who = holder === undefined ? "another process" : `process ${holder.identity.pid}`;
      throw new LocalBusyError(
        `The local cluster in ${directory} is being started or stopped by ${who}: wait for it, then run again.`,
      );
    } else {
      await delay(POLL_MS);
    }
  }
  try {
    return await action();
  } finally {
    await fs.rm(file, { force: true });
  }
}

/** A link is made whole or not at all: nobody reads a lock that is still being written. */
async function tryCreate(file: string, text: string): Promise<boolean> {
  const draft = `${file}-${process.pid}-${Math.random().toString(36).slice(2)}`;
  await fs.writeFile(draft, text, { mode: 0o600 });
  try {
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

async function readHolder(file: string): Promise<{ text: string; identity: ProcessIdentity } | undefined> {
  try {
    const text = await fs.readFile(file, "utf8");
    return { text, identity: JSON.parse(text) as ProcessIdentity };
  } catch {
    return undefined; // released meanwhile
  }
}

/** Removes a dead holder's lock, never the one that somebody else has made since. */
async function takeAway(file: string, text: string): Promise<void> {
  const claim = `${file}-claim`;
  if (!(await tryCreate(claim, text))) {
    const age = await fs.stat(claim).then(
      (stat) => Date.now() - stat.mtimeMs,
      () => 0,
    );
    if (age > STALE_CLAIM_MS) {
      await fs.rm(claim, { force: true });
    }
    await delay(POLL_MS);
    return;
  }
  try {
    if ((await readHolder(file))?.text === text) {
      await fs.rm(file, { force: true });
    }
  } finally {
    await fs.rm(claim, { force: true });
  }
}
