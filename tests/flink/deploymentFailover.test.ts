import * as assert from "node:assert/strict";
import { readCounts } from "../rig/countingJob";
import { onRealFlink } from "../rig/deploymentScene";
import { until } from "../rig/until";

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

  it("is upgraded from its own checkpoint, though the JobManager that came after has seen it complete none", async () => {
    const job = scene.deployment();
    const seldom = {
      flinkConfiguration: { ...strategy.flinkConfiguration, "execution.checkpointing.interval": "1 h" },
      upgradeStrategy: { kind: "STATELESS" },
      timeouts: { unreachable: "1 min" },
    };
    const { jobId = "" } = await job.up({ tag: "v1" }, seldom);
    await until("lines are committed", async () => {
      await scene.view.checkpoint(jobId);
      return (await readCounts(job.output)).length > 0;
    });
    await scene.flink.restartJobManager();
    await until("the job runs again", async () => (await scene.view.status(jobId)) === "RUNNING");
    assert.equal(await scene.view.checkpoints(jobId), 0, "Flink tells of a checkpoint of before");
    const { jobs } = await job.up({ tag: "v2" }, seldom);
    assert.match(jobs[0]?.restoredFrom ?? "", new RegExp(`/${jobId}/chk-`));
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
