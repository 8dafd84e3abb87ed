import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { InvalidDeploymentError, parseDeployments } from "../../../../index";
import { example } from "./documents";

/** All places in a value, each as the keys that lead to it. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, child]) => placesIn(child, [...path, key]))];
}

/** The same value with another one in a place. */
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: unknown = structuredClone(value);
  const object = copy as Record<string, unknown>;
  object[key] = replaced(object[key], rest, by);
  return copy;
}

describe("any document at all", () => {
  const documents = ["application-manager", "application-mode", "session-mode"].map((name): unknown =>
    parse(example(name)),
  );
  const places = documents.flatMap((document) => placesIn(document).map((path) => ({ document, path })));

  it("is read, or refused in words with the place that is wrong", () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, {}, [], [{}], "", "${a}", "{{b}}", "NONE", -1, "s3://a", "file:///a"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...places), values), { minLength: 1, maxLength: 3 }), (changes) => {
        const [first] = changes;
        assert.ok(first);
        const text = JSON.stringify(
          changes
            .filter(([{ document }]) => document === first[0].document)
            .map(([{ path }, by]) => [path, by] as const)
            .reduce<unknown>(
              (document, [path, by]) => (canReach(document, path) ? replaced(document, path, by) : document),
              first[0].document,
            ),
        );
        try {
          const [parsed] = parseDeployments(text, { flinkVersion: "1.20.0" });
          assert.doesNotMatch(JSON.stringify(parsed), /04da6b54/, "an unknown value is left");
        } catch (error) {
          if (!(error instanceof InvalidDeploymentError)) throw error;
          assert.ok(error.issues.length > 0);
          for (const { message } of error.issues) assert.match(message, /\w/);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function canReach(value: unknown, path: readonly string[]): boolean {
  const end = path.slice(0, -1).reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
  return path.length === 0 || isObject(end);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
