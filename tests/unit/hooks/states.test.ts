import assert from "node:assert/strict";
import { mutations, prepare, start, useRig } from "./fixture";

describe("the hooks of a FlinkDeployment with a desired state", () => {
  const rig = useRig();

  it("suspend with a savepoint and resume from that very one, as the preview says", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    assert.ok(job);
    const suspended = program({ state: "SUSPENDED" });
    assert.deepEqual(
      (await stack.preview(suspended)).lines.map(({ text }) => text),
      [`plan: stop job ${job.id} with a savepoint`],
    );
    await stack.up(suspended);
    assert.equal(job.status, "FINISHED");
    assert.equal(stack.outputs.status.state, "SUSPENDED");
    assert.equal(stack.outputs.status.running, undefined);
    assert.equal(stack.outputs.jobId, undefined);
    assert.equal(stack.outputs.onDeletePlan, "nothing to stop: no job is active");
    const savepoint = stack.outputs.latestSavepoint ?? "none";
    assert.equal(savepoint, job.latestState?.path);
    assert.equal(stack.outputs.savepoints[0]?.origin, "SUSPEND");
    assert.equal((await stack.preview(suspended)).changes, false);

    const { lines } = await stack.preview(program());
    assert.ok(
      lines.some(({ text }) => text.includes(`from savepoint ${savepoint} (`)),
      "the snapshot and its age",
    );
    await stack.up(program());
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, savepoint);
    assert.equal(flink.storage.repeated(job.lineage), 0);
  });

  it("suspend without a cluster and without its jar: what is recorded is enough", async () => {
    const { flink, stack, program } = await start(rig);
    const suspended = program({ state: "SUSPENDED", artifact: { jarUri: "file:///nowhere/lost.jar" } });
    await stack.up({ ...suspended, cluster: undefined });
    assert.deepEqual(flink.activeJobs(), []);
    assert.equal(stack.outputs.status.state, "SUSPENDED");
  });

  it("cancel, and run again from the newest checkpoint by LATEST_STATE", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    job?.checkpoint();
    const cancelled = program({ state: "CANCELLED" });
    assert.deepEqual(
      (await stack.preview(cancelled)).lines.map(({ text }) => text),
      [`plan: cancel job ${job?.id ?? ""} without a savepoint`],
    );
    await stack.up(cancelled);
    assert.equal(job?.status, "CANCELED");
    assert.equal(stack.outputs.status.state, "CANCELLED");
    assert.equal((await stack.preview(cancelled)).changes, false);
    await stack.up(program());
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, job?.latestState?.path);
    assert.equal(flink.storage.repeated(job?.lineage ?? ""), 0);
  });

  it("start empty after a cancel when restoreStrategy is NONE, and warn of it", async () => {
    const { flink, stack, program } = await start(rig, { restoreStrategy: { kind: "NONE" } });
    flink.activeJobs()[0]?.checkpoint();
    await stack.up(program({ state: "canceled" }));
    assert.equal(stack.outputs.status.state, "CANCELLED");
    const { lines } = await stack.preview(program());
    assert.ok(lines.some(({ level, text }) => level === "warn" && text.includes("starts empty")));
    await stack.up(program());
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, undefined);
  });

  it("suspend a failed job on its retained checkpoint", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    job?.checkpoint();
    job?.end("FAILED", "out of memory");
    await stack.up(program({ state: "SUSPENDED" }));
    assert.equal(stack.outputs.status.state, "SUSPENDED");
    await stack.up(program());
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, job?.latestState?.path);
  });

  it("refuse to suspend a failed job without state, and change nothing", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    job?.end("FAILED", "out of memory");
    for (const each of job?.checkpoints ?? []) each.discarded = true;
    const before = mutations(flink);
    const message = await stack.failingUp(program({ state: "SUSPENDED" }));
    assert.match(message, /cannot be suspended.*Nothing was changed/);
    assert.deepEqual(mutations(flink), before);
    assert.equal(stack.outputs.status.state, "RUNNING", "the old outputs are kept");
  });

  for (const state of ["SUSPENDED", "CANCELLED"] as const) {
    it(`create a deployment as ${state} without a cluster, and run nothing`, async () => {
      const { flink, stack, program } = await prepare(rig);
      await stack.up({ ...program({ state }), cluster: undefined });
      assert.equal(stack.outputs.status.state, state);
      assert.deepEqual(flink.requests, []);
      await stack.up(program());
      assert.equal(flink.activeJobs().length, 1);
    });

    it(`refuse ${state} while the cluster does not answer, with the way out`, async () => {
      const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "50 ms" } });
      const jobId = stack.outputs.jobId ?? "";
      await flink.close();
      const message = await stack.failingUp(program({ state }));
      assert.match(message, /does not answer.*Nothing was changed/);
      assert.ok(message.includes(`PULUMI_FLINK_ABANDON_JOBS=${jobId} `), message);
      assert.equal(stack.outputs.status.state, "RUNNING");
    });

    it(`keep a bounded job that has ended by itself FINISHED under ${state}`, async () => {
      const { flink, stack, program } = await start(rig);
      flink.activeJobs()[0]?.end("FINISHED");
      await stack.up(program({ state }));
      assert.equal(stack.outputs.status.state, state === "SUSPENDED" ? "FINISHED" : "CANCELLED");
      assert.equal(flink.submissions.length, 1);
      assert.equal((await stack.preview(program({ state }))).changes, false);
    });
  }

  it("let a change wait under NONE: said, shown in the status, and no difference for ever", async () => {
    const { flink, stack, program } = await start(rig, { upgradeStrategy: { kind: "NONE" } });
    const jobId = stack.outputs.jobId;
    const changed = program({ parallelism: 2 });
    const { lines } = await stack.preview(changed);
    assert.ok(lines.some(({ level, text }) => level === "warn" && /upgradeStrategy is NONE .* waits/.test(text)));
    const before = mutations(flink);
    await stack.up(changed);
    assert.deepEqual(mutations(flink), before);
    assert.equal(stack.outputs.jobId, jobId);
    assert.match(stack.outputs.status.pendingUpgrade ?? "", /waits: upgradeStrategy is NONE/);
    assert.equal((await stack.preview(changed)).changes, false);
    assert.equal(await stack.up(changed), false);

    // Suspending and running again is the user's own way to let it in.
    await stack.up({ ...changed, state: "SUSPENDED" });
    assert.equal(flink.activeJobs().length, 0);
    await stack.up(changed);
    assert.equal(flink.activeJobs()[0]?.parallelism, 2);
    assert.equal(stack.outputs.status.pendingUpgrade, undefined);
    assert.equal(flink.storage.repeated(flink.activeJobs()[0]?.lineage ?? ""), 0);
  });

  it("take a waiting change back without touching the job", async () => {
    const { flink, stack, program } = await start(rig, { upgradeStrategy: { kind: "NONE" } });
    await stack.up(program({ parallelism: 2 }));
    const before = mutations(flink);
    await stack.up(program());
    assert.equal(stack.outputs.status.pendingUpgrade, undefined);
    assert.deepEqual(mutations(flink), before);
    assert.equal((await stack.preview(program())).changes, false);
  });
});
