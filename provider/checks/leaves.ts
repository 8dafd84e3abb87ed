import { z } from "zod";
import { imageJarPath } from "../values/imageJar";
import { InvalidValueError } from "../values/invalidValueError";
import { parseDuration, type Duration } from "../values/duration";
import { explainFlinkVersion } from "../values/flinkVersion";
import { nearest } from "../values/nearest";
import { explainStoragePath } from "../values/storagePath";
import { shellWords } from "../values/shellWords";
import { isUnknown, UNKNOWN_VALUE } from "../values/unknown";

/*
 * The single values that arguments are made of. Each passes Pulumi's unknown value as it is, and says in words what is
 * wrong with anything else. A message completes the sentence "this property …".
 */

const MAX_KUBERNETES_NAME = 63;
const MAX_SUBDOMAIN = 253;

/** What an editor can tell of a value: keywords of JSON Schema. They may be more lenient than the check itself. */
export type EditorHint = Readonly<Record<string, unknown>>;

/**
 * A schema from a function that returns the accepted value or throws an {@link InvalidValueError}.
 *
 * @param hint - what a JSON schema says of it; without one, nothing.
 */
export function leaf<T>(read: (value: unknown) => T, hint: EditorHint = {}): z.ZodType<T> {
  return z
    .unknown()
    .transform((value, context): T => {
      if (isUnknown(value)) return value as T;
      try {
        return read(value);
      } catch (error) {
        if (!(error instanceof InvalidValueError)) throw error;
        context.addIssue({ code: "custom", message: error.message });
        return z.NEVER;
      }
    })
    .meta(hint);
}

/** A schema that also lets a whole object or map be not known yet. */
export function orUnknown<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.union([z.literal(UNKNOWN_VALUE), schema]) as unknown as z.ZodType<T>;
}

/** What a value is, in words, without showing it: it may be a secret. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const type = typeof value;
  return type === "object" ? "an object" : `a ${type}`;
}

export function fail(message: string): never {
  throw new InvalidValueError(message);
}

function readText(value: unknown): string {
  if (value === undefined) fail("is required");
  if (typeof value !== "string") fail(`must be a string, not ${describe(value)}`);
  if (value === "") fail("must not be empty");
  return value;
}

const TEXT: EditorHint = { type: "string", minLength: 1 };

/** A text that is not empty; `check` throws what else is wrong with it. */
export function text(check: (value: string) => void = () => {}, hint: EditorHint = {}): z.ZodType<string> {
  return leaf(
    (value) => {
      const read = readText(value);
      check(read);
      return read;
    },
    { ...TEXT, ...hint },
  );
}

/** All three numbers of a Flink that is supported. */
export function flinkVersion(): z.ZodType<string> {
  return text((version) => {
    const wrong = explainFlinkVersion(version);
    if (wrong !== undefined) fail(`is wrong: ${wrong}`);
  });
}

/** A name as Kubernetes takes it for namespaces, Services and volumes: an RFC 1123 label. */
export function kubernetesName(): z.ZodType<string> {
  return text((value) => {
    if (!/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(value)) {
      fail(
        `must hold lower-case letters, digits and "-" alone, and begin and end with a letter or digit, ` +
          `but is ${JSON.stringify(value)}`,
      );
    }
    if (value.length > MAX_KUBERNETES_NAME) {
      fail(`must have at most ${MAX_KUBERNETES_NAME} characters, but has ${value.length}`);
    }
  });
}

/** Whether it is an RFC 1123 subdomain: the name of a host, or what Kubernetes takes for the names of most objects. */
export function isSubdomain(value: string): boolean {
  return (
    value.length <= MAX_SUBDOMAIN && value.split(".").every((part) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(part))
  );
}

/** A name as Kubernetes takes it for Secrets, service accounts and claims: an RFC 1123 subdomain. */
export function kubernetesObjectName(): z.ZodType<string> {
  return text((value) => {
    if (!isSubdomain(value)) {
      fail(
        `must have at most ${MAX_SUBDOMAIN} lower-case letters, digits, "-" and ".", and begin and end with a letter or ` +
          `digit, as must each part between dots, but is ${JSON.stringify(value)}`,
      );
    }
  });
}

/** A text of hexadecimal digits, made lower case. */
export function hexadecimal(digits: number, what: string): z.ZodType<string> {
  return leaf((value) => {
    const read = readText(value).toLowerCase();
    return new RegExp(`^[0-9a-f]{${digits}}$`).test(read)
      ? read
      : fail(`must be ${what}: ${digits} hexadecimal digits, but is ${JSON.stringify(value)}`);
  }, TEXT);
}

