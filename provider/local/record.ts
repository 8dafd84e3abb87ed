import * as fs from "node:fs/promises";
import * as path from "node:path";
import { sha256Hex } from "../values/canonicalJson";
import { isRunning, processTable, type ProcessIdentity } from "./processTable";

/** A process of a local cluster: the JobManager, or a TaskManager by its number, from 1. */
export type ProcessName = "jobmanager" | `taskmanager-${number}`;

/** A process that was started. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: ProcessName;
  /** A TaskManager's own ports, one of which it took: they tell it from its predecessor of the same name. */
  readonly rpcPorts?: readonly number[];
}

/** How the processes are started, as far as they have it in common. */
export interface LaunchSettings {
  readonly java: string;
  readonly libraryDirectory: string;
  readonly pluginsDirectory: string;
  readonly jobManagerArguments: readonly string[];
  readonly taskManagerArguments: readonly string[];
}

/** What `processes.json` remembers of a cluster. */
export interface ClusterRecord {
  readonly flinkVersion: string;
  readonly restPort: number;
  readonly rpcPort: number;
  readonly slotsPerTaskManager: number;
  /** A digest of what a running process cannot take on. */
  readonly fingerprint: string;
  readonly launch: LaunchSettings;
  readonly processes: readonly ProcessRecord[];
}

/** What is found of a cluster in the process table. */
export interface LiveProcess extends ProcessIdentity {
  readonly name: ProcessName;
}

/** Where the record is. */
export function recordFile(directory: string): string {
  return path.join(directory, "processes.json");
}

/** The record, undefined when there is none. */
export async function readRecord(directory: string): Promise<ClusterRecord | undefined> {
  try {
    return JSON.parse(await fs.readFile(recordFile(directory), "utf8")) as ClusterRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Replaces the record as a whole. */
export async function writeRecord(directory: string, record: ClusterRecord): Promise<void> {
  const draft = `${recordFile(directory)}.tmp`;
  await fs.writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await fs.rename(draft, recordFile(directory));
}

/**
 * What every process of the cluster in this directory carries on its command line, so that one which was started
 * by a process that died before it could write the record is found too.
 */
export function clusterMarker(directory: string): string {
  const digest = sha256Hex(path.resolve(directory)).slice(0, 16);
  return `-Dpulumi-flink.cluster=${digest}`;
}

/** The processes of the cluster that run now, recorded or not. */
export async function liveProcesses(directory: string): Promise<LiveProcess[]> {
  const listed = (await processTable.find(clusterMarker(directory))).flatMap(({ pid, startTime, commandLine }) => {
    const name = /-Dpulumi-flink\.process=(jobmanager|taskmanager-\d+)\s/.exec(commandLine)?.[1];
    return name === undefined ? [] : [{ name: name as ProcessName, pid, startTime }];
  });
  const recorded = (await readRecord(directory))?.processes ?? [];
  const unlisted = recorded.filter((entry) => !listed.some(({ pid }) => pid === entry.pid));
  const running = await Promise.all(unlisted.map(async (entry) => ((await isRunning(entry)) ? [entry] : [])));
  return [...listed, ...running.flat().map(({ name, pid, startTime }) => ({ name, pid, startTime }))];
}

/** The name of a TaskManager. */
export function taskManagerName(number: number): ProcessName {
  return `taskmanager-${number}`;
}

/** A TaskManager's number, undefined for the JobManager. */
export function taskManagerNumber(name: ProcessName): number | undefined {
  return name === "jobmanager" ? undefined : Number(name.slice("taskmanager-".length));
}
