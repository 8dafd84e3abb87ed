import { parseDuration } from "./duration";
import { InvalidValueError } from "./invalidValueError";

/** A duration as Flink's configuration has it, in milliseconds: a bare number is that many. Undefined: it is none. */
export function parseFlinkDuration(value: string): number | undefined {
  const text = value.trim();
  try {
    return parseDuration(/^\d+$/.test(text) ? `${text} ms` : text);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
}
