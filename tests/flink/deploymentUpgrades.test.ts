import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onRealFlink } from "../rig/deploymentScene";
import { until } from "../rig/until";

onRealFlink("upgrades of a FlinkDeployment", {}, (scene) => {
  it("creates the job as its preview says, and then has nothing to do", async () => {
    const job = scene.deployment();
    const plan = await job.plan({ tag: "v1" });
    assert.match(plan.lines.join("\n"), /upload counting\.jar .*\n.*start job [0-9a-f]{32} on .* empty/);
    const jobId = await job.runs({ tag: "v1" });
    assert.ok(plan.lines.some((line) => line.includes(jobId)));
    assert.equal(await scene.view.status(jobId), "RUNNING");
    assert.equal(job.outputs.status.state, "RUNNING");
    assert.deepEqual(await job.plan({ tag: "v1" }), { failures: [], changes: false, lines: [] });
    assert.deepEqual(await job.refresh(), job.outputs);
    await job.endsContinuous("v1");
  });

  it("upgrades STATEFUL from the savepoint of the stop, job arguments, parallelism and configuration alike", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const plan = await job.plan({ tag: "v2" }, { parallelism: 2 });
    assert.equal(plan.changes, true);
    assert.match(plan.lines.join("\n"), new RegExp(`stop job ${first} with a savepoint\n.*from that savepoint`));
    const second = await job.runs({ tag: "v2" }, { parallelism: 2 });
    const { jobs, savepoints } = job.outputs;
    assert.equal(await scene.view.status(first), "FINISHED");
    assert.equal(savepoints[0]?.origin, "UPGRADE");
    assert.equal(jobs[0]?.id, second);
    assert.equal(jobs[0]?.restoredFrom, savepoints[0]?.path);
    await job.runs({ tag: "v3" }, { flinkConfiguration: { "execution.checkpointing.interval": "200 ms" } });
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("upgrades STATELESS from the newest retained checkpoint, and doubles nothing", async () => {
    const job = scene.deployment();
    const upgradeStrategy = { kind: "STATELESS" };
    const first = await job.runs({ tag: "v1" }, { upgradeStrategy });
    await job.runs({ tag: "v2" }, { upgradeStrategy });
    assert.equal(await scene.view.status(first), "CANCELED");
    assert.match(job.outputs.jobs[0]?.restoredFrom ?? "", /\/chk-\d+$/);
    await job.endsContinuous("v1", "v2");
  });

  it("upgrades STATELESS with LATEST_SAVEPOINT from the newest savepoint, which repeats what came after it", async () => {
    const job = scene.deployment();
    const others = { upgradeStrategy: { kind: "STATELESS" }, restoreStrategy: { kind: "LATEST_SAVEPOINT" } };
    const first = await job.runs({ tag: "v1" }, others);
    const savepoint = await scene.view.savepoint(first);
    await job.written("v1", 60);
    await job.runs({ tag: "v2" }, others);
    assert.equal(job.outputs.jobs[0]?.restoredFrom, savepoint);
    await job.remove();
    await assert.rejects(job.counts(), /2 times \(tags v[12], v[12]\)/);
  });

  it("upgrades with restoreStrategy NONE empty, after a savepoint and a warning", async () => {
    const job = scene.deployment();
    const others = { restoreStrategy: { kind: "NONE" } };
    await job.runs({ tag: "v1" }, others);
    const { lines } = await job.plan({ tag: "v2" }, others);
    assert.match(lines.join("\n"), /restoreStrategy is NONE: the new job starts empty although a savepoint is taken/);
    await job.runs({ tag: "v2" }, others);
    assert.equal(job.outputs.jobs[0]?.restoredFrom, undefined);
    assert.ok(job.outputs.latestSavepoint !== undefined);
  });

  it("lets a change wait under NONE, and carries it out after a suspension", async () => {
    const job = scene.deployment();
    const others = { upgradeStrategy: { kind: "NONE" } };
    const first = await job.runs({ tag: "v1" }, others);
    assert.equal((await job.up({ tag: "v2" }, others)).jobId, first);
    assert.ok(job.outputs.status.pendingUpgrade !== undefined);
    assert.equal((await job.plan({ tag: "v2" }, others)).changes, false);
    await job.up({ tag: "v2" }, { ...others, state: "SUSPENDED" });
    await job.runs({ tag: "v2" }, others);
    assert.equal(job.outputs.status.pendingUpgrade, undefined);
    await job.endsContinuous("v1", "v2");
  });

  it("needs allowNonRestoredState once an operator with state is gone, and rolls back without it", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1", extraOperator: "more" });
    const message = await job.upFails({ tag: "v2" });
    assert.match(message, /Rolled back: the old job runs again/);
    assert.match(message, /allowNonRestoredState/i);
    await job.runs({ tag: "v2" }, { restoreStrategy: { allowNonRestoredState: true } });
    await job.endsContinuous("v1", "v2");
  });

  it("restarts the job by restartNonce and by an annotation, and not by a label", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const { jobId: second } = await job.up({ tag: "v1" }, { restartNonce: 1 });
    assert.notEqual(second, first);
    const { jobId: third } = await job.up({ tag: "v1" }, { restartNonce: 1, annotations: { note: "again" } });
    assert.notEqual(third, second);
    const labelled = { restartNonce: 1, annotations: { note: "again" }, labels: { team: "counts" } };
    assert.equal((await job.up({ tag: "v1" }, labelled)).jobId, third);
    await job.endsContinuous("v1");
  });

  it("starts first from initialSavepointPath, and again from it by savepointRedeployNonce", async () => {
    const origin = scene.deployment();
    await origin.runs({ tag: "v1" });
    await origin.up({ tag: "v1" }, { state: "SUSPENDED" });
    const initialSavepointPath = origin.outputs.latestSavepoint;
    const job = scene.deployment();
    const output = { output: origin.output };
    const { jobId } = await job.up({ ...output, tag: "v2" }, { initialSavepointPath });
    assert.equal(job.outputs.jobs[0]?.restoredFrom, initialSavepointPath);
    await origin.written("v2");
    assert.equal((await job.up({ ...output, tag: "v2" }, { initialSavepointPath })).jobId, jobId);
    const redeploy = { initialSavepointPath, savepointRedeployNonce: 1 };
    const { lines } = await job.plan({ ...output, tag: "v2" }, redeploy);
    assert.match(lines.join("\n"), /savepointRedeployNonce changed: the new job starts from/);
    await job.up({ ...output, tag: "v2" }, redeploy);
    assert.equal(job.outputs.jobs[0]?.restoredFrom, initialSavepointPath);
    assert.deepEqual((await job.plan({ ...output, tag: "v2" }, redeploy)).changes, false);
  });

  it("claims the savepoint of an upgrade where it is told to", async () => {
    const job = scene.deployment();
    const others = { restoreStrategy: { claimMode: "CLAIM" }, rollback: false };
    await job.runs({ tag: "v1" }, others);
    const second = await job.runs({ tag: "v2" }, others);
    const { latest } = await scene.view.get<{ latest: { restored: { external_path: string } } }>(
      `/jobs/${second}/checkpoints`,
    );
    const claimed = job.outputs.savepoints[0]?.path ?? "";
    assert.equal(latest.restored.external_path, claimed);
    // What Flink owns it deletes as soon as a checkpoint of the job is newer.
    await until("the savepoint is deleted", () => Promise.resolve(!existsSync(fileURLToPath(claimed))));
    await job.runs({ tag: "v3" }, others);
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("does not let a job claim the savepoint that would take it along when it does not come up", async () => {
    const job = scene.deployment();
    const flinkConfiguration = {
      "execution.checkpointing.externalized-checkpoint-retention": "NO_EXTERNALIZED_CHECKPOINTS",
    };
    const restoreStrategy = { claimMode: "CLAIM" };
    const others = { restoreStrategy, rollback: false, maxJobCreationAttempts: 1, flinkConfiguration };
    await job.runs({ tag: "v1" }, others);
    assert.match(await job.upFails({ tag: "v2", failAtStart: true }, others), /The state is safe: /);
    assert.match(job.lines.join("\n"), /claimMode CLAIM is not followed/);
    await job.runs({ tag: "v3" }, others);
    await job.endsContinuous("v1", "v3");
  });

  it("writes NATIVE savepoints where they are asked for, in the directory that is named", async () => {
    const job = scene.deployment();
    const savepointTargetDirectory = `file://${scene.flink.directory}/elsewhere`;
    const others = { savepointFormatType: "NATIVE", savepointTargetDirectory };
    await job.runs({ tag: "v1" }, others);
    await job.runs({ tag: "v2" }, others);
    assert.equal(job.outputs.savepoints[0]?.formatType, "NATIVE");
    assert.ok(job.outputs.latestSavepoint?.startsWith(savepointTargetDirectory.replace("file://", "file:")));
    await job.endsContinuous("v1", "v2");
  });
});
