import { createHash } from "node:crypto";

/** A number from 0 to below 1 that seed and name decide. */
export function chance(seed: number, name: string): number {
  return createHash("sha256").update(`${seed}/${name}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** One of them, decided by seed and name. */
export function pick<T>(seed: number, name: string, choices: readonly T[]): T {
  const chosen = choices[Math.floor(chance(seed, name) * choices.length)];
  if (chosen === undefined) throw new Error("there is nothing to choose from");
  return chosen;
}

/** The same things in an order that the seed decides. */
export function shuffled<T>(seed: number, things: readonly T[], nameOf: (thing: T) => string): T[] {
  const keyed = things.map((thing) => ({ thing, key: chance(seed, nameOf(thing)) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ thing }) => thing);
}
