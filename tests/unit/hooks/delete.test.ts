import assert from "node:assert/strict";
import { mutations, start, useRig } from "./fixture";

describe("the delete hook of a FlinkDeployment", () => {
  const rig = useRig();

  it("stops the job with a savepoint, and prints its path as a lasting line", async () => {
    const { flink, stack } = await start(rig, { savepointTargetDirectory: "file:///last" });
    const [job] = flink.activeJobs();
    assert.equal(
      stack.outputs.onDeletePlan,
      `stop job ${job?.id ?? ""} with a savepoint in file:///last; if it can take none, cancel it and keep its newest checkpoint`,
    );
    await stack.destroy();
    assert.equal(job?.status, "FINISHED");
    const path = job?.latestState?.path ?? "none";
    assert.match(path, /^file:\/last\/savepoint-/);
    assert.ok(
      stack.texts.some((text) => text.includes(path)),
      stack.texts.join("\n"),
    );
    assert.ok(flink.storage.get(path), "it stays in storage");
    assert.deepEqual(flink.jars, [], "its own jars are deleted");
  });

  it("cancels the job and keeps its newest checkpoint when it can take no savepoint", async () => {
    const { flink, stack } = await start(rig, { maxSavepointCreationAttempts: 1 });
    const [job] = flink.activeJobs();
    job?.checkpoint();
    flink.script.savepoint = () => ({ fail: "the storage is full" });
    await stack.destroy();
    assert.equal(job?.status, "CANCELED");
    const path = job?.latestState?.path ?? "none";
    assert.ok(stack.lines.some(({ level, text }) => level === "warn" && text.includes(path)));
  });

  it("refuses when there is neither savepoint nor checkpoint, with a way out that works", async () => {
    const { flink, stack, program } = await start(rig, {
      maxSavepointCreationAttempts: 1,
      flinkConfiguration: {},
    });
    const jobId = stack.outputs.jobId ?? "";
    flink.script.savepoint = () => ({ fail: "the storage is full" });
    const message = await stack.failingDestroy();
    assert.match(message, /can take no savepoint .*storage is full.*has completed no checkpoint/);
    assert.match(message, /onDelete "CANCEL"/);
    assert.ok(message.includes(`PULUMI_FLINK_ABANDON_JOBS=${jobId} `), message);
    assert.equal(flink.activeJobs().length, 1);
    await stack.up(program({ onDelete: "CANCEL" }));
    await stack.destroy();
    assert.deepEqual(flink.activeJobs(), []);
  });

  it("says beforehand that it drains", async () => {
    const { stack } = await start(rig, { drain: true });
    const { jobId = "" } = stack.outputs;
    assert.match(stack.outputs.onDeletePlan, new RegExp(`^stop job ${jobId} with a savepoint, draining it; `));
  });

  it("cancels at once under onDelete CANCEL", async () => {
    const { flink, stack } = await start(rig, { onDelete: "CANCEL" });
    const [job] = flink.activeJobs();
    assert.equal(stack.outputs.onDeletePlan, `cancel job ${job?.id ?? ""} without a savepoint`);
    await stack.destroy();
    assert.equal(job?.status, "CANCELED");
    assert.equal(
      mutations(flink).some((each) => each.endsWith("/stop")),
      false,
    );
  });

  for (const status of ["FAILED", "CANCELED", "FINISHED"] as const) {
    it(`has nothing to do for a job that is ${status}`, async () => {
      const { flink, stack } = await start(rig);
      flink.activeJobs()[0]?.end(status);
      await stack.destroy();
      assert.equal(
        mutations(flink).some((each) => each.endsWith("/stop") || each.startsWith("PATCH")),
        false,
      );
    });
  }

  it("has nothing to do for a job that Flink does not know any more", async () => {
    const { flink, stack } = await start(rig);
    flink.restartJobManager({ highAvailability: false });
    await stack.destroy();
    assert.equal(stack.resource, undefined);
  });

  it("is made good by a creation, though a JobManager that failed over knows only that the job has FINISHED", async () => {
    const { flink, stack, program } = await start(rig);
    await stack.destroy();
    flink.restartJobManager({ keepsResults: true });
    await stack.up(program());
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(flink.activeJobs()[0]?.id, stack.outputs.jobId);
  });

  it("has nothing to do after a suspension", async () => {
    const { flink, stack, program } = await start(rig);
    await stack.up(program({ state: "SUSPENDED" }));
    const stops = mutations(flink).filter((each) => each.endsWith("/stop")).length;
    await stack.destroy();
    assert.equal(mutations(flink).filter((each) => each.endsWith("/stop")).length, stops);
  });

  it("refuses while the cluster does not answer, until the job is given up by name", async () => {
    const { flink, stack } = await start(rig, { timeouts: { unreachable: "50 ms" } });
    const jobId = stack.outputs.jobId ?? "";
    await flink.close();
    const message = await stack.failingDestroy();
    assert.match(message, /does not answer/);
    assert.ok(message.includes(`PULUMI_FLINK_ABANDON_JOBS=${jobId} `), message);
    rig.onClose(() => stack.configure({}));
    await stack.configure({ "flink:abandonJobs": JSON.stringify(["0".repeat(32)]) });
    await stack.failingDestroy();
    await stack.configure({ "flink:abandonJobs": JSON.stringify([jobId]) });
    await stack.destroy();
  });

  it("is not stuck where this machine says that the cluster's processes are gone", async () => {
    const { hostname } = await import("node:os");
    const running = await start(rig);
    const { flink, stack, program } = running;
    const cluster = { url: flink.url, processes: { host: hostname(), directory: "/nowhere/at/all" } };
    await stack.up(program({ cluster }));
    await flink.close();
    await stack.destroy();
  });

  it("ends a try as well that a failed update left on the new cluster", async () => {
    const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "50 ms" } });
    const other = await rig.flink({ storage: flink.storage });
    other.fault({ method: "POST", path: /\/run/, nth: 1 }, { answerLost: true });
    const fault = other
      .received({ method: "POST", path: /\/run/, nth: 1 })
      .then(() => other.fault({ method: "GET", path: /^\/jobs\/overview/ }, { status: 503, body: "" }));
    await stack.failingUp(program({ cluster: { url: other.url } }));
    (await fault).remove();
    assert.equal(other.activeJobs().length, 1);
    await stack.destroy();
    assert.deepEqual([...flink.activeJobs(), ...other.activeJobs()], []);
  });

  it("deletes the jar as well that a failed move left on the new cluster", async () => {
    const { flink, stack, program } = await start(rig, { maxSavepointCreationAttempts: 1 });
    const other = await rig.flink({ storage: flink.storage });
    flink.script.savepoint = () => ({ fail: "the storage is full" });
    await stack.failingUp(program({ cluster: { url: other.url } }));
    assert.equal(other.jars.length, 1);
    flink.activeJobs()[0]?.checkpoint();
    await stack.destroy();
    assert.deepEqual([flink.activeJobs(), flink.jars, other.jars], [[], [], []]);
  });

  it("keeps what it did in the state when it fails half way", async () => {
    const { flink, stack } = await start(rig, { timeouts: { unreachable: "50 ms", cancel: "1 s" } });
    flink.settle = { stop: Infinity };
    flink.script.savepoint = () => "hang";
    const { resource } = stack;
    assert.ok(resource);
    stack.resource = {
      ...resource,
      outputs: { ...resource.outputs, timeouts: { ...resource.outputs.timeouts, savepoint: "1 s" } },
    };
    assert.match(await stack.failingDestroy(), /still in progress after timeouts.savepoint/);
    assert.equal(flink.activeJobs().length, 1);
    assert.ok(stack.resource);
  });
});
