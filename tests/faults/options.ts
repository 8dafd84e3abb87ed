import { parseArgs } from "node:util";

/** What the command line says. */
export interface Options {
  readonly seed: number;
  /** Only the cases whose name has all of these texts. */
  readonly only: readonly string[];
  /** Only a sample of at least so many. */
  readonly sample: number | undefined;
  /** Where the table is written. */
  readonly table: string | undefined;
  readonly flinkVersion: string;
  /** How many cases run at once. */
  readonly workers: number;
  /** Only print the names. */
  readonly list: boolean;
}

/** @throws with a sentence that names the option. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      case: { type: "string", multiple: true },
      sample: { type: "string" },
      table: { type: "string" },
      flink: { type: "string" },
      workers: { type: "string" },
      list: { type: "boolean" },
    },
  });
  return {
    // The day: the same for all runs of one, another the next.
    seed: wholeNumber("seed", values.seed) ?? Math.floor(Date.now() / 86_400_000),
    only: values.case ?? [],
    sample: wholeNumber("sample", values.sample),
    table: values.table,
    flinkVersion: values.flink ?? "2.3.0",
    workers: wholeNumber("workers", values.workers) ?? 3,
    list: values.list === true,
  };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not ${JSON.stringify(text)}.`);
  return Number(text);
}
