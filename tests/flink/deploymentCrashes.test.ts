import * as assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import * as path from "node:path";
import { onRealFlink, type CountingDeployment } from "../rig/deploymentScene";
import { startFaultyProxy, type FaultyProxy, type Interception } from "../rig/faultyProxy";
import { until } from "../rig/until";

type Point = Omit<Interception, "act" | "times">;

const RUN = { method: "POST", path: /^\/jars\/[^/]+\/run$/ };
const STOP = { method: "POST", path: /^\/jobs\/[^/]+\/stop$/ };
const CANCEL = { method: "PATCH", path: /^\/jobs\/[^/]+$/ };

const before = (request: Omit<Point, "effect">): Point => ({ ...request, effect: "dropRequest" });
const after = (request: Omit<Point, "effect">): Point => ({ ...request, effect: "dropAnswer" });

onRealFlink("a FlinkDeployment whose update is killed or goes unheard", {}, (scene) => {
  let proxy: FaultyProxy;
  let job: CountingDeployment;

  beforeEach(async () => {
    proxy = await startFaultyProxy(scene.flink.url);
    job = scene.deployment(proxy.url);
  });
  afterEach(() => proxy.stop());

  /** Flink names a savepoint's folder after its job. */
  const savepointsOf = (jobId: string): number =>
    readdirSync(path.join(scene.flink.directory, "savepoints")).filter((name) =>
      name.startsWith(`savepoint-${jobId.slice(0, 6)}-`),
    ).length;
  const active = async (): Promise<string[]> =>
    (await scene.view.jobs(job.prefix)).filter(({ status }) => status === "RUNNING").map(({ id }) => id);

  for (const [when, point] of [
    ["before its stop", before(STOP)],
    ["right after its stop", after(STOP)],
    ["before its submission", before(RUN)],
    ["right after its submission", after(RUN)],
  ] as const) {
    it(`takes one savepoint and runs one job when a STATEFUL upgrade is killed ${when}`, async () => {
      const first = await job.runs({ tag: "v1" });
      await job.upCrashes(proxy, point, { tag: "v2" });
      assert.equal(job.outputs.jobId, first);
      assert.equal((await job.plan({ tag: "v2" })).changes, true);
      const second = await job.runs({ tag: "v2" });
      assert.deepEqual(await active(), [second]);
      assert.equal(savepointsOf(first), 1);
      await job.endsContinuous("v1", "v2");
    });

    it(`goes over what was left when it is killed ${when} and then asked for another version`, async () => {
      await job.runs({ tag: "v1" });
      await job.upCrashes(proxy, point, { tag: "v2" });
      const third = await job.runs({ tag: "v3" });
      assert.deepEqual(await active(), [third]);
      await job.remove();
      assert.deepEqual(
        Object.keys(await job.counts())
          .filter((tag) => tag !== "v2")
          .sort(),
        ["v1", "v3"],
      );
    });
  }

  for (const [when, point] of [
    ["right after its cancel", after(CANCEL)],
    ["before its submission", before(RUN)],
    ["right after its submission", after(RUN)],
  ] as const) {
    it(`goes on from the newest checkpoint when a STATELESS upgrade is killed ${when}`, async () => {
      const upgradeStrategy = { kind: "STATELESS" };
      await job.runs({ tag: "v1" }, { upgradeStrategy });
      await job.upCrashes(proxy, point, { tag: "v2" }, { upgradeStrategy });
      const second = await job.runs({ tag: "v2" }, { upgradeStrategy });
      assert.deepEqual(await active(), [second]);
      await job.endsContinuous("v1", "v2");
    });
  }

  it("suspends on the one savepoint when it is killed right after its stop", async () => {
    const first = await job.runs({ tag: "v1" });
    await job.upCrashes(proxy, after(STOP), { tag: "v1" }, { state: "SUSPENDED" });
    assert.equal((await job.up({ tag: "v1" }, { state: "SUSPENDED" })).status.state, "SUSPENDED");
    assert.equal(savepointsOf(first), 1);
    await job.runs({ tag: "v2" });
    await job.endsContinuous("v1", "v2");
  });

  it("finds its job when its creation was killed right after the submission", async () => {
    await job.upCrashes(proxy, after(RUN), { tag: "v1" });
    assert.equal(job.exists, false);
    const [left] = await active();
    assert.equal(await job.runs({ tag: "v1" }), left);
    await job.endsContinuous("v1");
  });

  it("refuses to create another version beside a job that a killed creation left", async () => {
    await job.upCrashes(proxy, after(RUN), { tag: "v1" });
    assert.match(await job.upFails({ tag: "v2" }), /already runs with another specification/);
    assert.equal((await active()).length, 1);
  });

  it("runs a bounded job once though the answer to its submission is lost", async () => {
    const lost = proxy.intercept(after(RUN));
    await job.up({ tag: "v1", rate: 0, limit: 50 });
    assert.equal(lost.happened, 1);
    await job.written("v1", 100);
    assert.equal((await scene.view.jobs(job.prefix)).length, 1);
    await job.counts();
  });

  it("runs a bounded job once though it is killed right after the submission, and the job has FINISHED since", async () => {
    const bounded = { tag: "v1", rate: 0, limit: 50 };
    await job.upCrashes(proxy, after(RUN), bounded);
    await job.written("v1", 100);
    await until("the job has FINISHED", async () =>
      (await scene.view.jobs(job.prefix)).every(({ status }) => status === "FINISHED"),
    );
    assert.equal((await job.up(bounded)).status.state, "FINISHED");
    assert.equal((await scene.view.jobs(job.prefix)).length, 1);
    await job.counts();
  });

  it("hears of a stop, a cancel and a submission though each answer is lost once", async () => {
    const lost = [after(STOP), after(CANCEL), after(RUN)].map((point) => proxy.intercept(point));
    await job.runs({ tag: "v1" });
    await job.runs({ tag: "v2" });
    await job.runs({ tag: "v3" }, { upgradeStrategy: { kind: "STATELESS" } });
    assert.deepEqual(
      lost.map(({ happened }) => happened),
      [1, 1, 1],
    );
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("does not roll back a try that has completed a checkpoint, and goes on from there", async () => {
    await job.runs({ tag: "v1" });
    // Whether the second job ever came up is not seen.
    let blind = { remove: (): void => undefined };
    proxy.intercept({
      ...after(RUN),
      act: () => {
        blind = proxy.intercept({
          method: "GET",
          path: /^\/jobs\/overview$/,
          effect: "dropRequest",
          times: Infinity,
        });
      },
    });
    const failed = job.upFails(
      { tag: "v2", failAfterCheckpoints: 2 },
      { maxJobCreationAttempts: 1, timeouts: { unreachable: "20 s" } },
    );
    await until("the try has FAILED", async () =>
      (await scene.view.jobs(job.prefix)).some(({ id, status }) => id.slice(16, 20) === "0002" && status === "FAILED"),
    );
    blind.remove();
    const message = await failed;
    assert.match(message, /completed a checkpoint, so nothing was rolled back and its state is kept: file:.*chk-/);
    assert.equal(job.outputs.jobId, undefined);
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("takes what a try left that has FAILED after its update was killed", async () => {
    await job.runs({ tag: "v1" });
    await job.upCrashes(proxy, after(RUN), { tag: "v2", failAfterCheckpoints: 3 });
    await until("the try has FAILED", async () =>
      (await scene.view.jobs(job.prefix)).some(({ status }) => status === "FAILED"),
    );
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v2", "v3");
  });

  it("takes one savepoint when it is deleted and the answer to its stop is lost", async () => {
    const first = await job.runs({ tag: "v1" });
    proxy.intercept(after(STOP));
    await job.remove();
    assert.equal(savepointsOf(first), 1);
    await job.counts();
  });
});
