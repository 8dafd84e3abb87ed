import type { z } from "zod";
import { nearest } from "../values/nearest";
import { describe } from "./leaves";

/** One thing that is wrong with the arguments. */
export interface InputFailure {
  /** The path of the property, such as `upgradeStrategy.kind` or `flinkConfiguration["a.b"]`. */
  readonly property: string;
  /** What is wrong with it and what would be right. Never holds a secret. */
  readonly reason: string;
}

/** A failure with its path as a list of keys. */
export interface LocatedFailure {
  readonly path: readonly string[];
  readonly reason: string;
  /** Whether the key itself is wrong, rather than its value. */
  readonly wrongKey: boolean;
}

/** Marks an issue of a map's key: `addIssue({ code: "custom", params: WRONG_KEY, … })`. */
export const WRONG_KEY: Record<string, unknown> = {};

type Issue = z.core.$ZodIssue;

/** What zod found, in words, with the objects of a union's unknown alternative left out. */
export function locateFailures(
  issues: readonly Issue[],
  keysAt: (path: readonly string[]) => readonly string[],
  prefix: readonly string[] = [],
): LocatedFailure[] {
  return issues.flatMap((issue): LocatedFailure[] => {
    const path = [...prefix, ...issue.path.map(String)];
    switch (issue.code) {
      case "invalid_union":
        // The only unions are "Pulumi's unknown value, or …": the last alternative is what the user meant.
        return locateFailures(issue.errors.at(-1) ?? [], keysAt, path);
      case "unrecognized_keys":
        return issue.keys.map((key) => ({
          path: [...path, key],
          reason: unknownKeyReason(key, keysAt(path)),
          wrongKey: true,
        }));
      case "invalid_type":
        return [
          {
            path,
            reason:
              issue.input === undefined ? "is required" : `must be ${wanted(issue)}, not ${describe(issue.input)}`,
            wrongKey: false,
          },
        ];
      default:
        return [{ path, reason: issue.message, wrongKey: issue.code === "custom" && issue.params === WRONG_KEY }];
    }
  });
}

function wanted({ expected }: z.core.$ZodIssueInvalidType): string {
  return expected === "array" ? "a list" : "an object";
}

function unknownKeyReason(key: string, keys: readonly string[]): string {
  const guess = nearest(key, keys);
  return guess === undefined
    ? `is not known here; the keys are ${keys.join(", ")}`
    : `is not known here; did you mean ${guess}?`;
}

/** A path as users write it in code. */
export function propertyPath(path: readonly string[]): string {
  return path.map((key, index) => (index === 0 ? firstKey(key) : laterKey(key))).join("");
}

const IDENTIFIER = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

function firstKey(key: string): string {
  return IDENTIFIER.test(key) ? key : laterKey(key);
}

function laterKey(key: string): string {
  if (IDENTIFIER.test(key)) return `.${key}`;
  return /^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`;
}
