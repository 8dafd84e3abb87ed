import type { FaultCase } from "./cases";
import { FAULTS } from "./faults";
import type { Options } from "./options";
import { TRANSITIONS } from "./transitions";

/** How a case went. */
export interface Result {
  readonly faultCase: FaultCase;
  readonly seconds: number;
  /** What was asserted and does not hold. */
  readonly failure: string | undefined;
  /** The names of the refusals that its user had to get out of by what they say. */
  readonly refusals: readonly string[];
}

export function progressLine({ faultCase, seconds, failure }: Result, done: number, total: number): string {
  const then = faultCase.followUp.name === "retry" ? "" : ` | then ${faultCase.followUp.name}`;
  const outcome = failure === undefined ? "ok  " : "FAIL";
  return `${outcome} ${done}/${total} ${seconds.toFixed(1)} s  ${faultCase.name}${then}`;
}

export function failureText({ faultCase, failure = "" }: Result, { seed, flinkVersion }: Options): string {
  const command = `npm run test:faults -- --flink ${flinkVersion} --seed ${seed} --case ${JSON.stringify(faultCase.name)}`;
  return `\n${faultCase.name}\n  then ${faultCase.followUp.name}\n  ${failure.replaceAll("\n", "\n  ")}\n  alone: ${command}\n`;
}

/** In how many cases there was which refusal. */
export function refusalLines(results: readonly Result[]): string[] {
  const names = [...new Set(results.flatMap(({ refusals }) => refusals))].sort();
  const count = (name: string): number => results.filter(({ refusals }) => refusals.includes(name)).length;
  return names.map((name) => `refused in ${count(name)} of them, as it is to be: ${name}`);
}

/** How many cases there are of each transition and fault, as markdown. */
export function table(cases: readonly FaultCase[]): string {
  const faults = FAULTS.map(({ name }) => name);
  const count = (transition: string, fault: string): number =>
    cases.filter((faultCase) => faultCase.transition.name === transition && faultCase.fault.name === fault).length;
  const rows = TRANSITIONS.map(({ name }) => {
    const counts = faults.map((fault) => count(name, fault));
    return [name, ...counts, counts.reduce((sum, each) => sum + each, 0)];
  });
  const totals = faults.map((fault) => cases.filter((faultCase) => faultCase.fault.name === fault).length);
  const lines = [
    ["transition", ...faults, "all"],
    ["---", ...faults.map(() => "---:"), "---:"],
    ...rows,
    ["all", ...totals, cases.length],
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
