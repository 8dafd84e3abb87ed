import { canonicalJson, sha256Hex } from "../values/canonicalJson";
import { containsUnknown, isUnknown, UNKNOWN_VALUE } from "../values/unknown";

/** What an identity hangs on. In a preview any value may be the unknown one. */
export interface Keeping {
  readonly keepers?: Readonly<Record<string, string>>;
  readonly growing?: Readonly<Record<string, number>>;
  readonly pinned?: boolean;
}

/** How many hexadecimal digits tell two epochs of one identity apart. */
const DIGITS = 16;

/** What the state keeps of an identity. */
export interface Kept {
  /** As the state keeps them: one that is left out stays as it was. */
  readonly keepers: NonNullable<Keeping["keepers"]>;
  /**
   * A text that stays while it is the same identity: while no keeper changes that was there before. Each change makes
   * one that never was before: a way back to earlier keepers leads to a third identity, not to the first.
   */
  readonly epoch: string;
}

/** @param olds the inputs that the state has, which may be newer than its outputs. */
export function keep(olds: Keeping & { readonly epoch?: string }, news: Keeping): Kept {
  const given = Object.entries(news.keepers ?? {}).filter(([, value]) => value !== undefined);
  const keepers = { ...olds.keepers, ...Object.fromEntries(given) };
  return { keepers, epoch: nextEpoch(olds, { ...news, keepers }) };
}

function nextEpoch(olds: Keeping & { readonly epoch?: string }, news: Keeping & Pick<Kept, "keepers">): string {
  const { growing = {}, keepers } = news;
  if (olds.epoch === undefined) return containsUnknown(keepers) ? UNKNOWN_VALUE : hash([keepers]);
  if (news.pinned === true) return olds.epoch;
  const shrunk = Object.entries(growing).filter(([name, value]) => shrinks(olds.growing?.[name], value));
  const changed = Object.entries(olds.keepers ?? {}).some(([name, value]) => keepers[name] !== value);
  if (shrunk.length === 0 && !changed) return olds.epoch;
  if (containsUnknown([keepers, Object.fromEntries(shrunk), news.pinned])) return UNKNOWN_VALUE;
  return hash([olds.epoch, keepers, Object.fromEntries(shrunk)]);
}

/** What is not known yet may shrink. */
function shrinks(before: number | undefined, after: number): boolean {
  if (before === undefined) return false;
  return isUnknown(before) || isUnknown(after) || after < before;
}

function hash(parts: readonly unknown[]): string {
  return sha256Hex(canonicalJson(parts)).slice(0, DIGITS);
}
