import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "../../../provider/values/duration";

describe("durations", () => {
  const units: [number, string[]][] = [
    [86_400_000, ["d", "day", "days"]],
    [3_600_000, ["h", "hour", "hours"]],
    [60_000, ["min", "minute", "minutes"]],
    [1_000, ["s", "sec", "second", "seconds"]],
    [1, ["ms", "milli", "millisecond", "milliseconds"]],
    [0.001, ["µs", "μs", "micro", "microsecond", "microseconds"]],
    [0.000001, ["ns", "nano", "nanosecond", "nanoseconds"]],
  ];
  for (const [factor, names] of units) {
    for (const name of names) {
      it(`reads the unit ${name} with and without a space`, () => {
        assert.equal(parseDuration(`3${name}`), 3 * factor);
        assert.equal(parseDuration(` 3 ${name.toUpperCase()} `), 3 * factor);
      });
    }
  }

  it("reads the examples of the documents", () => {
    assert.equal(parseDuration("123ms"), 123);
    assert.equal(parseDuration("321 s"), 321_000);
    assert.equal(parseDuration("5 min"), 300_000);
    assert.equal(parseDuration("1.5 h"), 5_400_000);
  });

  it("takes a number as seconds", () => {
    assert.equal(parseDuration(90), 90_000);
    assert.equal(parseDuration(0.5), 500);
    assert.equal(parseDuration(0), 0);
  });

  const wrong: [string | number, RegExp][] = [
    ["soon", /must be a duration such as "90 s" or "5 min", or a number of seconds, not "soon"/],
    ["", /must be a duration such as/],
    ["5 min 3 s", /must be a duration such as/],
    ["1e3 s", /must be a duration such as/],
    ["300", /has no unit: write "300 s" if 300 seconds are meant/],
    ["5 m", /unknown unit "m".*units are d, h, min, s, ms, µs, ns/],
    ["5 minuts", /unknown unit "minuts" \(did you mean "minute"\?\)/],
    ["-5 s", /must not be negative, but is -5 s/],
    [-1, /must not be negative, but is -1/],
    [Number.NaN, /must be a finite number of seconds, not NaN/],
    [Number.POSITIVE_INFINITY, /must be a finite number of seconds/],
  ];
  for (const [value, message] of wrong) {
    it(`refuses ${JSON.stringify(value)} (${String(value)}) in words`, () => {
      assert.throws(() => parseDuration(value), { code: "FLINK_INVALID_VALUE", message });
    });
  }

  const shown: [number, string][] = [
    [0, "0 s"],
    [4, "4 ms"],
    [400, "0.4 s"],
    [950, "1 s"],
    [3_400, "3.4 s"],
    [9_960, "10 s"],
    [12_000, "12 s"],
    [59_700, "1 min"],
    [184_000, "3 min 4 s"],
    [3_599_900, "1 h"],
    [7_500_000, "2 h 5 min"],
    [86_399_000, "1 d"],
    [183_600_000, "2 d 3 h"],
    [-12_000, "-12 s"],
  ];
  for (const [milliseconds, text] of shown) {
    it(`shows ${milliseconds} ms as ${text}`, () => assert.equal(formatDuration(milliseconds), text));
  }
});
