import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { buildMavenProject } from "./mavenProject";

/** The entry class that the jar's manifest names. */
export const COUNTING_ENTRY_CLASS = "pulumiflink.counting.CountingJob";

/** Another valid entry class: the same job, whose default name is `counting-other`. */
export const OTHER_ENTRY_CLASS = "pulumiflink.counting.OtherMain";

/** The main arguments of the counting job. Checkpoints, restarts and parallelism come from Flink's configuration. */
export interface CountingArguments {
  /** A local folder for the lines. The sink's state holds it: a restored job goes on in its first folder. */
  output: string;
  /** Default `counting`. */
  name?: string;
  /** Written in each line, to show which version wrote it; default `-`. */
  tag?: string;
  /** Records a second of each split; default 100; 0 is as fast as possible. */
  rate?: number;
  /** How many keys the numbers are spread over; default 3. */
  keys?: number;
  /** Source splits, whatever the parallelism; default 2. Fixed once there is state. */
  splits?: number;
  /** Ends FINISHED after so many records of each split; default never. */
  limit?: number;
  /** The uid of one more stateful operator: without it, its savepoint needs allowNonRestoredState. */
  extraOperator?: string;
  /**
   * Writes by a sink without state, which another version of Flink can always take over. Without `failAfter…` it is as
   * exact as the other: each checkpoint ends a file.
   */
  plainFiles?: boolean;
  /** main() throws, so that the submission fails. */
  mainThrows?: boolean;
  /** An operator's open() throws: the job never comes up. */
  failAtStart?: boolean;
  /** An operator's open() takes so many milliseconds. */
  slowStart?: number;
  /** Throws after so many records of one subtask and incarnation. */
  failAfter?: number;
  /**
   * Throws when so many checkpoints of one incarnation are complete. The savepoint of a stop counts, and then it is
   * complete but the job FAILED; a savepoint without a stop does not count.
   */
  failAfterCheckpoints?: number;
  /** Milliseconds that checkpoints, not savepoints, take at least. */
  slowCheckpoint?: number;
  /** Milliseconds that savepoints, not checkpoints, take at least. */
  slowSavepoint?: number;
  /**
   * Declines so many savepoints, or all with `true`. Flink then fails the job over: for a stop always, for a savepoint
   * unless `execution.checkpointing.tolerable-failed-checkpoints` allows it.
   */
  failSavepoints?: number | true;
  /** Declines every savepoint while this local file exists. */
  failSavepointsWhile?: string;
}

/** The arguments as `main(String[])` takes them. */
export function countingArguments({ output, ...others }: CountingArguments): string[] {
  const rest = Object.entries(others).flatMap(([name, value]: [string, string | number | boolean | undefined]) =>
    value === undefined ? [] : [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value)],
  );
  return ["--output", pathToFileURL(output).href, ...rest];
}

/** The jar of the counting job, which runs on Flink 1.20 and 2.x. */
export async function buildCountingJob(): Promise<string> {
  return path.join(await buildMavenProject("counting"), "counting.jar");
}

/** One line of the counting job. */
export interface CountedLine {
  split: number;
  /** From 0 in each split. */
  sequence: number;
  key: string;
  /** From 1 for each key. */
  count: number;
  tag: string;
}

/** What one version wrote. */
export interface TagRange {
  records: number;
  /** For each split the lowest and the highest sequence number of this version. */
  splits: Record<number, { first: number; last: number }>;
}

