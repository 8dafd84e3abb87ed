import { isUnknown, knownEntriesOf } from "../../provider/values/unknown";

/** A value of a document; undefined where there is none, or a wrong one, of which an issue speaks. */
export function known<T>(value: T | undefined): T | undefined {
  return isUnknown(value) ? undefined : value;
}

/** A map of a document without the entries that are wrong. */
export function knownMap<T>(map: Readonly<Record<string, T>> | undefined): Record<string, T> {
  return { ...knownEntriesOf(known(map) ?? {}) };
}

/** An object without what is undefined; undefined itself where nothing is left. */
export function unlessEmpty<T extends object>(object: T): T | undefined {
  const left = knownEntriesOf(object);
  return Object.keys(left).length === 0 ? undefined : left;
}
