import * as assert from "node:assert/strict";
import { onRealFlink, type OtherArguments } from "../rig/deploymentScene";
import type { DeploymentCondition, DeploymentOutputs } from "../../provider/deployment/outputs";
import { rangesByTag, readCounts } from "../rig/countingJob";
import { until } from "../rig/until";

const RESTARTING = {
  "restart-strategy.type": "fixed-delay",
  "restart-strategy.fixed-delay.attempts": "1000",
  "restart-strategy.fixed-delay.delay": "100 ms",
};

/** A job that fails again and again. */
const UNSTABLE: OtherArguments = { flinkConfiguration: RESTARTING };

/** As {@link UNSTABLE}, without a checkpoint: a random time after its start comes the first, however long the interval. */
const NO_CHECKPOINTS: OtherArguments = {
  flinkConfiguration: { ...RESTARTING, "execution.checkpointing.interval": undefined },
};

function statusOf(outputs: DeploymentOutputs, type: DeploymentCondition["type"]): string | undefined {
  return outputs.status.running?.conditions.find((condition) => condition.type === type)?.status;
}

onRealFlink("the health of a FlinkDeployment", {}, (scene) => {
  it("passes a job that completes its checkpoints without a restart, and says so before and after", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const others = { healthCheck: { completedCheckpoints: 2, maxRestarts: 0, timeout: "20 s" } };
    const plan = await job.plan({ tag: "v2" }, others);
    assert.match(plan.lines.join("\n"), /; then 2 checkpoints without a restart within 20 s; if it does not come up/);
    const { jobId = "" } = await job.up({ tag: "v2" }, others);
    assert.ok((await scene.view.checkpoints(jobId)) >= 2);
    assert.match(job.lines.join("\n"), /started job .*; healthy: \d+ checkpoints, 0 restarts/);
    assert.deepEqual(await job.plan({ tag: "v2" }, others), { failures: [], changes: false, lines: [] });
    await job.endsContinuous("v1", "v2");
  });

  it("rolls back when the new job restarts and has completed no checkpoint, and loses nothing", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const others = { ...NO_CHECKPOINTS, maxJobCreationAttempts: 1, healthCheck: { maxRestarts: 0, timeout: "20 s" } };
    const message = await job.upFails({ tag: "v2", failAfter: 100 }, others);
    assert.match(
      message,
      /health check of job \w+ failed: it restarted \d times?, and maxRestarts is 0 and was cancelled/,
    );
    assert.match(message, /cancelled: \w+Exception: .*Rolled back: the old job runs again/s);
    assert.equal(await scene.view.status(job.outputs.jobId ?? ""), "RUNNING");
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v3");
  });

  it("keeps the state of a new job that has completed a checkpoint, and goes on from it", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const others = {
      ...UNSTABLE,
      maxJobCreationAttempts: 1,
      healthCheck: { completedCheckpoints: 1_000, maxRestarts: 0 },
    };
    const message = await job.upFails({ tag: "v2", failAfterCheckpoints: 3 }, others);
    assert.match(message, /it restarted 1 time, and maxRestarts is 0 .*nothing was rolled back and its state is kept/s);
    assert.match(message, /Choose: .* Or go back: /);
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("does not begin a new job again that Flink has forgotten: it may have committed, so its user chooses", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const upgraded = job.upFails(
      { tag: "v2" },
      { healthCheck: { completedCheckpoints: 1_000, timeout: "1 min" }, timeouts: { unreachable: "30 s" } },
    );
    await job.written("v2");
    await scene.flink.restartJobManager();
    const message = await upgraded;
    assert.match(message, /Flink does not know job \w+ any more.*set initialSavepointPath to it/s);
    assert.deepEqual(await scene.view.jobs(job.prefix), [], "neither again nor rolled back");
    const [, initialSavepointPath] = /The newest snapshot known is \w+ (\S+)/.exec(message) ?? [];
    await job.runs({ tag: "v3" }, { initialSavepointPath, savepointRedeployNonce: 1 });
    await job.remove();
    const { v2, v3 } = rangesByTag(await readCounts(job.output));
    for (const [split, { first }] of Object.entries(v3?.splits ?? {})) {
      assert.equal(first, v2?.splits[Number(split)]?.first, "v3 begins where v2 began, as was asked for");
    }
  });

  it("says JobFailing and JobUnstable of a job that restarts again and again, with its last failure", async () => {
    const job = scene.deployment();
    await job.up({ tag: "v1", failAfter: 50 }, UNSTABLE);
    await until("three restarts are seen", async () => statusOf(await job.refresh(), "JobFailing") === "True");
    assert.equal(statusOf(job.outputs, "JobUnstable"), "True");
    const { changes, lines } = await job.plan({ tag: "v1", failAfter: 50 }, UNSTABLE);
    assert.equal(changes, false, "a condition is no change");
    assert.match(lines.join("\n"), /JobFailing: The job restarted 3 or more times .* Its last failure: \w+Exception: /);
  });
});
