import { InvalidValueError } from "./invalidValueError";
import { nearest } from "./nearest";

/**
 * A length of time: a number of seconds, or `"{amount}{unit}"` such as `"90 s"`, `"5min"` or `"1.5 h"`. Units: `d`/`day`,
 * `h`/`hour`, `min`/`minute`, `s`/`sec`/`second`, `ms`/`milli`/`millisecond`, `µs`/`micro`/`microsecond`,
 * `ns`/`nano`/`nanosecond`, and their plurals.
 */
export type Duration = string | number;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const MILLISECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map(
  (
    [
      [DAY, ["d", "day", "days"]],
      [HOUR, ["h", "hour", "hours"]],
      [MINUTE, ["min", "mins", "minute", "minutes"]],
      [SECOND, ["s", "sec", "secs", "second", "seconds"]],
      [1, ["ms", "milli", "millis", "millisecond", "milliseconds"]],
      [1e-3, ["µs", "micro", "micros", "microsecond", "microseconds"]],
      [1e-6, ["ns", "nano", "nanos", "nanosecond", "nanoseconds"]],
    ] as const
  ).flatMap(([factor, names]) => names.map((name): [string, number] => [name.normalize("NFKC"), factor])),
);

const UNITS_IN_WORDS = "d, h, min, s, ms, µs, ns";

/**
 * Reads a duration into milliseconds (not necessarily a whole number of them).
 *
 * Zero is a duration; whether it makes sense is for the caller to say.
 *
 * @throws {InvalidValueError} when it does not parse or is negative.
 */
export function parseDuration(value: Duration): number {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new InvalidValueError(`must be a finite number of seconds, not ${value}`);
    return notNegative(value * SECOND, String(value));
  }
  const match = /^([+-]?(?:\d+(?:\.\d+)?|\.\d+))\s*(\p{L}*)$/u.exec(value.trim());
  if (match === null) {
    throw new InvalidValueError(
      `must be a duration such as "90 s" or "5 min", or a number of seconds, not ${JSON.stringify(value)}`,
    );
  }
  const [, amount = "", unit = ""] = match;
  if (unit === "") {
    throw new InvalidValueError(`has no unit: write ${JSON.stringify(`${amount} s`)} if ${amount} seconds are meant`);
  }
  // U+00B5 and U+03BC look the same and are both typed: NFKC makes them one.
  const factor = MILLISECONDS_PER_UNIT.get(unit.normalize("NFKC").toLowerCase());
  if (factor === undefined) {
    const guess = nearest(unit.toLowerCase(), [...MILLISECONDS_PER_UNIT.keys()]);
    throw new InvalidValueError(
      `has the unknown unit ${JSON.stringify(unit)}${guess === undefined ? "" : ` (did you mean ${JSON.stringify(guess)}?)`}; ` +
        `the units are ${UNITS_IN_WORDS}`,
    );
  }
  return notNegative(Number(amount) * factor, value);
}

function notNegative(milliseconds: number, written: string): number {
  if (milliseconds < 0) throw new InvalidValueError(`must not be negative, but is ${written.trim()}`);
  return milliseconds;
}

/** A length of time for people, in at most two units: `"0.4 s"`, `"12 s"`, `"3 min 4 s"`, `"2 d 3 h"`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 100) {
    if (tenths === 0) return milliseconds < 0.5 ? "0 s" : `${Math.round(milliseconds)} ms`;
    return `${tenths / 10} s`;
  }
  const seconds = Math.round(milliseconds / SECOND);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return twoUnits(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return twoUnits(minutes, 60, "h", "min");
  return twoUnits(Math.round(minutes / 60), 24, "d", "h");
}

function twoUnits(total: number, large: number, largeName: string, smallName: string): string {
  const rest = total % large;
  return rest === 0
    ? `${total / large} ${largeName}`
    : `${Math.floor(total / large)} ${largeName} ${rest} ${smallName}`;
}
