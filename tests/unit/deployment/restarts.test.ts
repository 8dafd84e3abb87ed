import assert from "node:assert/strict";
import { restartsIn } from "../../../provider/deployment/restarts";

/** As Flink has them: newest first. */
function history(...times: number[]) {
  return times.map((time) => ({ time, exceptionName: "java.lang.RuntimeException", message: `at ${time}` }));
}

function times(...of: number[]): number[] {
  return restartsIn(history(...of)).map(({ time }) => time);
}

describe("the restarts among a job's failures", () => {
  it("are each of them, newest first", () => {
    assert.deepEqual(times(5_000, 3_000, 1_000), [5_000, 3_000, 1_000]);
    assert.deepEqual(times(), []);
  });

  it("are one where a failure comes as several, and its cause is the first of these", () => {
    assert.deepEqual(times(5_020, 5_001, 5_000, 1_003, 1_000), [5_000, 1_000]);
    assert.equal(restartsIn(history(1_003, 1_000))[0]?.message, "at 1000");
  });

  it("are still many where a job fails faster than that", () => {
    const fast = Array.from({ length: 16 }, (_, index) => 10_000 - index * 200);
    assert.ok(times(...fast).length >= 5);
  });
});
