import * as fs from "node:fs/promises";
import * as path from "node:path";
import { clusterPaths } from "./configuration";
import { LocalStartError } from "./errors";
import type { ProcessName } from "./record";

/** What a process that died wrote about it. */
export interface Death {
  /** With the lines that say why. */
  readonly error: LocalStartError;
  /** Another process was quicker to take a port: other ports may do. */
  readonly isPortTaken: boolean;
}

const MOST_LINES = 20;

/** A process's own log, of its newest start. */
export function logFile(directory: string, name: ProcessName): string {
  return path.join(clusterPaths(directory).log, `${name}.log`);
}

/** What a process wrote to standard output and standard error. */
export function outputFile(directory: string, name: ProcessName): string {
  return path.join(clusterPaths(directory).log, `${name}.out`);
}

/** Why a process died, as far as it wrote it down. */
export async function readDeath(directory: string, name: ProcessName): Promise<Death> {
  const [log, output] = await Promise.all(
    [logFile(directory, name), outputFile(directory, name)].map((file) => fs.readFile(file, "utf8").catch(() => "")),
  );
  const lines = selectCause(log ?? "", output ?? "");
  const why = lines.length === 0 ? "It wrote no log." : `From ${logFile(directory, name)}:\n${lines.join("\n")}`;
  return {
    error: new LocalStartError(`${name} of the local Flink cluster died while it started. ${why}`),
    isPortTaken: /java\.net\.BindException/.test(log ?? ""),
  };
}

/** The lines that say why: those of Flink's own last word, or the last ones, in any case without stack frames. */
export function selectCause(log: string, output: string): string[] {
  const lines = meaningfulLines(log);
  // A dying Flink may go on for pages, with thread dumps and what its shutdown hooks no longer find.
  const verdict = lines.findIndex((line) => / ERROR .*\.(?:ClusterEntrypoint|TaskManagerRunner) /.test(line));
  if (verdict === -1) {
    return [...lines.slice(-MOST_LINES), ...meaningfulLines(output).slice(-MOST_LINES)];
  }
  const next = lines.findIndex((line, index) => index > verdict && /^\d{4}-\d\d-\d\d /.test(line));
  return lines.slice(verdict, next === -1 ? undefined : next).slice(0, MOST_LINES);
}

function meaningfulLines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "" && !/^\s+(?:at |\.\.\. \d+ more)/.test(line));
}
