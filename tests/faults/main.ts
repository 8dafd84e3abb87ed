import * as fs from "node:fs/promises";
import { casesOf, sampleOf, type FaultCase } from "./cases";
import { Lab, LANES } from "./lab";
import { parseOptions, type Options } from "./options";
import { failureText, progressLine, refusalLines, table, type Result } from "./report";
import { needsToBeAlone, PointNotReached, record, runCase } from "./runCase";
import { enumerate } from "./enumeration";
import { TRANSITIONS } from "./transitions";

/** How often a case is run whose request did not come: which ones a wait makes is a matter of timing. */
const RUNS_UNTIL_REACHED = 5;

/** Runs the cases that the command line asks for; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  console.log(`seed ${options.seed}, Flink ${options.flinkVersion}, ${options.workers} cases at once`);
  const lab = await Lab.open(options.flinkVersion);
  try {
    const { cases: all, unrecorded } = await allCases(lab, options);
    const matching = all.filter(({ name }) => options.only.every((text) => name.includes(text)));
    const chosen = options.sample === undefined ? matching : sampleOf(matching, options.sample, options.seed);
    console.log(`${all.length} cases in all, ${chosen.length} of them to run`);
    if (options.list) for (const { name } of chosen) console.log(name);
    const results = options.list ? [] : await runAll(lab, chosen, options);
    const failed = results.filter(({ failure }) => failure !== undefined);
    for (const { faultCase } of failed) console.log(`failed: ${faultCase.name}`);
    for (const text of unrecorded) console.log(text);
    console.log(`\n${table(chosen)}\n`);
    if (options.table !== undefined) await fs.writeFile(options.table, `${table(chosen)}\n`);
    const failures = failed.length + unrecorded.length;
    for (const text of refusalLines(results)) console.log(text);
    console.log(`${results.length - failed.length} passed, ${failures} failed`);
    return failures === 0 && results.length > 0 ? 0 : 1;
  } finally {
    await lab.close();
  }
}

/** All cases, and what was found wrong with transitions that nothing went wrong in. */
async function allCases(lab: Lab, options: Options): Promise<{ cases: FaultCase[]; unrecorded: string[] }> {
  const { only, workers, seed } = options;
  const wanted = TRANSITIONS.filter(({ name }) =>
    only.every((text) => !startsOne(text) || text.startsWith(`${name} |`)),
  );
  const unrecorded: string[] = [];
  const cases = await inParallel(workers, wanted, async (transition) => {
    const began = Date.now();
    try {
      const { points, others } = await enumerate(() => record(lab, transition));
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(
        `${transition.name}: ${points.length} requests, and ${others} that not each run makes (${seconds} s)`,
      );
      return casesOf(transition, points, seed);
    } catch (error) {
      unrecorded.push(`${transition.name}, without any fault: ${String(error)}`);
      return [];
    }
  });
  return { cases: cases.flat(), unrecorded };
}

/** Whether a text that cases are chosen by begins with the name of a transition: then no other is needed. */
function startsOne(only: string): boolean {
  return TRANSITIONS.some(({ name }) => only.startsWith(`${name} |`));
}

async function runAll(lab: Lab, cases: readonly FaultCase[], options: Options): Promise<Result[]> {
  let done = 0;
  const run = async (faultCase: FaultCase): Promise<Result> => {
    const began = Date.now();
    const outcome = await outcomeOf(lab, faultCase);
    const { failure } = outcome;
    const result = { faultCase, ...outcome, seconds: (Date.now() - began) / 1000 };
    console.log(progressLine(result, (done += 1), cases.length));
    if (failure !== undefined) console.log(failureText(result, options));
    return result;
  };
  const alone = cases.filter(({ transition, fault }) => needsToBeAlone(transition, fault));
  const waiting = cases.filter((faultCase) => faultCase.fault.waits === true && !alone.includes(faultCase));
  const beside = cases.filter((faultCase) => !alone.includes(faultCase) && !waiting.includes(faultCase));
  const results = await Promise.all([
    inParallel(LANES, alone, run),
    inParallel(1, waiting, run),
    inParallel(options.workers, beside, run),
  ]);
  return results.flat();
}

async function outcomeOf(lab: Lab, faultCase: FaultCase): Promise<Pick<Result, "failure" | "refusals">> {
  for (let runs = 1; ; runs += 1) {
    try {
      return { refusals: await runCase(lab, faultCase), failure: undefined };
    } catch (error) {
      if (error instanceof PointNotReached && runs < RUNS_UNTIL_REACHED) continue;
      return { refusals: [], failure: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** So many at once, in order; the results in the order of the things. */
async function inParallel<T, R>(workers: number, things: readonly T[], work: (thing: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < things.length; index = next++) {
      results[index] = await work(things[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, things.length) }, worker));
  return results;
}
