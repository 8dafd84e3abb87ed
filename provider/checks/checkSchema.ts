import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { UNKNOWN_VALUE } from "../values/unknown";
import { locateFailures, propertyPath, type InputFailure, type LocatedFailure } from "./issues";

/** A document as a schema takes it. */
export interface SchemaCheck<T> {
  /** Every default filled in, and what is wrong set aside as unknown. */
  readonly inputs: T;
  /** All that is wrong, not only the first. */
  readonly wrong: InputFailure[];
}

/**
 * Checks a hook's inputs against a schema that lets unknown values pass.
 *
 * @param namesAt - the keys that users may write at a path, for suggestions.
 */
export function checkSchema<T extends object>(
  schema: z.ZodType,
  namesAt: (path: readonly string[]) => readonly string[],
  news: Record<string, unknown>,
): SchemaCheck<T> {
  const located = new Map<string, LocatedFailure>();
  let document = withoutNulls(news) as Record<string, unknown>;
  let result = schema.safeParse(document, { reportInput: true });
  // What is wrong already is set aside, so that the rest, and the rules between arguments, are checked in the same run.
  // Some of it shows only then: each round sets at least one value aside.
  while (!result.success) {
    const found = locateFailures(result.error.issues, namesAt);
    const fresh = found.filter(({ path }) => !located.has(propertyPath(path)));
    for (const failure of fresh) located.set(propertyPath(failure.path), failure);
    const before = document;
    // What cannot be unknown either is taken out.
    document = setAside(document, fresh.length > 0 ? fresh : found.map((failure) => ({ ...failure, wrongKey: true })));
    if (isDeepStrictEqual(document, before)) break;
    result = schema.safeParse(document, { reportInput: true });
  }
  return {
    inputs: withoutNulls(result.success ? result.data : document) as T,
    wrong: [...located].map(([property, { reason }]) => ({ property, reason })),
  };
}

/** The same document with null like undefined, which is how some languages and YAML leave a value out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

/** A copy of the document with each wrong value unknown and each wrong key gone. */
function setAside(document: Record<string, unknown>, failures: readonly LocatedFailure[]): Record<string, unknown> {
  const copy = structuredClone(document);
  for (const { path, wrongKey } of failures) {
    const last = path.at(-1);
    const parent = path.slice(0, -1).reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), copy);
    // A parent that is set aside itself has no children any more.
    if (last === undefined || !isObject(parent)) continue;
    if (wrongKey) delete parent[last];
    else parent[last] = UNKNOWN_VALUE;
  }
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
