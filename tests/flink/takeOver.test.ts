import * as assert from "node:assert/strict";
import { buildCountingJob, countingArguments } from "../rig/countingJob";
import { onRealFlink } from "../rig/deploymentScene";
import { until } from "../rig/until";

// The steps of docs/migration.md.
onRealFlink("a job that another tool has started", {}, (scene) => {
  it("is taken over by its savepoint, without a count lost or doubled", async () => {
    const job = scene.deployment();
    const foreign = await scene.view.run(
      await buildCountingJob(),
      countingArguments({ output: job.output, rate: 50, tag: "old" }),
    );
    const tasks = async () => (await scene.view.get<{ vertices: { status: string }[] }>(`/jobs/${foreign}`)).vertices;
    await until("its tasks run", async () => (await tasks()).every(({ status }) => status === "RUNNING"));

    const prepared = await job.up({ tag: "new" }, { state: "CANCELLED" });
    assert.equal(prepared.status.state, "CANCELLED");
    assert.equal(await scene.view.status(foreign), "RUNNING");

    const initialSavepointPath = await scene.view.stop(foreign);
    const { lines } = await job.plan({ tag: "new" }, { initialSavepointPath });
    assert.match(lines.join("\n"), /start job/);
    assert.ok(lines.join("\n").includes(initialSavepointPath), lines.join("\n"));
    await job.runs({ tag: "new" }, { initialSavepointPath });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, initialSavepointPath);

    await job.runs({ tag: "newer" }, { initialSavepointPath });
    assert.notEqual(
      job.outputs.jobs[0]?.restoredFrom,
      initialSavepointPath,
      "an upgrade goes on from its own savepoint",
    );
    await job.endsContinuous("old", "new", "newer");
  });
});
