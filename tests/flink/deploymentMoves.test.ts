import * as assert from "node:assert/strict";
import { FlinkView, onRealFlink } from "../rig/deploymentScene";
import { startFaultyProxy } from "../rig/faultyProxy";
import { startFlink, SUPPORTED_VERSIONS, type RealFlink } from "../rig/flink";
import { until } from "../rig/until";

onRealFlink("moves of a FlinkDeployment between two clusters", {}, (scene) => {
  let other: RealFlink;
  let there: FlinkView;
  let cluster: { url: string };

  before(async () => {
    // What it says of a job is up to 3 s old, as on most clusters.
    other = await startFlink({ version: scene.version, flinkConfiguration: { "web.refresh-interval": 3_000 } });
    there = new FlinkView(other.url);
    cluster = { url: other.url };
  });
  afterEach(() => there.cancelAll());
  after(() => other?.stop());

  it("moves with one stop and one restore, and takes its jar along", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const plan = await job.plan({ tag: "v2" }, { cluster });
    assert.match(
      plan.lines.join("\n"),
      new RegExp(`upload .* to ${other.url}\n.*stop job ${first}.*\n.*on ${other.url}`),
    );
    const second = await job.runs({ tag: "v2" }, { cluster });
    assert.equal(await scene.view.status(first), "FINISHED");
    assert.equal(await there.status(second), "RUNNING");
    assert.ok(job.outputs.webInterfaceUrl?.startsWith(other.url));
    const { files } = await scene.view.get<{ files: { name: string }[] }>("/jars");
    assert.deepEqual(
      files.filter(({ name }) => name.includes(job.prefix)),
      [],
    );
    await job.endsContinuous("v1", "v2");
  });

  it("uses the very newest checkpoint of a cluster whose view is 3 s old", async () => {
    const job = scene.deployment(other.url);
    const upgradeStrategy = { kind: "STATELESS" };
    await job.runs({ tag: "v1" }, { upgradeStrategy });
    await job.runs({ tag: "v2" }, { upgradeStrategy });
    await job.runs({ tag: "v3" }, { upgradeStrategy, cluster: { url: scene.flink.url } });
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("cancels on a cluster whose view is 3 s old, and goes on from the very newest checkpoint", async () => {
    const job = scene.deployment(other.url);
    await job.runs({ tag: "v1" });
    await job.up({ tag: "v1" }, { state: "CANCELLED" });
    await job.runs({ tag: "v2" }, { cluster: { url: scene.flink.url } });
    await job.endsContinuous("v1", "v2");
  });

  it("rolls back onto the old cluster when the job does not come up on the new one, and moves later", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const message = await job.upFails({ tag: "v2", failAtStart: true }, { cluster });
    assert.match(message, /open\(\) fails, as --fail-at-start says/);
    assert.match(message, new RegExp(`Rolled back: the old job runs again as .* on ${scene.flink.url}`));
    assert.equal(await scene.view.status(job.outputs.jobId ?? ""), "RUNNING");
    const second = await job.runs({ tag: "v3" }, { cluster });
    assert.equal(await there.status(second), "RUNNING");
    await job.endsContinuous("v1", "v3");
  });

  const newer = SUPPORTED_VERSIONS[SUPPORTED_VERSIONS.indexOf(scene.version) + 1];
  if (newer !== undefined) {
    it(`rolls back from Flink ${newer}, where the job does not come up, and goes on where it was`, async () => {
      const upgraded = await startFlink({ version: newer });
      try {
        const job = scene.deployment();
        const first = await job.runs({ tag: "v1" });
        const cluster = { url: upgraded.url };
        const message = await job.upFails({ tag: "v2", mainThrows: true }, { cluster });
        assert.match(message, /main\(\) throws/);
        const { jobId: back = "", savepoints } = job.outputs;
        assert.ok(message.includes(`Rolled back: the old job runs again as ${back} on ${scene.flink.url}`), message);
        assert.notEqual(back, first);
        assert.equal(await scene.view.status(back), "RUNNING");
        assert.ok(message.includes(savepoints[0]?.path ?? "none"), message);
        assert.equal(await scene.view.status(await job.runs({ tag: "v3" })), "RUNNING");
        await job.endsContinuous("v1", "v3");
      } finally {
        await upgraded.stop();
      }
    });
  }

  it("stays where it is when it is asked to after a move that was rolled back", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    await job.upFails({ tag: "v2", failAtStart: true }, { cluster });
    const back = job.outputs.jobId;
    assert.equal((await job.up({ tag: "v1" })).jobId, back);
    assert.equal(job.outputs.status.state, "RUNNING");
    await job.endsContinuous("v1");
  });

  it("comes back from the new cluster when its move was killed there and the old one is asked for again", async () => {
    const proxy = await startFaultyProxy(other.url);
    try {
      const job = scene.deployment();
      await job.runs({ tag: "v1" });
      const point = { method: "POST", path: /\/run$/, effect: "dropAnswer" } as const;
      const moved = { cluster: { url: proxy.url } };
      await job.upCrashes(proxy, point, { tag: "v2" }, moved);
      const second = await job.runs({ tag: "v2" }, moved);
      assert.deepEqual(
        (await there.jobs(job.prefix)).map(({ id }) => id),
        [second],
      );
      await job.runs({ tag: "v3" });
      await job.endsContinuous("v1", "v2", "v3");
    } finally {
      await proxy.stop();
    }
  });

  it("refuses in the preview to take a running job's cluster away under NONE", async () => {
    const job = scene.deployment();
    const upgradeStrategy = { kind: "NONE" };
    const first = await job.runs({ tag: "v1" }, { upgradeStrategy });
    const refused = { message: /upgradeStrategy is NONE: it would lose its cluster/ };
    await assert.rejects(job.plan({ tag: "v1" }, { upgradeStrategy, cluster }), refused);
    await assert.rejects(job.up({ tag: "v1" }, { upgradeStrategy, cluster }), refused);
    assert.equal(await scene.view.status(first), "RUNNING");
  });

  it("resumes a suspended job on another cluster, and only points a FINISHED one there", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    await job.up({ tag: "v1" }, { state: "SUSPENDED" });
    await job.up({ tag: "v1" }, { state: "SUSPENDED", cluster });
    assert.deepEqual(await there.jobs(job.prefix), []);
    await job.runs({ tag: "v2" }, { cluster });
    await job.endsContinuous("v1", "v2");

    const bounded = scene.deployment();
    const main = { tag: "v1", rate: 0, limit: 20 };
    await bounded.up(main);
    await bounded.written("v1", 40);
    await until("the job has FINISHED", async () => (await bounded.refresh()).status.state === "FINISHED");
    await bounded.up(main, { cluster });
    assert.deepEqual(await there.jobs(bounded.prefix), []);
    assert.equal(bounded.outputs.status.state, "FINISHED");
  });

  it("does not move when a cluster of the same fingerprint is at another address", async () => {
    const proxy = await startFaultyProxy(scene.flink.url);
    try {
      const job = scene.deployment();
      const first = await job.runs({ tag: "v1" }, { cluster: { url: scene.flink.url, fingerprint: "one" } });
      const again = { url: proxy.url, fingerprint: "one" };
      assert.equal((await job.up({ tag: "v1" }, { cluster: again })).jobId, first);
      assert.ok(job.outputs.webInterfaceUrl?.startsWith(proxy.url));
      await job.endsContinuous("v1");
    } finally {
      await proxy.stop();
    }
  });

  it("keeps jobs of equal arguments apart on two clusters", async () => {
    const [one, two] = [scene.deployment(), scene.deployment(other.url)];
    const [first, second] = [await one.runs({ tag: "v1" }), await two.runs({ tag: "v1" })];
    assert.notEqual(first, second);
    await one.runs({ tag: "v2" }, { cluster });
    assert.equal(await there.status(second), "RUNNING");
    await two.endsContinuous("v1");
    await one.endsContinuous("v1", "v2");
  });
});
