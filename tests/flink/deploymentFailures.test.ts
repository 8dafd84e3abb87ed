import * as assert from "node:assert/strict";
import { onRealFlink } from "../rig/deploymentScene";
import { until } from "../rig/until";

const RESTARTS = { "restart-strategy.type": "fixed-delay", "restart-strategy.fixed-delay.attempts": "1000" };
const DELAY = "restart-strategy.fixed-delay.delay";

onRealFlink("failures of a FlinkDeployment", {}, (scene) => {
  it("refuses a STATEFUL upgrade of a job that is not up, and falls back to its checkpoint where told", async () => {
    const job = scene.deployment();
    const flinkConfiguration = { ...RESTARTS, [DELAY]: "10 min" };
    const { jobId: first = "" } = await job.up({ tag: "v1", failAfterCheckpoints: 4 }, { flinkConfiguration });
    await until("the job restarts", async () => (await scene.view.status(first)) === "RESTARTING");
    const others = { timeouts: { running: "2 s" } };
    const { lines } = await job.plan({ tag: "v2" }, others);
    assert.match(lines.join("\n"), /wait until all its tasks run, then stop job/);
    assert.match(
      await job.upFails({ tag: "v2" }, others),
      /is not healthy \(it is RESTARTING .*LATEST_STATE.*STATELESS/s,
    );
    assert.equal(await scene.view.status(first), "RESTARTING");
    await job.runs({ tag: "v2" }, { ...others, upgradeStrategy: { fallback: "LATEST_STATE" } });
    assert.equal(await scene.view.status(first), "CANCELED");
    await job.endsContinuous("v1", "v2");
  });

  it("leaves the job running when no savepoint of it can be written", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1" });
    const unwritable = { savepointTargetDirectory: "file:///proc/nope" };
    assert.match(
      await job.upFails({ tag: "v2" }, unwritable),
      /No savepoint of job .* could be taken in 2 attempts: .*proc\/nope.* was not stopped and keeps running/s,
    );
    assert.equal(job.outputs.jobId, first);
    assert.equal(job.outputs.status.state, "FAILED");
    assert.equal(await scene.view.status(first), "RUNNING");
    assert.match(await job.upFails({ tag: "v1" }, { ...unwritable, state: "SUSPENDED" }), /No savepoint of job/);
    await job.runs({ tag: "v2" });
    await job.endsContinuous("v1", "v2");
  });

  it("asks again for a savepoint that was declined only when the job is up again", async () => {
    const job = scene.deployment();
    // Longer than the pause between two attempts.
    const flinkConfiguration = { ...RESTARTS, [DELAY]: "3 s" };
    const first = await job.runs({ tag: "v1", failSavepoints: 1 }, { flinkConfiguration });
    await job.runs({ tag: "v2" });
    assert.equal(await scene.view.status(first), "FINISHED");
    assert.equal(job.outputs.savepoints[0]?.origin, "UPGRADE");
    await job.endsContinuous("v1", "v2");
  });

  it("leaves a job that declines every savepoint running, failed over and up again", async () => {
    const job = scene.deployment();
    const flinkConfiguration = { ...RESTARTS, [DELAY]: "100 ms" };
    const first = await job.runs({ tag: "v1", failSavepoints: true }, { flinkConfiguration });
    assert.match(await job.upFails({ tag: "v2" }), /in 2 attempts: .*The savepoint is declined/);
    assert.equal(await scene.view.status(first), "RUNNING");
    await job.runs({ tag: "v2" }, { upgradeStrategy: { fallback: "LATEST_STATE" } });
    assert.match(job.outputs.jobs[0]?.restoredFrom ?? "", /\/chk-\d+$/);
    await job.endsContinuous("v1", "v2");
  });

  it("goes on from the newest checkpoint of a job that a declined stop has FAILED", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1", failSavepoints: 1 });
    await job.runs({ tag: "v2" });
    assert.equal(await scene.view.status(first), "FAILED");
    await job.endsContinuous("v1", "v2");
  });

  it("uses the savepoint of a stop that is complete although the job failed to stop", async () => {
    const job = scene.deployment();
    // The savepoint is the only snapshot: Flink 2 takes the first checkpoint at once, whatever the interval.
    const flinkConfiguration = { "execution.checkpointing.interval": undefined };
    const { jobId: first = "" } = await job.up({ tag: "v1", failAfterCheckpoints: 1 }, { flinkConfiguration });
    await job.runs({ tag: "v2" });
    assert.equal(await scene.view.status(first), "FAILED");
    assert.match(job.outputs.jobs[0]?.restoredFrom ?? "", /savepoint-/);
    await job.remove();
    await job.counts();
  });

  it("goes on with a savepoint that took longer than timeouts.savepoint", async () => {
    const job = scene.deployment();
    const first = await job.runs({ tag: "v1", slowSavepoint: 3_000 });
    const message = await job.upFails({ tag: "v2" }, { timeouts: { savepoint: "1 s", running: "20 s" } });
    assert.match(message, /still in progress after timeouts\.savepoint/);
    await job.runs({ tag: "v2" });
    const { history } = await scene.view.get<{ history: { is_savepoint: boolean }[] }>(`/jobs/${first}/checkpoints`);
    assert.equal(history.filter(({ is_savepoint }) => is_savepoint).length, 1);
    await job.endsContinuous("v1", "v2");
  });

  for (const fault of ["failAtStart", "mainThrows"] as const) {
    it(`rolls back to the old job when the new one does not come up (${fault}), and upgrades it later`, async () => {
      const job = scene.deployment();
      const first = await job.runs({ tag: "v1" });
      const message = await job.upFails({ tag: "v2", [fault]: true });
      const cause = fault === "failAtStart" ? "open\\(\\) fails" : "main\\(\\) throws";
      assert.match(message, new RegExp(`did not come up in 2 attempts: .*${cause}.*Rolled back`, "s"));
      const { jobId = "", status } = job.outputs;
      assert.notEqual(jobId, first);
      assert.equal(await scene.view.status(jobId), "RUNNING");
      assert.equal(status.state, "FAILED");
      // The failed update is tried again, as Pulumi does, and also after a refresh has taken Pulumi's own mark away.
      await job.refresh();
      assert.equal((await job.plan({ tag: "v2", [fault]: true })).changes, true);
      await job.runs({ tag: "v3" });
      await job.endsContinuous("v1", "v3");
    });
  }

  it("does not roll back where it is told not to, and goes on from the savepoint", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const message = await job.upFails({ tag: "v2", failAtStart: true }, { rollback: false });
    assert.match(message, /The state is safe: .*No job runs now/);
    assert.equal(job.outputs.jobId, undefined);
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v3");
  });

  it("tells why the very first start failed, and starts a mended job empty", async () => {
    const job = scene.deployment();
    assert.match(
      await job.upFails({ tag: "v1", failAtStart: true }),
      /did not come up in 2 attempts: .*open\(\) fails/,
    );
    assert.equal(job.outputs.status.state, "FAILED");
    await job.runs({ tag: "v2" });
    await job.endsContinuous("v2");
  });

  it("waits no longer than timeouts.running for a job that comes up slowly", async () => {
    const job = scene.deployment();
    await job.runs({ tag: "v1" });
    const others = { timeouts: { running: "1 s" }, maxJobCreationAttempts: 1 };
    assert.match(await job.upFails({ tag: "v2", slowStart: 60_000 }, others), /tasks running after timeouts\.running/);
    assert.match(job.outputs.status.failure?.message ?? "", /Rolled back/);
    await job.runs({ tag: "v3" });
    await job.endsContinuous("v1", "v3");
  });
});
