import * as assert from "node:assert/strict";
import { onRealFlink } from "../rig/deploymentScene";

onRealFlink("a FlinkDeployment whose JobManager comes back with its jobs", { highAvailability: true }, (scene) => {
  const strategy = { flinkConfiguration: { "restart-strategy.type": undefined } };

  it("is upgraded with its state, though its job is still coming back", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" }, strategy);
    await scene.flink.killJobManager();
    const back = scene.flink.restore();
    const upgraded = job.runs({ tag: "v2" }, { ...strategy, timeouts: { unreachable: "1 min" } });
    await Promise.all([back, upgraded]);
    await job.endsContinuous("v1", "v2");
  });

  it("has the same job afterwards, and the next `up` changes nothing", async () => {
    const job = scene.deployment();
    const jobId = await job.runs({ tag: "v1" }, strategy);
    await scene.flink.restartJobManager();
    const again = await job.up({ tag: "v1" }, { ...strategy, timeouts: { unreachable: "1 min" } });
    assert.equal(again.jobId, jobId);
    assert.deepEqual(
      (await scene.view.jobs(job.prefix)).map(({ id }) => id),
      [jobId],
    );
    await job.endsContinuous("v1");
  });
});
