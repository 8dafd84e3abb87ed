import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onRealFlink } from "../rig/deploymentScene";
import { startFaultyProxy } from "../rig/faultyProxy";
import { until } from "../rig/until";

onRealFlink("states of a FlinkDeployment", {}, (scene) => {
  it("suspends with a savepoint and resumes from that very savepoint, with another version", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const { status, latestSavepoint, savepoints, jobId } = await job.up({ tag: "v1" }, { state: "SUSPENDED" });
    assert.equal(status.state, "SUSPENDED");
    assert.equal(jobId, undefined);
    assert.equal(savepoints[0]?.origin, "SUSPEND");
    assert.equal(await scene.view.status(first), "FINISHED");
    await job.counts();
    assert.equal((await job.plan({ tag: "v1" }, { state: "SUSPENDED" })).changes, false);
    const { lines } = await job.plan({ tag: "v2" });
    assert.ok(lines.some((line) => latestSavepoint !== undefined && line.includes(latestSavepoint)));
    await job.runs({ tag: "v2" });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, latestSavepoint);
    await job.endsContinuous("v1", "v2");
  });

  it("suspends without a cluster in the arguments, and cancels nothing then", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const { status } = await job.up({ tag: "v1" }, { state: "SUSPENDED", cluster: undefined });
    assert.equal(status.state, "SUSPENDED");
    await job.runs({ tag: "v2" });
    await job.endsContinuous("v1", "v2");
  });

  it("has its checkpoints and savepoints where its own configuration says, which may use older names than the cluster's", async () => {
    const job = scene.deployment();
    const [checkpoints, savepoints] = [`${job.output}-checkpoints`, `${job.output}-savepoints`];
    const flinkConfiguration = {
      "state.checkpoints.dir": `file://${checkpoints}`,
      "state.savepoints.dir": `file://${savepoints}`,
    };
    const jobId = await job.runs({ tag: "v1" }, { flinkConfiguration });
    assert.ok(existsSync(`${checkpoints}/${jobId}`), "its checkpoints are elsewhere");
    const { latestSavepoint = "" } = await job.up({ tag: "v1" }, { flinkConfiguration, state: "SUSPENDED" });
    assert.ok(fileURLToPath(latestSavepoint).startsWith(`${savepoints}/`), `its savepoint is ${latestSavepoint}`);
  });

  it("cancels, keeps the newest checkpoint, and runs again from it", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const { status, savepoints } = await job.up({ tag: "v1" }, { state: "CANCELLED" });
    assert.equal(status.state, "CANCELLED");
    assert.equal(await scene.view.status(first), "CANCELED");
    assert.equal(savepoints[0]?.origin, "RETAINED_CHECKPOINT");
    assert.ok(existsSync(fileURLToPath(savepoints[0].path)));
    await job.runs({ tag: "v2" });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, savepoints[0].path);
    await job.endsContinuous("v1", "v2");
  });

  it("runs a cancelled job empty again with restoreStrategy NONE", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    await job.up({ tag: "v1" }, { state: "CANCELLED" });
    await job.runs({ tag: "v2" }, { restoreStrategy: { kind: "NONE" } });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, undefined);
    await job.remove();
    await assert.rejects(job.counts(), /0 is there 2 times/);
  });

  it("leaves a bounded job FINISHED, whatever is asked twice, and runs a changed one", async () => {
    const job = scene.deployment();
    const bounded = { tag: "v1", rate: 0, limit: 30 };
    await job.up(bounded);
    await job.written("v1", 60);
    await until("the job has FINISHED", async () => (await job.refresh()).status.state === "FINISHED");
    assert.equal((await job.plan(bounded)).changes, false);
    assert.equal((await job.up(bounded)).status.state, "FINISHED");
    assert.equal((await job.up(bounded, { state: "SUSPENDED" })).status.state, "FINISHED");
    assert.equal((await job.up(bounded)).status.state, "FINISHED");
    assert.equal((await scene.view.jobs(job.prefix)).length, 1);
    await job.counts();
    // Flink keeps no checkpoint of a job that has FINISHED: there is nothing to go on from.
    const changed = { ...bounded, tag: "v2", limit: 50 };
    assert.match((await job.plan(changed)).lines.join("\n"), /starts empty: the job had FINISHED and left no snapshot/);
    await job.up(changed);
    await job.written("v2", 100);
  });

  it("brings a FAILED job back from its newest checkpoint", async () => {
    const job = scene.deployment();
    const { jobId: first = "" } = await job.up({ tag: "v1", failAfterCheckpoints: 4 });
    assert.equal(await scene.view.ended(first), "FAILED");
    const { status } = await job.refresh();
    assert.equal(status.state, "FAILED");
    assert.match(status.failure?.message ?? "", /as --fail-after-checkpoints says/);
    await job.runs({ tag: "v2" });
    assert.match(job.outputs.jobs[0]?.restoredFrom ?? "", /\/chk-\d+$/);
    await job.endsContinuous("v1", "v2");
  });

  it("brings a job back that was cancelled behind its back, though nothing is changed", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    await scene.view.cancel(first);
    const { changes, lines } = await job.plan({ tag: "v1" });
    assert.equal(changes, true);
    assert.match(lines.join("\n"), /from checkpoint .*chk-/);
    const second = await job.runs({ tag: "v1" });
    assert.notEqual(second, first);
    await job.endsContinuous("v1");
  });

  it("suspends a job that has FAILED on its newest checkpoint, and resumes from it", async () => {
    const job = scene.deployment();
    const { jobId: first = "" } = await job.up({ tag: "v1", failAfterCheckpoints: 4 });
    await scene.view.ended(first);
    const { status, savepoints } = await job.up({ tag: "v1" }, { state: "SUSPENDED" });
    assert.equal(status.state, "SUSPENDED");
    assert.equal(savepoints[0]?.origin, "RETAINED_CHECKPOINT");
    await job.runs({ tag: "v2" });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, savepoints[0].path);
    await job.endsContinuous("v1", "v2");
  });

  it("drains a job that is suspended, and no job that is upgraded", async () => {
    const proxy = await startFaultyProxy(scene.flink.url);
    try {
      const job = scene.deployment(proxy.url);
      await job.runs({ tag: "v1" }, { drain: true });
      await job.runs({ tag: "v2" }, { drain: true });
      await job.up({ tag: "v2" }, { drain: true, state: "SUSPENDED" });
      const stops = proxy.requests.filter(({ path }) => path.endsWith("/stop"));
      assert.deepEqual(
        stops.map(({ body }) => (body as { drain: boolean }).drain),
        [false, true],
      );
      await job.counts();
    } finally {
      await proxy.stop();
    }
  });

  it("stops with a savepoint when it is deleted, and tells its path", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    assert.match(job.outputs.onDeletePlan, new RegExp(`stop job ${first} with a savepoint`));
    await job.remove();
    assert.equal(await scene.view.status(first), "FINISHED");
    const told = /with a savepoint in .*: (file:\S+)/.exec(job.lines.join("\n"))?.[1];
    assert.ok(told !== undefined, job.lines.join("\n"));
    assert.ok(existsSync(fileURLToPath(told)));
    await job.counts();
    const { jars } = { jars: (await scene.view.get<{ files: { name: string }[] }>("/jars")).files };
    assert.deepEqual(
      jars.filter(({ name }) => name.includes(job.prefix)),
      [],
    );
  });

  it("cancels when it is deleted with onDelete CANCEL, and keeps the checkpoint", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" }, { onDelete: "CANCEL" });
    assert.match(job.outputs.onDeletePlan, /cancel job .* without a savepoint/);
    await job.remove();
    assert.equal(await scene.view.status(first), "CANCELED");
    const { latest } = await scene.view.get<{ latest: { completed: { external_path: string } } }>(
      `/jobs/${first}/checkpoints`,
    );
    assert.ok(existsSync(fileURLToPath(latest.completed.external_path)));
  });

  it("cancels a job that can take no savepoint when it is deleted, on its newest checkpoint", async () => {
    const job = scene.deployment();
    const others = { savepointTargetDirectory: "file:///proc/nope" };
    const first = await job.runs({ tag: "v1" }, others);
    await job.remove();
    assert.equal(await scene.view.status(first), "CANCELED");
    assert.match(job.lines.join("\n"), /could take no savepoint .* its newest state is kept: file:.*chk-/);
  });

  it("gives up the one job that forceCancellationOf names, without cancelling it", async () => {
    const job = scene.deployment();
    // The job that is given up goes on: its checkpoint has to last until the new job has read it.
    const flinkConfiguration = { "execution.checkpointing.interval": "3 s" };
    const first = await job.runs({ tag: "v1" }, { flinkConfiguration });
    const second = await job.up({ tag: "v2" }, { flinkConfiguration, forceCancellationOf: first });
    assert.notEqual(second.jobId, first);
    assert.equal(await scene.view.status(first), "RUNNING");
    assert.equal(await scene.view.status(second.jobId ?? ""), "RUNNING");
    await job.remove();
    assert.equal(await scene.view.status(second.jobId ?? ""), "FINISHED");
    assert.equal(await scene.view.status(first), "RUNNING");
  });

  it("is deleted although its cluster does not answer only when its job is abandoned by name", async () => {
    const proxy = await startFaultyProxy(scene.flink.url);
    const job = scene.deployment(proxy.url);
    const timeouts = { running: "20 s", unreachable: "500 ms" };
    const first = await job.runs({ tag: "v1" }, { timeouts });
    await proxy.stop();
    await assert.rejects(job.remove(), (error: Error) => {
      assert.match(error.message, new RegExp(`does not answer.*PULUMI_FLINK_ABANDON_JOBS=${first}`, "s"));
      return true;
    });
    assert.equal((await job.refresh()).status.running?.conditions[0]?.status, "True");
    process.env["PULUMI_FLINK_ABANDON_JOBS"] = first;
    try {
      await job.remove();
    } finally {
      delete process.env["PULUMI_FLINK_ABANDON_JOBS"];
    }
    assert.equal(await scene.view.status(first), "RUNNING");
  });

  it("keeps jobs of equal arguments apart on one cluster", async () => {
    const [one, other] = [scene.deployment(), scene.deployment()];
    const [first, second] = [await one.runs({ tag: "v1" }), await other.runs({ tag: "v1" })];
    assert.notEqual(first, second);
    await one.remove();
    assert.equal(await scene.view.status(second), "RUNNING");
    await other.runs({ tag: "v2" });
    await other.endsContinuous("v1", "v2");
    await one.counts();
  });
});
