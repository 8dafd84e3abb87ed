import { inspect } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { PulumiFlinkError } from "../errors";
import { plainOutputs } from "./plainOutputs";

/** The key under which the engine keeps the provider's own text; whatever replaces the outputs must keep it. */
const providerKey = "__provider";

/** Takes secrets out of a text. */
type Redact = (text: string) => string;

const asItIs: Redact = (text) => text;

/**
 * What `check` found, as the engine is to show it.
 *
 * No failure names its property to the engine: it would print the value of that property, secrets in clear.
 *
 * @param failures - a path such as `upgradeStrategy.kind`, and the rest of the sentence: `must be …`.
 */
export function checkFailures(
  failures: readonly { property: string; reason: string }[],
  redact: Redact = asItIs,
): dynamic.CheckFailure[] {
  return failures.map(({ property, reason }) => ({ property: "", reason: `${property} ${redact(reason)}`.trim() }));
}

/**
 * An error as a hook is to throw it: its message carries the whole chain of causes, because the engine shows nothing
 * else of it; and for what users can act on the host, which prints the stack of some hooks, finds none.
 */
export function hookError(error: unknown, redact: Redact = asItIs): Error {
  const shown = new Error(redact(messageOf(error)), { cause: error });
  if (error instanceof PulumiFlinkError) {
    // The host prints `${error}: ${error.stack}` under the stack; the message itself is on the resource's row.
    shown.toString = () => error.code;
    shown.stack = "the resource's own error says more";
  } else if (error instanceof Error && error.stack !== undefined) {
    shown.stack = redact(error.stack);
  }
  return shown;
}

/** A failed `create` or `update` whose outputs are kept all the same; the next `up` calls `update`. */
export class PartialFailure extends Error {
  /** What the engine shows, in place of the message. Never empty: without reasons the engine reports a success. */
  readonly reasons: string[];
  readonly properties: Record<string, unknown>;

  /**
   * @param id - the resource's Pulumi id, never blank.
   * @param outputs - everything that is to be kept.
   * @param inputs - what the hook was given; its serialized provider goes into the outputs, for without it every later
   *   refresh and delete would fail.
   */
  constructor(
    error: unknown,
    readonly id: string,
    outputs: Record<string, unknown>,
    inputs: Record<string, unknown>,
    redact: Redact = asItIs,
  ) {
    const message = redact(messageOf(error));
    super(message, { cause: error });
    this.reasons = [message.replaceAll("\n", "\n\t  ")];
    this.properties = plainOutputs({ ...outputs, [providerKey]: inputs[providerKey] });
  }
}

/** Runs what a hook does; what it throws is thrown as the engine shows it. */
export async function shown<T>(operation: () => Promise<T>, redact: Redact = asItIs): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof PartialFailure ? error : hookError(error, redact);
  }
}

/** The message with those of its causes, each said once, and the code to look it up by. */
function messageOf(error: unknown): string {
  const chain = messagesOf(error);
  return error instanceof PulumiFlinkError ? `${chain} (${error.code})` : chain;
}

function messagesOf(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  while (current !== undefined && current !== null && parts.length < 10) {
    const text =
      typeof current === "string"
        ? current
        : current instanceof Error
          ? current.message || current.name
          : inspect(current);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join("\nCaused by: ");
}
