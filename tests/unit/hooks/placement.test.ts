import assert from "node:assert/strict";
import type { Arguments } from "../../rig/deploymentRuns";
import { mutations, prepare, start, useRig } from "./fixture";

describe("the hooks of a FlinkDeployment whose cluster changes", () => {
  const rig = useRig();

  async function twoClusters(changes: Arguments = {}) {
    const running = await start(rig, { timeouts: { unreachable: "50 ms" }, ...changes });
    const other = await rig.flink({ storage: running.flink.storage, version: "2.3.0" });
    const moved = running.program({ cluster: { url: other.url } });
    const [old] = running.flink.activeJobs();
    assert.ok(old);
    return { ...running, other, moved, old };
  }

  it("move the job with one stop and one restore, and clean the old cluster up", async () => {
    const { flink, stack, other, moved, old } = await twoClusters();
    const { lines } = await stack.preview(moved);
    const plan = lines.map(({ text }) => text).filter((text) => text.startsWith("plan"));
    assert.match(plan[0] ?? "", new RegExp(`upload .* to ${other.url}$`));
    assert.match(plan[1] ?? "", new RegExp(`stop job ${old.id} with a savepoint`));
    assert.match(plan[2] ?? "", new RegExp(`on ${other.url} from that savepoint; if it does not come up, roll back`));
    await stack.up(moved);
    const [now] = other.activeJobs();
    assert.deepEqual(flink.activeJobs(), []);
    assert.equal(now?.submission?.savepointPath, old.latestState?.path);
    assert.deepEqual(flink.jars, []);
    assert.equal(other.jars.length, 1);
    assert.equal(stack.outputs.webInterfaceUrl, `${other.url}/#/job/running/${now?.id ?? ""}/overview`);
    assert.equal(flink.storage.repeated(old.lineage), 0);
    assert.equal((await stack.preview(moved)).changes, false);
    await flink.close();
    assert.equal((await stack.preview(moved)).changes, false, "the old cluster is needed no more");
    await stack.destroy();
    assert.deepEqual(other.activeJobs(), []);
  });

  it("have prepared the new cluster before the job stops", async () => {
    const { flink, other, stack, moved, old } = await twoClusters();
    other.fault({ method: "POST", path: /upload/ }, { status: 500, body: { errors: ["the disk is full"] } });
    assert.match(await stack.failingUp(moved), /the disk is full/);
    assert.equal(old.status, "RUNNING");
    assert.equal(
      mutations(flink).some((each) => each.endsWith("/stop")),
      false,
    );
  });

  it("refuse where the new cluster has too few slots, and leave the job alone", async () => {
    const { stack, program, old, flink } = await twoClusters({ parallelism: 2 });
    const small = await rig.flink({ storage: flink.storage, slots: 1 });
    const moved = program({ cluster: { url: small.url } });
    const { lines } = await stack.preview(moved);
    assert.ok(lines.some(({ level, text }) => level === "warn" && /will be refused: .* needs 2 slots/.test(text)));
    assert.match(await stack.failingUp(moved), /needs 2 slots, and .* has 1 .*Nothing was changed/);
    assert.equal(old.status, "RUNNING");
    assert.deepEqual(mutations(small), []);
  });

  it("roll back to the cluster that still stands when the job does not come up on the new one", async () => {
    const { flink, other, stack, moved, old } = await twoClusters({ maxJobCreationAttempts: 1 });
    other.script.run = () => ({ status: "FAILED", exception: "no such topic" });
    const message = await stack.failingUp(moved);
    assert.match(message, /no such topic.*Rolled back/s);
    const [back] = flink.activeJobs();
    assert.equal(back?.submission?.savepointPath, old.latestState?.path);
    assert.deepEqual(other.activeJobs(), []);
    assert.equal(stack.outputs.status.running?.jobId, back?.id);
    other.script.run = () => "run";
    await stack.up(moved);
    assert.deepEqual(flink.activeJobs(), []);
    assert.equal(other.activeJobs().length, 1);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("move nothing when only the address of a fingerprinted cluster changes", async () => {
    const { flink, stack, program } = await prepare(rig);
    const cluster = { url: flink.url, fingerprint: "blue" };
    await stack.up(program({ cluster }));
    const before = mutations(flink);
    await stack.up(program({ cluster: { ...cluster, url: flink.url.replace("127.0.0.1", "localhost") } }));
    assert.deepEqual(mutations(flink), before);
    assert.equal(flink.activeJobs().length, 1);
  });

  it("see that another address is the same cluster, and restart nothing", async () => {
    const { flink, stack, program } = await start(rig, { upgradeStrategy: { kind: "NONE" } });
    const before = mutations(flink);
    const jobId = stack.outputs.jobId;
    const readdressed = program({ cluster: { url: flink.url.replace("127.0.0.1", "localhost"), fingerprint: "new" } });
    await stack.up(readdressed);
    assert.deepEqual(mutations(flink), before);
    assert.equal(stack.outputs.jobId, jobId);
    assert.equal((await stack.preview(readdressed)).changes, false);
    assert.deepEqual(
      Object.values(stack.outputs.record.endpoints).map(({ fingerprint }) => fingerprint),
      ["new"],
      "the old address is needed no more",
    );
    const upgraded = { ...readdressed, upgradeStrategy: { kind: "STATEFUL" }, parallelism: 2 };
    await stack.up(upgraded);
    assert.equal(flink.activeJobs().length, 1);
    assert.equal(flink.jars.length, 1);
  });

  it("upgrade the job once when its cluster gets another address in the same run", async () => {
    const { flink, stack, program } = await start(rig);
    const [old] = flink.activeJobs();
    await stack.up(program({ cluster: { url: flink.url.replace("127.0.0.1", "localhost") }, parallelism: 2 }));
    const [now, ...others] = flink.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(now?.submission?.savepointPath, old?.latestState?.path);
    assert.equal(flink.jars.length, 1, "its jar is kept for a rollback");
    assert.ok(stack.outputs.webInterfaceUrl?.startsWith("http://localhost"));
  });

  it("refuse where one job runs on two clusters at once", async () => {
    const { flink, other, stack, moved, old } = await twoClusters();
    // With one start time it would be one job, shown by two addresses of one cluster.
    Object.assign(other.addJob({ id: old.id }), { startTime: old.startTime - 1 });
    const message = await stack.failingUp(moved);
    assert.match(message, /2 jobs of this deployment are active/);
    assert.equal(old.status, "RUNNING");
    assert.equal(flink.activeJobs().length, 1);
  });

  for (const state of ["SUSPENDED", "CANCELLED"] as const) {
    it(`run nothing when the cluster of a ${state} deployment changes, and start on the new one later`, async () => {
      const { flink, other, stack, program, moved, old } = await twoClusters();
      old.checkpoint();
      await stack.up(program({ state }));
      await stack.up({ ...moved, state });
      assert.deepEqual([...flink.activeJobs(), ...other.activeJobs()], []);
      await flink.close();
      await stack.up(moved);
      const [now] = other.activeJobs();
      assert.equal(now?.submission?.savepointPath, old.latestState?.path);
      assert.equal(flink.storage.repeated(old.lineage), 0);
    });
  }

  it("point to the new cluster, and run nothing, when the job has FINISHED", async () => {
    const { other, stack, moved, old } = await twoClusters();
    old.end("FINISHED");
    await stack.up(moved);
    assert.deepEqual(mutations(other), []);
    assert.equal(stack.outputs.status.state, "FINISHED");
    assert.equal(stack.outputs.jobs[0]?.state, "FINISHED");
    assert.equal((await stack.preview(moved)).changes, false);
    assert.equal(await stack.up(moved), false);
    assert.deepEqual(other.submissions, [], "a bounded job is never run twice");
  });

  it("never run a bounded job again that finished while a change of it waited", async () => {
    const { flink, stack, program, old } = await twoClusters({ upgradeStrategy: { kind: "NONE" } });
    old.end("FINISHED");
    await stack.up(program({ parallelism: 2 }));
    assert.equal(stack.outputs.status.state, "FINISHED");
    flink.forgetArchive();
    await stack.up(program());
    assert.equal(flink.submissions.length, 1);
    assert.equal(stack.outputs.status.state, "FINISHED");
  });

  it("refuse to move a job whose cluster does not answer, until it is given up by name", async () => {
    const { flink, other, stack, program, moved, old } = await twoClusters({ flinkConfiguration: {} });
    old.checkpoint();
    await stack.refresh();
    const checkpoint = old.latestState?.path ?? "none";
    await flink.close();
    const message = await stack.failingUp(moved);
    assert.match(message, /does not answer.*Nothing was changed/s);
    assert.deepEqual(mutations(other), []);
    rig.onClose(() => stack.configure({}));
    await stack.configure({ "flink:abandonJobs": JSON.stringify([old.id]) });
    const missing = await stack.failingUp(moved);
    assert.ok(missing.includes(checkpoint), missing);
    const path = checkpoint.replace("file:", "file://");
    const given = { initialSavepointPath: path, savepointRedeployNonce: 1, cluster: { url: other.url } };
    await stack.up(program(given));
    assert.equal(other.activeJobs()[0]?.submission?.savepointPath, path);
  });
});
