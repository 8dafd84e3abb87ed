import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs/promises";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { startCluster, stopCluster, waitUntilReady, type FlinkConfiguration } from "../../provider/local";
import { isRunning, signalProcess } from "../../provider/local/processTable";
import { atEnd } from "./atEnd";
import { startZooKeeper } from "./zookeeper";
import { liveProcesses, recordFile, taskManagerName, type ProcessName } from "../../provider/local/record";

export { exampleJar } from "./exampleJar";

/** The Flink versions that tests run on. */
export const SUPPORTED_VERSIONS = ["1.20.0", "2.3.0"] as const;

/** What a test wants of its cluster. */
export interface RealFlinkOptions {
  readonly version: string;
  /** Default 1. */
  readonly taskManagers?: number;
  /** Default 4. */
  readonly slotsPerTaskManager?: number;
  readonly flinkConfiguration?: FlinkConfiguration;
  /** The JobManager forgets a job soon (about 1 s) after it has ended, as an old or restarted one has. Default false. */
  readonly historyless?: boolean;
  /** A restarted JobManager gets its jobs back. Default false. */
  readonly highAvailability?: boolean;
}

/** A real Flink cluster of one test, ready with all its slots. */
export interface RealFlink {
  readonly url: string;
  readonly version: string;
  readonly directory: string;
  /** Ends all processes and removes the directory. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL; returns when the process is gone. */
  killJobManager(): Promise<void>;
  /** A JobManager at the same URL, ready with all slots; without high availability it knows nothing of earlier jobs. */
  restartJobManager(): Promise<void>;
  /** SIGKILL of the TaskManager with this number, from 1. */
  killTaskManager(number: number): Promise<void>;
  /** Starts again what was killed and waits until all slots are registered. */
  restore(): Promise<void>;
  /** What the processes logged. */
  log(): Promise<string>;
}

const READY_TIMEOUT_MS = 90_000;

/** Starts real Flink in a directory of its own. Nothing of it is left when this process ends, however it ends. */
export async function startFlink(options: RealFlinkOptions): Promise<RealFlink> {
  const directory = await guardedDirectory();
  const zooKeeper = options.highAvailability === true ? await startZooKeeper(options.version) : undefined;
  const { taskManagers = 1, slotsPerTaskManager = 4 } = options;
  const spec = {
    directory,
    source: { flinkVersion: options.version },
    taskManagers,
    slotsPerTaskManager,
    flinkConfiguration: {
      // Tests end long before the second compiler would pay.
      "env.java.opts.taskmanager": "-XX:TieredStopAtLevel=1",
      ...(options.historyless === true ? { "jobstore.expiration-time": 1 } : {}),
      ...zooKeeper?.flinkConfiguration,
      ...options.flinkConfiguration,
    },
  };
  const start = async (): Promise<string> => {
    const { url } = await startCluster(spec);
    await waitUntilReady(url, taskManagers * slotsPerTaskManager, { timeoutMs: READY_TIMEOUT_MS, directory });
    return url;
  };
  const stop = async (): Promise<void> => {
    await endGuarded(directory);
    await zooKeeper?.stop();
  };
  const startAgain = async (): Promise<string> => {
    try {
      return await start();
    } catch (error) {
      if (zooKeeper === undefined) throw error;
      // Flink 1.20 and 2.3 leave half a result behind, or one beside its job's plan, and do not start with either.
      await zooKeeper.forgetResults();
      return start();
    }
  };
  const restore = async (): Promise<void> => {
    const again = await startAgain();
    if (again !== url) {
      throw new Error(`Flink came back at ${again} instead of ${url}`);
    }
  };
  const killJobManager = (): Promise<void> => kill(directory, "jobmanager");
  let url: string;
  try {
    url = await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    version: options.version,
    directory,
    stop,
    killJobManager,
    restartJobManager: async () => {
      await killJobManager();
      await restore();
    },
    killTaskManager: (number) => kill(directory, taskManagerName(number)),
    restore,
    log: async () => {
      const folder = path.join(directory, "log");
      const files = (await fs.readdir(folder)).sort();
      const logs = files.map(async (file) => `==> ${file}\n${await fs.readFile(path.join(folder, file), "utf8")}`);
      return (await Promise.all(logs)).join("\n");
    },
  };
}

/** SIGKILL of one process of the cluster in this directory; returns when it is gone. */
export async function kill(directory: string, name: ProcessName): Promise<void> {
  const victims = (await liveProcesses(directory)).filter((entry) => entry.name === name);
  if (victims.length === 0) {
    throw new Error(`${name} does not run`);
  }
  for (const victim of victims) {
    await signalProcess(victim, "SIGKILL");
    while (await isRunning(victim)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

// ---- nothing is left running, however this process ends

const directories = new Set<string>();
let watchdog: ChildProcess | undefined;

/**
 * A new directory for a local cluster, or for the incarnations of one. When this process ends, however it ends, the cluster's processes are ended and
 * the directory is removed.
 */
export async function guardedDirectory(): Promise<string> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-local-"));
  await guard(directory);
  return directory;
}

/** Ends what runs in a guarded directory or in its subfolders, and removes it. May be called twice. */
export async function endGuarded(directory: string): Promise<void> {
  const subfolders = await fs.readdir(directory, { withFileTypes: true }).catch(() => []);
  const clusters = subfolders.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(directory, name));
  await Promise.all([directory, ...clusters].map((cluster) => stopCluster(cluster)));
  await fs.rm(directory, { recursive: true, force: true });
  directories.delete(directory);
  await tellWatchdog();
}

async function guard(directory: string): Promise<void> {
  directories.add(directory);
  if (watchdog !== undefined) {
    return tellWatchdog();
  }
  // Reads the folders of the clusters, all on each line; when this process is gone, ends what runs there.
  const script = [
    "while read -r line; do last=$line; done",
    'eval "set -- $last"',
    'for directory in "$@"; do',
    `  kill -9 $(sed -n 's/^ *"pid": \\([0-9]*\\),$/\\1/p' "$directory"/processes.json "$directory"/*/processes.json)`,
    '  rm -rf "$directory"',
    "done",
  ].join("\n");
  watchdog = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  atEnd(endAll);
  await tellWatchdog();
}

/** Of the cluster in this folder, or of those in its subfolders: the incarnations of a LocalCluster. */
function pids(directory: string): number[] {
  if (!existsSync(directory)) return [];
  const subfolders = readdirSync(directory).map((name) => path.join(directory, name));
  return [directory, ...subfolders].flatMap(recordedPids);
}

function recordedPids(directory: string): number[] {
  try {
    const record = JSON.parse(readFileSync(recordFile(directory), "utf8")) as { processes: { pid: number }[] };
    return record.processes.map(({ pid }) => pid);
  } catch {
    return [];
  }
}

async function tellWatchdog(): Promise<void> {
  const line = `${[...directories].map((directory) => `'${directory}'`).join(" ")}\n`;
  await new Promise<void>((resolve) => {
    watchdog?.stdin?.write(line, () => resolve());
  });
}

function endAll(): void {
  for (const directory of directories) {
    for (const pid of pids(directory)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended already
      }
    }
    // What was killed just now may still have written a file meanwhile.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  directories.clear();
}
