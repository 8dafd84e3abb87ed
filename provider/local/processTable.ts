import * as fs from "node:fs";
import { runCommand } from "./command";

/** A process of the operating system; the start time tells it from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: only for comparing. */
  readonly startTime: string;
}

/** A process and what it was started with. */
export interface ListedProcess extends ProcessIdentity {
  readonly commandLine: string;
}

/** What an operating system says of its processes. Processes that have ended and wait to be reaped do not count. */
export interface ProcessTable {
  startTimeOf(pid: number): Promise<string | undefined>;
  /** Every process whose command line contains this text. */
  find(text: string): Promise<ListedProcess[]>;
}

/** Linux: `/proc`. */
export const procTable: ProcessTable = {
  startTimeOf: (pid) => Promise.resolve(readProcStart(pid)),
  find: (text) => {
    const found: ListedProcess[] = [];
    for (const name of fs.readdirSync("/proc")) {
      const commandLine = /^\d+$/.test(name) ? readOptional(`/proc/${name}/cmdline`) : undefined;
      if (commandLine?.includes(text) === true) {
        const startTime = readProcStart(Number(name));
        if (startTime !== undefined) {
          found.push({ pid: Number(name), startTime, commandLine: commandLine.replaceAll("\0", " ") });
        }
      }
    }
    return Promise.resolve(found);
  },
};

/** Elsewhere (macOS): `ps`. */
export const psTable: ProcessTable = {
  startTimeOf: async (pid) => (await ps(["-p", String(pid)]))[0]?.startTime,
  find: async (text) => (await ps(["-ax"])).filter(({ commandLine }) => commandLine.includes(text)),
};

/** The process table of this machine. */
export const processTable: ProcessTable = readOptional("/proc/self/stat") === undefined ? psTable : procTable;

/** Whether this very process, not a later one with its id, is there. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await processTable.startTimeOf(identity.pid)) === identity.startTime;
}

/** Sends a signal to this very process; nothing happens if it has ended. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (await isRunning(identity)) {
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
        throw error;
      }
    }
  }
}

function readProcStart(pid: number): string | undefined {
  const stat = readOptional(`/proc/${pid}/stat`);
  // The name, in parentheses, may itself have spaces and parentheses: state is the 3rd field, threads the 20th, start the 22nd.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, threads, ticks] = [fields?.[0], Number(fields?.[17]), fields?.[19]];
  if (state === undefined || ticks === undefined || hasEnded(state, threads)) {
    return undefined;
  }
  // Ticks count from the machine's start, so the start itself belongs to it.
  return `${readOptional("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}/${ticks}`;
}

/** A killed process keeps its ports and files until its last thread has ended, though its first one has. */
function hasEnded(state: string, threads: number): boolean {
  return (state === "Z" || state === "X") && threads < 2;
}

function readOptional(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined; // the process ended meanwhile
  }
}

async function ps(selection: string[]): Promise<ListedProcess[]> {
  const { output } = await runCommand(
    "ps",
    [...selection, "-ww", "-o", "pid=", "-o", "stat=", "-o", "lstart=", "-o", "command="],
    // The start time is printed in words: always in the same language and time zone.
    { env: { ...process.env, LC_ALL: "C", TZ: "UTC" } },
  );
  return output.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    const [, pid, state, startTime, commandLine] = match ?? [];
    if (pid === undefined || state === undefined || startTime === undefined || state.startsWith("Z")) {
      return [];
    }
    return [{ pid: Number(pid), startTime: startTime.replace(/\s+/g, " "), commandLine: commandLine ?? "" }];
  });
}
