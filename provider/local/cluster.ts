import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { canonicalJson, sha256Hex } from "../values/canonicalJson";
import { clusterPaths, renderConfiguration, type FlinkConfiguration } from "./configuration";
import { resolveFlink, type FlinkDistribution, type FlinkSource } from "./distribution";
import { LocalConfigurationError, LocalPrerequisiteError, LocalStartError } from "./errors";
import { findJava } from "./java";
import { readDeath } from "./death";
import { jvmArguments, launchProcess } from "./launch";
import { withDirectoryLock } from "./lock";
import { renderLog4j } from "./logging";
import { freePorts, isPortFree } from "./ports";
import { isRunning } from "./processTable";
import type { OnProgress } from "./progress";
import { answersFor } from "./readiness";
import {
  liveProcesses,
  readRecord,
  taskManagerName,
  taskManagerNumber,
  writeRecord,
  type ClusterRecord,
  type LiveProcess,
  type ProcessRecord,
} from "./record";
import { endProcesses } from "./stop";

/** A local cluster as it is wanted. */
export interface LocalClusterSpec {
  /** Absolute; created when missing. Holds configuration, logs, checkpoints and savepoints. */
  readonly directory: string;
  readonly source: FlinkSource;
  /** At least 1. */
  readonly taskManagers: number;
  /** At least 1. */
  readonly slotsPerTaskManager: number;
  readonly flinkConfiguration?: FlinkConfiguration;
  /** The REST port. Default: one that is free, and the same one again when the cluster comes back. */
  readonly restPort?: number;
}

/** A local cluster that was started. */
export interface StartedCluster {
  /** Of Flink's REST API, on the loopback interface. */
  readonly url: string;
  readonly flinkVersion: string;
  readonly processes: readonly ProcessRecord[];
}

const LOCK_TIMEOUT_MS = 120_000;
const JOB_MANAGER_TIMEOUT_MS = 90_000;
const PORT_ATTEMPTS = 5;
const POLL_MS = 100;

/** The URL of a cluster on this machine. */
export function clusterUrl(restPort: number): string {
  return `http://127.0.0.1:${restPort}`;
}

/**
 * Starts what of a local cluster does not run: all of it, or what died. What runs is kept.
 *
 * Returns when the JobManager's REST API answers; `waitUntilReady` waits for the slots. The processes outlive this one.
 * A JobManager that died comes back on the same REST port if that is free, and with new TaskManagers: the old ones
 * would notice only at their heartbeat's timeout, and their jobs are lost without it.
 *
 * @throws LocalConfigurationError when a cluster of another version or configuration runs in the directory.
 * @throws LocalStartError with the end of its log when a process dies.
 */
export async function startCluster(spec: LocalClusterSpec, onProgress?: OnProgress): Promise<StartedCluster> {
  assertSpec(spec);
  const distribution = await resolveFlink(spec.source, onProgress);
  const java = await findJava();
  return await withDirectoryLock(spec.directory, LOCK_TIMEOUT_MS, async () => {
    const recorded = await readRecord(spec.directory);
    const live = await liveProcesses(spec.directory);
    const fingerprint = fingerprintOf(spec, distribution);
    const isJobManagerLive = live.some(({ name }) => name === "jobmanager");
    if (recorded === undefined || !isJobManagerLive) {
      await endProcesses(live, { graceMs: 0 });
      return await startAll(spec, distribution, java.executable, fingerprint, recorded, onProgress);
    }
    if (recorded.fingerprint !== fingerprint) {
      throw new LocalConfigurationError(
        `A Flink ${recorded.flinkVersion} cluster with another version or configuration runs in ${spec.directory}. ` +
          "Nothing was started: stop it first, or use another directory.",
      );
    }
    const record = await startTaskManagers(spec.directory, recorded, live, spec.taskManagers, onProgress);
    await waitForJobManager(spec.directory, record);
    return started(record);
  });
}

/**
 * Starts more TaskManagers beside those that run, or, with a smaller number, ends the last ones.
 *
 * Ending one fails the tasks on it: whether the jobs fit into what remains is the caller's to know.
 *
 * @throws LocalConfigurationError when no JobManager runs in the directory.
 */
export async function scaleTaskManagers(
  directory: string,
  taskManagers: number,
  onProgress?: OnProgress,
): Promise<StartedCluster> {
  return await withDirectoryLock(directory, LOCK_TIMEOUT_MS, async () => {
    const record = await readRecord(directory);
    const live = await liveProcesses(directory);
    if (record === undefined || !live.some(({ name }) => name === "jobmanager")) {
      throw new LocalConfigurationError(`No JobManager runs in ${directory}: start the cluster, then scale it.`);
    }
    const surplus = live.filter(({ name }) => (taskManagerNumber(name) ?? 0) > taskManagers);
    await endProcesses(surplus);
    const kept = live.filter((entry) => !surplus.includes(entry));
    return started(await startTaskManagers(directory, record, kept, taskManagers, onProgress));
  });
}

function started(record: ClusterRecord): StartedCluster {
  return { url: clusterUrl(record.restPort), flinkVersion: record.flinkVersion, processes: record.processes };
}

