import * as fs from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { clusterPaths } from "./configuration";
import { LocalStopError } from "./errors";
import { withDirectoryLock } from "./lock";
import { logFile } from "./death";
import { isRunning, signalProcess } from "./processTable";
import { liveProcesses, readRecord, writeRecord, type LiveProcess, type ProcessName } from "./record";

/** One process of a local cluster, as the operating system sees it. */
export interface ProcessStatus {
  readonly name: ProcessName;
  readonly pid: number;
  readonly state: "running" | "dead";
  readonly logFile: string;
}

/** A local cluster as it is. */
export interface InspectedCluster {
  /** Of the last start; undefined when nothing was ever started in the directory. */
  readonly url: string | undefined;
  readonly flinkVersion: string | undefined;
  readonly slotsPerTaskManager: number | undefined;
  readonly processes: readonly ProcessStatus[];
}

const LOCK_TIMEOUT_MS = 120_000;
const GRACE_MS = 10_000;
const KILL_MS = 10_000;
const POLL_MS = 50;

/** Says of every process of the cluster whether it runs. */
export async function inspectCluster(directory: string): Promise<InspectedCluster> {
  const record = await readRecord(directory);
  const live = await liveProcesses(directory);
  const dead = (record?.processes ?? []).filter((entry) => !live.some(({ pid }) => pid === entry.pid));
  const status = (state: ProcessStatus["state"]) => (entry: LiveProcess) => ({
    name: entry.name,
    pid: entry.pid,
    state,
    logFile: logFile(directory, entry.name),
  });
  const processes = [...live.map(status("running")), ...dead.map(status("dead"))];
  return {
    url: record === undefined ? undefined : `http://127.0.0.1:${record.restPort}`,
    flinkVersion: record?.flinkVersion,
    slotsPerTaskManager: record?.slotsPerTaskManager,
    processes: processes.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
  };
}

/**
 * Whether no JobManager of the cluster in this directory runs on this machine. It has no high availability: without its
 * JobManager no job of it goes on, whatever its TaskManagers still do.
 */
export async function isClusterGone(directory: string): Promise<boolean> {
  return !(await liveProcesses(directory)).some(({ name }) => name === "jobmanager");
}

/**
 * Ends every process of the cluster and removes what only they used.
 * Checkpoints, savepoints and logs stay.
 *
 * @throws LocalStopError when a process is still there after SIGKILL.
 */
export async function stopCluster(directory: string): Promise<void> {
  const exists = await fs.access(directory).then(
    () => true,
    () => false,
  );
  if (!exists) {
    await endProcesses(await liveProcesses(directory));
    return;
  }
  await withDirectoryLock(directory, LOCK_TIMEOUT_MS, async () => {
    await endProcesses(await liveProcesses(directory));
    const record = await readRecord(directory);
    if (record !== undefined) {
      await writeRecord(directory, { ...record, processes: [] });
    }
    const { temporary, upload } = clusterPaths(directory);
    await Promise.all([temporary, upload].map((folder) => fs.rm(folder, { recursive: true, force: true })));
  });
}

/** Ends processes: SIGTERM and, after the grace period, SIGKILL. */
export async function endProcesses(
  processes: readonly LiveProcess[],
  { graceMs = GRACE_MS }: { graceMs?: number } = {},
): Promise<void> {
  if (graceMs > 0) {
    await Promise.all(processes.map((entry) => signalProcess(entry, "SIGTERM")));
  }
  const stubborn = await waitForEnd(processes, graceMs);
  await Promise.all(stubborn.map((entry) => signalProcess(entry, "SIGKILL")));
  const left = await waitForEnd(stubborn, KILL_MS);
  if (left.length > 0) {
    throw new LocalStopError(
      `${left.map(({ name, pid }) => `${name} (process ${pid})`).join(", ")} did not end after SIGKILL: end it by hand, then run again.`,
    );
  }
}

async function waitForEnd(processes: readonly LiveProcess[], timeoutMs: number): Promise<LiveProcess[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const checked = await Promise.all(processes.map(async (entry) => ((await isRunning(entry)) ? [entry] : [])));
    const running = checked.flat();
    if (running.length === 0 || Date.now() >= deadline) {
      return running;
    }
    await delay(POLL_MS);
  }
}
