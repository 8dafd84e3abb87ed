import assert from "node:assert/strict";
import { start, useRig } from "./fixture";

describe("the hooks of a FlinkDeployment whose new job does not come up", () => {
  const rig = useRig();

  it("name the root cause although Flink's cache still holds the job as it was while it was FAILING", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1 }, { version: "2.3.0" });
    flink.refreshIntervalMs = 3_000;
    flink.script.run = ({ parallelism }) =>
      parallelism === 2 ? { status: "FAILED", exception: "no such topic", failing: 2 } : "run";
    const message = await stack.failingUp(program({ parallelism: 2 }));
    assert.match(message, /did not come up in 1 attempt: job \w+ ended FAILED: .*no such topic.*Rolled back/);
  });
});
