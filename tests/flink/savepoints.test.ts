import * as assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { assertContinuous, rangesByTag, readCounts } from "../rig/countingJob";
import { onRealFlink, type CountingDeployment } from "../rig/deploymentScene";
import { startFaultyProxy } from "../rig/faultyProxy";
import { SavepointHooks } from "../rig/savepointHooks";
import { until } from "../rig/until";

/** Whether a snapshot is in its storage, which is a folder of this machine. */
function isThere(snapshot: string): boolean {
  return existsSync(path.join(fileURLToPath(snapshot), "_metadata"));
}

onRealFlink("savepoints", {}, (scene) => {
  /** A Savepoint of a deployment's job, with changes. */
  function of(job: CountingDeployment, changes: object = {}): object {
    return { deployment: { cluster: { url: job.url }, jobId: job.outputs.jobId }, ...changes };
  }

  describe("that are resources", () => {
    it("are taken while the job goes on, and start another deployment without losing or doubling a record", async () => {
      const origin = scene.deployment();
      await origin.runs({ tag: "v1" });
      const savepoint = new SavepointHooks();
      assert.match(
        (await savepoint.preview(of(origin))).lines.join(),
        /plan: take a savepoint of job [0-9a-f]{32} on http/,
      );
      await savepoint.up(of(origin));
      const { path: taken, sizeBytes = 0, time = "", jobId, formatType } = savepoint.outputs;
      assert.ok(isThere(taken));
      assert.ok(sizeBytes > 0);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
      assert.deepEqual([jobId, formatType], [origin.outputs.jobId, "CANONICAL"]);
      assert.equal(await scene.view.status(origin.outputs.jobId ?? ""), "RUNNING");
      assert.equal((await savepoint.preview(of(origin))).changes, false);
      await origin.refresh();
      const shown = origin.outputs.savepoints.find((each) => each.path === taken);
      assert.equal(shown?.origin, "USER_REQUEST", "the deployment knows it too");

      const copy = scene.deployment();
      await copy.up({ tag: "v2" }, { initialSavepointPath: taken });
      assert.equal(copy.outputs.jobs[0]?.restoredFrom, taken);
      // The sink's state holds its folder: both go on in the first one's.
      await origin.written("v2");
      await copy.remove();
      await origin.remove();
      const lines = await readCounts(origin.output);
      const { splits } = rangesByTag(lines)["v2"] ?? assert.fail();
      // The copy goes on exactly where the savepoint was taken: what the first one did after it is its own.
      const upToIt = lines.filter(({ tag, split, sequence }) => tag === "v2" || sequence < (splits[split]?.first ?? 0));
      assert.deepEqual(Object.keys(assertContinuous(upToIt)).sort(), ["v1", "v2"]);
      assert.ok(upToIt.length < lines.length, "the job went on");
    });

    it("go on with what a killed create has begun", async () => {
      const proxy = await startFaultyProxy(scene.flink.url);
      try {
        const job = scene.deployment(proxy.url);
        await job.runs({ tag: "v1", slowSavepoint: 1_500 });
        const savepoint = new SavepointHooks();
        assert.match(await savepoint.failingUp(of(job, { timeouts: { savepoint: "200 ms" } })), /still in progress/);
        await savepoint.up(of(job));
        const triggers = proxy.requests.filter(
          ({ method, path: route }) => method === "POST" && route.endsWith("/savepoints"),
        );
        assert.equal(triggers.length, 1);
        assert.ok(isThere(savepoint.outputs.path));
        await job.endsContinuous("v1");
      } finally {
        await proxy.stop();
      }
    });

    it("are tried again when a task declines one, and fail in words when all are declined", async () => {
      const job = scene.deployment();
      const flinkConfiguration = { "execution.checkpointing.tolerable-failed-checkpoints": "10" };
      await job.runs({ tag: "v1", failSavepoints: 1 }, { flinkConfiguration });
      const savepoint = new SavepointHooks();
      await savepoint.up(of(job));
      assert.ok(isThere(savepoint.outputs.path));
      const nowhere = of(job, { targetDirectory: "file:///proc/nope", maxSavepointCreationAttempts: 2 });
      assert.match(
        await new SavepointHooks().failingUp(nowhere),
        /in 2 attempts: .*The job goes on.*FLINK_SAVEPOINT_FAILED/s,
      );
      assert.equal(await scene.view.status(job.outputs.jobId ?? ""), "RUNNING");
    });

    it("cannot be taken of a job that has ended, which is said", async () => {
      const job = scene.deployment();
      const jobId = await job.runs({ tag: "v1" });
      const args = of(job);
      await scene.view.cancel(jobId);
      const savepoint = new SavepointHooks();
      assert.match((await savepoint.preview(args)).lines.join(), /will be refused, as it is now: .* it is CANCELED/);
      assert.match(await savepoint.failingUp(args), /it is CANCELED.*FLINK_JOB_NOT_RUNNING/s);
    });

    it("are replaced by their triggers, new before old, and disposed of where that is asked for", async () => {
      const job = scene.deployment();
      await job.runs({ tag: "v1" });
      const savepoint = new SavepointHooks();
      const targetDirectory = `file://${scene.flink.directory}/named`;
      await savepoint.up(
        of(job, { triggers: { night: 1 }, formatType: "NATIVE", targetDirectory, disposeOnDelete: true }),
      );
      const { path: old } = savepoint.outputs;
      assert.ok(old.startsWith(targetDirectory.replace("file://", "file:")));
      await savepoint.up(
        of(job, { triggers: { night: 2 }, formatType: "NATIVE", targetDirectory, disposeOnDelete: true }),
      );
      const { path: taken } = savepoint.outputs;
      assert.deepEqual([isThere(old), isThere(taken)], [false, true]);
      await savepoint.destroy();
      assert.equal(existsSync(fileURLToPath(taken)), false);
      assert.equal(await scene.view.status(job.outputs.jobId ?? ""), "RUNNING");
    });

    it("are adopted by their path, and disposed of once no job needs them", async () => {
      const job = scene.deployment();
      const jobId = await job.runs({ tag: "v1" });
      const adoptPath = await scene.view.savepoint(jobId);
      const savepoint = new SavepointHooks();
      const args = { adoptPath, cluster: { url: scene.flink.url }, disposeOnDelete: true };
      await savepoint.up(args);
      assert.deepEqual([savepoint.outputs.path, savepoint.outputs.origin], [adoptPath, "COPIED"]);
      const copy = scene.deployment();
      // It takes no checkpoint, so that it would start from the savepoint again.
      const flinkConfiguration = { "execution.checkpointing.interval": undefined };
      await copy.up({ tag: "v2" }, { initialSavepointPath: adoptPath, flinkConfiguration });
      assert.match(await savepoint.failingDestroy(), new RegExp(`job ${copy.outputs.jobId ?? ""} was started from it`));
      await copy.remove();
      await savepoint.destroy();
      assert.equal(existsSync(fileURLToPath(adoptPath)), false);
      // What is gone is fine.
      await savepoint.up(args);
      await savepoint.destroy();
      assert.match(savepoint.lines.join(), /was gone already/);
    });
  });

  describe("of a deployment's history", () => {
    it("are disposed of once they are outside of it, but never those in use", async () => {
      const job = scene.deployment();
      await job.runs({ tag: "v1" });
      const taken: string[] = [];
      for (const tag of ["v2", "v3", "v4"]) {
        await job.runs({ tag });
        taken.unshift(job.outputs.latestSavepoint ?? assert.fail());
      }
      const byHand = await scene.view.savepoint(job.outputs.jobId ?? "");
      const others = { savepointHistory: { maxCount: 2, dispose: true } };
      const { lines } = await job.plan({ tag: "v5" }, others);
      assert.match(lines.at(-1) ?? "", /^plan 3\/3: dispose of .*savepoint-.*, savepoint .*savepoint-/);
      await job.runs({ tag: "v5" }, others);
      const newest = job.outputs.latestSavepoint ?? assert.fail();
      assert.deepEqual(taken.map(isThere), [true, false, false]);
      assert.ok(isThere(newest) && isThere(byHand));
      assert.deepEqual(
        job.outputs.savepoints.map((each) => each.path),
        [newest, taken[0]],
      );
      assert.equal(job.outputs.events.filter(({ reason }) => reason === "Cleanup").length, 2);
      await job.up({ tag: "v5" }, { ...others, state: "SUSPENDED" });
      await job.runs({ tag: "v6" }, { savepointHistory: { maxCount: 1, dispose: true } });
      const { jobs } = job.outputs;
      assert.ok(isThere(jobs[0]?.restoredFrom ?? "none"));
      assert.equal(isThere(taken[0] ?? "none"), false);
      await job.endsContinuous("v1", "v2", "v3", "v4", "v5", "v6");
    });

    it("that are too old start no job, until they are named", async () => {
      const job = scene.deployment();
      const restoreStrategy = { maxStateAge: "500 ms" };
      const { jobId = "" } = await job.up({ tag: "v1", failAfterCheckpoints: 4 }, { restoreStrategy });
      await scene.view.ended(jobId);
      await until("the checkpoint is old", async () => {
        const { lines } = await job.plan({ tag: "v2" }, { restoreStrategy });
        return lines.some((line) => /will be refused: The job would start from checkpoint .*chk-/.test(line));
      });
      const message = await job.upFails({ tag: "v2" }, { restoreStrategy });
      assert.match(message, /FLINK_STATE_TOO_OLD/);
      const named = /checkpoint (\S+) \(/.exec(message)?.[1] ?? "none";
      await job.runs({ tag: "v2" }, { restoreStrategy, initialSavepointPath: named, savepointRedeployNonce: 1 });
      assert.equal(job.outputs.jobs[0]?.restoredFrom, named);
      await job.endsContinuous("v1", "v2");
    });
  });
});
