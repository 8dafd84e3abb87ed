/**
 * What Pulumi passes to a provider in a preview for a value that is not known yet, even where a number or an object
 * is expected. The same as `pulumi.runtime.unknownValue`, repeated here so that pure code needs no SDK.
 */
export const UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether this very value is not known yet. */
export function isUnknown(value: unknown): value is typeof UNKNOWN_VALUE {
  return value === UNKNOWN_VALUE;
}

/** Whether this value, or anything inside it, is not known yet. */
export function containsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(containsUnknown);
}

/** The entries of an object that are there and known. */
export function knownEntriesOf<T extends object>(object: T): T {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && !isUnknown(value)),
  ) as T;
}

/** Known and given. */
export function given<T>(value: T | undefined): value is T {
  return value !== undefined && !isUnknown(value);
}
