import * as assert from "node:assert/strict";
import { onRealFlink, type OtherArguments } from "../rig/deploymentScene";

const TWO_GROUPS: OtherArguments = { flinkConfiguration: { "pipeline.max-parallelism": "2" } };

onRealFlink("what is checked of a FlinkDeployment before anything stops", {}, (scene) => {
  it("refuses a parallelism above the state's maximum, of a job that runs and of one that was suspended", async () => {
    const job = scene.deployment();
    const jobId = await job.runs({ tag: "v1" }, TWO_GROUPS);
    const { lines } = await job.plan({ tag: "v2" }, { parallelism: 3 });
    assert.match(lines.join("\n"), /will be refused: .* maximum parallelism of 2.*\(FLINK_MAX_PARALLELISM\)/);
    assert.match(await job.upFails({ tag: "v2" }, { parallelism: 3 }), /parallelism is 3\. Nothing was changed/);
    assert.equal(await scene.view.status(jobId), "RUNNING");
    await job.up({ tag: "v1" }, { ...TWO_GROUPS, state: "SUSPENDED" });
    assert.match(await job.upFails({ tag: "v2" }, { parallelism: 3 }), /FLINK_MAX_PARALLELISM/);
    await job.runs({ tag: "v2" }, { parallelism: 2 });
    await job.endsContinuous("v1", "v2");
  });

  it("refuses another pipeline.max-parallelism than the state was written with, where Flink would fail the job", async () => {
    const job = scene.deployment();
    const jobId = await job.runs({ tag: "v1" });
    const other = { flinkConfiguration: { "pipeline.max-parallelism": "256" } };
    assert.match(
      await job.upFails({ tag: "v2" }, other),
      /maximum parallelism of 128.*pipeline\.max-parallelism is 256/s,
    );
    assert.equal(await scene.view.status(jobId), "RUNNING");
    await job.runs({ tag: "v2" }, { flinkConfiguration: { "pipeline.max-parallelism": "128" } });
    await job.endsContinuous("v1", "v2");
  });
});