async function startAll(
  spec: LocalClusterSpec,
  distribution: FlinkDistribution,
  java: string,
  fingerprint: string,
  recorded: ClusterRecord | undefined,
  onProgress: OnProgress | undefined,
): Promise<StartedCluster> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts(spec, recorded?.restPort);
    const rendered = renderConfiguration({ ...spec, ...ports, flinkVersion: distribution.version });
    await prepareDirectory(spec.directory, rendered);
    const planned: ClusterRecord = {
      flinkVersion: distribution.version,
      ...ports,
      slotsPerTaskManager: spec.slotsPerTaskManager,
      fingerprint,
      launch: {
        java,
        libraryDirectory: distribution.libraryDirectory,
        pluginsDirectory: distribution.pluginsDirectory,
        jobManagerArguments: jvmArguments("jobmanager", rendered.effective),
        taskManagerArguments: jvmArguments("taskmanager", rendered.effective),
      },
      processes: [],
    };
    // Written before anything is started: whatever happens next, the ports of what runs are known.
    await writeRecord(spec.directory, planned);
    onProgress?.(`starting Flink ${distribution.version}: a JobManager and ${spec.taskManagers} TaskManager(s)`);
    try {
      const jobManager = await launchProcess(spec.directory, planned.launch, "jobmanager");
      const withJobManager = { ...planned, processes: [jobManager] };
      const record = await startTaskManagers(spec.directory, withJobManager, [jobManager], spec.taskManagers);
      await waitForJobManager(spec.directory, record);
      return started(record);
    } catch (error) {
      const { isPortTaken } = await readDeath(spec.directory, "jobmanager");
      await endProcesses(await liveProcesses(spec.directory), { graceMs: 0 });
      await writeRecord(spec.directory, planned);
      if (!isPortTaken || attempt === PORT_ATTEMPTS) {
        throw error;
      }
      onProgress?.("another process took a port meanwhile: starting again on others");
    }
  }
}

async function startTaskManagers(
  directory: string,
  record: ClusterRecord,
  live: readonly LiveProcess[],
  count: number,
  onProgress?: OnProgress,
): Promise<ClusterRecord> {
  const processes: ProcessRecord[] = live.map(
    (entry) => record.processes.find(({ pid }) => pid === entry.pid) ?? entry,
  );
  for (let number = 1; number <= count; number += 1) {
    const name = taskManagerName(number);
    if (!processes.some((entry) => entry.name === name)) {
      onProgress?.(`starting ${name}`);
      processes.push(await launchProcess(directory, record.launch, name));
    }
  }
  const next = { ...record, processes };
  await writeRecord(directory, next);
  return next;
}

async function waitForJobManager(directory: string, record: ClusterRecord): Promise<void> {
  const jobManager = record.processes.find(({ name }) => name === "jobmanager");
  const deadline = Date.now() + JOB_MANAGER_TIMEOUT_MS;
  while (!(await answersFor(clusterUrl(record.restPort), directory))) {
    if (jobManager === undefined || !(await isRunning(jobManager))) {
      throw (await readDeath(directory, "jobmanager")).error;
    }
    if (Date.now() > deadline) {
      throw new LocalStartError(
        `The JobManager's REST API did not answer within ${JOB_MANAGER_TIMEOUT_MS / 1000} s. ` +
          `Its log is in ${clusterPaths(directory).log}.`,
      );
    }
    await delay(POLL_MS);
  }
}

async function choosePorts(
  spec: LocalClusterSpec,
  previous: number | undefined,
): Promise<{ restPort: number; rpcPort: number }> {
  const [first = 0, second = 0] = await freePorts(2);
  if (spec.restPort !== undefined) {
    if (!(await isPortFree(spec.restPort))) {
      throw new LocalStartError(
        `Port ${spec.restPort} of this machine is taken by another process: choose another, or leave it out.`,
      );
    }
    return { restPort: spec.restPort, rpcPort: first };
  }
  return { restPort: previous !== undefined && (await isPortFree(previous)) ? previous : second, rpcPort: first };
}

async function prepareDirectory(directory: string, rendered: { fileName: string; text: string }): Promise<void> {
  const paths = clusterPaths(directory);
  await Promise.all([paths.temporary, paths.upload].map((folder) => fs.rm(folder, { recursive: true, force: true })));
  await Promise.all(Object.values(paths).map((folder) => fs.mkdir(folder, { recursive: true, mode: 0o700 })));
  await fs.writeFile(path.join(paths.configuration, rendered.fileName), rendered.text, { mode: 0o600 });
  await fs.writeFile(path.join(paths.configuration, "log4j.properties"), renderLog4j());
}

function fingerprintOf(spec: LocalClusterSpec, { version, libraryDirectory }: FlinkDistribution): string {
  const { slotsPerTaskManager, flinkConfiguration } = spec;
  const configuration = Object.entries(flinkConfiguration ?? {})
    .map(([key, value]) => [key, String(value)])
    .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  return sha256Hex(canonicalJson({ version, libraryDirectory, slotsPerTaskManager, configuration }));
}

function assertSpec(spec: LocalClusterSpec): void {
  if (process.platform === "win32") {
    throw new LocalPrerequisiteError("Local clusters run on Linux and macOS: on Windows, use WSL.");
  }
  if (!path.isAbsolute(spec.directory) || /[:,#]/.test(spec.directory)) {
    throw new LocalConfigurationError(
      `directory "${spec.directory}" must be an absolute path without ":", "," and "#", which Flink splits paths at.`,
    );
  }
  for (const name of ["taskManagers", "slotsPerTaskManager"] as const) {
    if (!Number.isInteger(spec[name]) || spec[name] < 1) {
      throw new LocalConfigurationError(`${name} must be a whole number of at least 1, not ${spec[name]}.`);
    }
  }
}