/** The lines in committed files, in no order; none if the folder does not exist. */
export async function readCounts(outputDirectory: string): Promise<CountedLine[]> {
  const names = await fs.readdir(outputDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  // What is not committed has a name that begins with a dot.
  const committed = names.filter((name) => name.startsWith("part-"));
  const texts = await Promise.all(committed.map((name) => fs.readFile(path.join(outputDirectory, name), "utf8")));
  return texts.flatMap((text) => text.split("\n").filter((line) => line !== "")).map(parseLine);
}

function parseLine(text: string): CountedLine {
  const match = /^(\d+),(\d+),([^,]+),(\d+),([^,]*)$/.exec(text);
  if (match === null) {
    throw new Error(`This is no line of the counting job: ${text}`);
  }
  const [, split, sequence, key = "", count, tag = ""] = match;
  return { split: Number(split), sequence: Number(sequence), key, count: Number(count), tag };
}

/** What of the lines is right although it is not continuous. */
interface Tolerated {
  /** A version may have written a number again: Flink itself went back with it. */
  readonly repeats: boolean;
}

const NOTHING: Tolerated = { repeats: false };

/** Every number that is lost or doubled, in words; empty when there is none. */
export function findDiscontinuities(lines: readonly CountedLine[], tolerated: Tolerated = NOTHING): string[] {
  return [
    ...describe(lines, (line) => [`split ${line.split}: sequence number`, line.sequence], 0, tolerated),
    ...describe(lines, (line) => [`key ${line.key}: count`, line.count], 1, tolerated),
  ];
}

function describe(
  lines: readonly CountedLine[],
  numberOf: (line: CountedLine) => [series: string, value: number],
  first: number,
  { repeats }: Tolerated,
): string[] {
  const series = new Map<string, Map<number, string[]>>();
  for (const line of lines) {
    const [name, value] = numberOf(line);
    const values = series.get(name) ?? new Map<number, string[]>();
    series.set(name, values.set(value, [...(values.get(value) ?? []), line.tag]));
  }
  return [...series].flatMap(([name, values]) => {
    const problems: string[] = [];
    const last = Math.max(...values.keys());
    for (let value = first; value <= last; value++) {
      const tags = values.get(value) ?? [];
      if (tags.length === 0) problems.push(`${name} ${value} is lost`);
      const isRepeated = tags.length > 1 && !(repeats && new Set(tags).size === 1);
      if (isRepeated) problems.push(`${name} ${value} is there ${tags.length} times (tags ${tags.join(", ")})`);
    }
    return problems;
  });
}

/**
 * Throws unless the sequence numbers of each split and the counts of each key have no gap and no double, or if there is
 * no line at all. At a parallelism above 1 the subtasks commit one after the other: while the job runs, wait until
 * {@link findDiscontinuities} is empty instead.
 *
 * @returns for each tag what it wrote.
 */
export function assertContinuous(lines: readonly CountedLine[], tolerated?: Tolerated): Record<string, TagRange> {
  if (lines.length === 0) {
    throw new Error("No record has been committed");
  }
  const problems = findDiscontinuities(lines, tolerated);
  if (problems.length > 0) {
    const shown = problems.slice(0, 10).join("\n  ");
    throw new Error(`The ${lines.length} records are not continuous: ${problems.length} problems, such as\n  ${shown}`);
  }
  return rangesByTag(lines);
}

/** For each tag what it wrote, continuous or not. */
export function rangesByTag(lines: readonly CountedLine[]): Record<string, TagRange> {
  const ranges: Record<string, TagRange> = {};
  for (const { tag, split, sequence } of lines) {
    const range = (ranges[tag] ??= { records: 0, splits: {} });
    range.records++;
    const { first, last } = range.splits[split] ?? { first: sequence, last: sequence };
    range.splits[split] = { first: Math.min(first, sequence), last: Math.max(last, sequence) };
  }
  return ranges;
}

const POLL_MS = 50;

/**
 * Waits until the committed lines satisfy the predicate. Lines are committed by checkpoints, by a stop and at the end of
 * a finite job, never between.
 *
 * @returns the lines that did.
 */
export async function waitForRecords(
  outputDirectory: string,
  predicate: (lines: CountedLine[]) => boolean,
  timeoutMs = 30_000,
): Promise<CountedLine[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const lines = await readCounts(outputDirectory);
    if (predicate(lines)) {
      return lines;
    }
    if (Date.now() >= deadline) {
      const tags = Object.entries(rangesByTag(lines)).map(([tag, { records }]) => `${records} of ${tag}`);
      throw new Error(
        `After ${timeoutMs} ms the committed records are not yet as expected: ${tags.join(", ") || "there are none"}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
