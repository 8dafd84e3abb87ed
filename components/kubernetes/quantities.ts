import { InvalidValueError } from "../../provider/values/invalidValueError";

/* Amounts of CPU and memory, as Kubernetes and Flink write them. */

const KIBI = 1024;

/** Flink's words, in which case does not count, and which win over Kubernetes' where both know one. */
const FLINK_UNITS: readonly (readonly [power: number, words: readonly string[]])[] = [
  [0, ["b", "bytes"]],
  [1, ["k", "kb", "kibibytes"]],
  [2, ["m", "mb", "mebibytes"]],
  [3, ["g", "gb", "gibibytes"]],
  [4, ["t", "tb", "tebibytes"]],
];

const KUBERNETES_UNITS: Readonly<Record<string, number>> = {
  Ki: KIBI,
  Mi: KIBI ** 2,
  Gi: KIBI ** 3,
  Ti: KIBI ** 4,
};

/**
 * Reads an amount of memory into bytes.
 *
 * @throws InvalidValueError
 */
export function parseMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(text.trim());
  const [, amount = "", unit = ""] = match ?? [];
  const power = FLINK_UNITS.find(([, words]) => words.includes(unit.toLowerCase()))?.[0];
  const factor = KUBERNETES_UNITS[unit] ?? (power === undefined ? undefined : KIBI ** power);
  if (factor === undefined) {
    throw new InvalidValueError(`must be an amount of memory such as "2g" or "2Gi", but is ${JSON.stringify(text)}`);
  }
  const bytes = Number(amount) * factor;
  if (!Number.isInteger(bytes) || bytes === 0) {
    throw new InvalidValueError(`must be a whole number of bytes above zero, but is ${JSON.stringify(text)}`);
  }
  return bytes;
}

/** Memory as Kubernetes writes it. */
export function memoryQuantity(bytes: number): string {
  return bytes % KIBI ** 2 === 0 ? `${bytes / KIBI ** 2}Mi` : String(bytes);
}

/**
 * Reads an amount of CPU into thousandths.
 *
 * @throws InvalidValueError
 */
export function parseCpu(value: number | string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(value).trim());
  if (match === null) {
    throw new InvalidValueError(`must be a number of CPUs such as 1, 0.5 or "500m", but is ${JSON.stringify(value)}`);
  }
  const thousandths = Number(match[1]) * (match[2] === "m" ? 1 : 1000);
  if (thousandths === 0 || Math.abs(thousandths - Math.round(thousandths)) > 1e-6) {
    throw new InvalidValueError(`must be at least 1m, in whole thousandths, but is ${JSON.stringify(value)}`);
  }
  return Math.round(thousandths);
}

/** CPU as Kubernetes writes it. */
export function cpuQuantity(thousandths: number): string {
  return thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`;
}