export function flag(): z.ZodType<boolean> {
  return leaf((value) => (typeof value === "boolean" ? value : fail(`must be true or false, not ${describe(value)}`)), {
    type: "boolean",
  });
}

export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  return leaf(
    (value) => {
      if (typeof value !== "number") fail(`must be a whole number, not ${describe(value)}`);
      if (!Number.isInteger(value)) fail(`must be a whole number, but is ${value}`);
      if (value < minimum) fail(`must be at least ${minimum}, but is ${value}`);
      if (value > maximum) fail(`must be at most ${maximum}, but is ${value}`);
      return value;
    },
    { type: "integer", minimum, ...(maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }) },
  );
}

/** One of a few words, in any case. */
export function choice<T extends string>(
  allowed: readonly T[],
  special: {
    readonly aliases?: Readonly<Record<string, T>>;
    /** Words that are known but cannot be used. */
    readonly unavailable?: readonly string[];
  } = {},
): z.ZodType<T> {
  const words = allowed.join(", ");
  const spellings = [...allowed, ...Object.keys(special.aliases ?? {})].flatMap((word) => [word, word.toLowerCase()]);
  return leaf(
    (value) => {
      if (typeof value !== "string") fail(`must be one of ${words}, not ${describe(value)}`);
      const upper = value.toUpperCase();
      const found = allowed.find((word) => word.toUpperCase() === upper) ?? special.aliases?.[upper];
      if (found !== undefined) return found;
      if (special.unavailable?.includes(upper)) fail(`${upper} is not available in this version; allowed: ${words}`);
      const guess = nearest(upper, allowed);
      return fail(
        `is ${JSON.stringify(value)}, which is not known${guess === undefined ? "" : `; did you mean ${guess}?`}; allowed: ${words}`,
      );
    },
    { enum: [...new Set(spellings)] },
  );
}

const TEXT_OR_NUMBER: EditorHint = { type: ["string", "number"] };

/** A duration, kept as it was written. */
export function duration(zero: "zeroAllowed" | "positive"): z.ZodType<Duration> {
  return leaf((value) => {
    if (typeof value !== "string" && typeof value !== "number") {
      fail(`must be a duration such as "90 s", or a number of seconds, not ${describe(value)}`);
    }
    if (parseDuration(value) === 0 && zero === "positive") fail("must be longer than zero");
    return value;
  }, TEXT_OR_NUMBER);
}

export function nonce(): z.ZodType<string | number> {
  return leaf(
    (value) =>
      typeof value === "string" || (typeof value === "number" && Number.isFinite(value))
        ? value
        : fail(`must be a number or a string, not ${describe(value)}`),
    TEXT_OR_NUMBER,
  );
}

/** A text, or a number or boolean that becomes one. */
export function scalar(): z.ZodType<string> {
  return leaf(
    (value) => {
      if (typeof value === "string") return value;
      if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
      return fail(`must be a string, a number or a boolean, not ${describe(value)}`);
    },
    { type: ["string", "number", "boolean"] },
  );
}

/** A map from text to text. */
export function scalarMap(): z.ZodType<Readonly<Record<string, string>>> {
  return orUnknown(z.record(z.string(), scalar()));
}

/** Where Flink keeps a snapshot: an address with its scheme. */
export function storagePath(): z.ZodType<string> {
  return text((value) => {
    const wrong = explainStoragePath(value);
    if (wrong !== undefined) fail(wrong);
  });
}

/** A jar in the image of a cluster: `local:///path/to/job.jar`, kept as it was written. */
export function imageJarAddress(): z.ZodType<string> {
  return text((value) => {
    if (imageJarPath(value) === undefined) {
      fail(
        `must be a jar's path in the image, such as "local:///opt/flink/usrlib/job.jar", but is ${JSON.stringify(value)}`,
      );
    }
  });
}

/** Arguments of a main method: a list, or a line that is split. */
export function mainArguments(): z.ZodType<readonly string[]> {
  return leaf(
    (value) => {
      if (typeof value === "string") return shellWords(value);
      if (!Array.isArray(value)) fail(`must be a string or a list of strings, not ${describe(value)}`);
      return value.map((argument: unknown, index) => {
        if (typeof argument === "string") return argument;
        if (typeof argument === "number" || typeof argument === "boolean") return String(argument);
        return fail(`must hold strings only, but number ${index + 1} is ${describe(argument)}`);
      });
    },
    { type: ["string", "array"] },
  );
}

const JAVA_CLASS = /^[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u;

export function javaClass(): z.ZodType<string> {
  return text((value) => {
    if (!JAVA_CLASS.test(value)) {
      fail(`must be the full name of a class, such as "org.example.Main", but is ${JSON.stringify(value)}`);
    }
  });
}
