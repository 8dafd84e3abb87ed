import assert from "node:assert/strict";
import { Rig } from "../../rig/deploymentRuns";
import type { FakeFlink, FakeJob } from "../../rig/fakeFlink";
import { SavepointHooks } from "../../rig/savepointHooks";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { mutations } from "../hooks/fixture";

describe("the hooks of a Savepoint", () => {
  const rig = new Rig();
  let flink: FakeFlink;
  let job: FakeJob;
  let savepoint: SavepointHooks;

  beforeEach(async () => {
    rig.hurry();
    flink = await rig.flink();
    job = flink.addJob({ parallelism: 1 });
    savepoint = new SavepointHooks();
  });

  afterEach(() => rig.close());

  /** The program, with changes. */
  function program(changes: object = {}): object {
    return { deployment: { cluster: { url: flink.url }, jobId: job.id }, ...changes };
  }

  /** The requests that started a savepoint. */
  function triggered(): { trigger: unknown; directory: unknown; format: unknown }[] {
    return flink.requests
      .filter(({ method, path }) => method === "POST" && path.endsWith("/savepoints"))
      .map(({ body }) => {
        const sent = body as Record<string, unknown>;
        assert.equal(sent["cancel-job"], false, "the job is to go on");
        return { trigger: sent["triggerId"], directory: sent["target-directory"], format: sent["formatType"] };
      });
  }

  function stored(path: string): boolean {
    return flink.storage.get(path) !== undefined;
  }

  describe("that is taken", () => {
    it("say what they will do, take it while the job goes on, and tell all of it", async () => {
      const args = program({ targetDirectory: "file:///named", formatType: "NATIVE" });
      const preview = await savepoint.preview(args);
      assert.deepEqual(preview.lines, [
        `plan: take a savepoint of job ${job.id} on ${flink.url} in file:///named; the job goes on`,
      ]);
      assert.deepEqual(mutations(flink), []);
      await savepoint.up(args);
      assert.equal(job.status, "RUNNING");
      const { path, time, ...rest } = savepoint.outputs;
      assert.match(path, /^file:\/named\/savepoint-/);
      assert.ok(stored(path));
      assert.ok(Math.abs(Date.parse(time ?? "") - Date.now()) < 60_000);
      const { jobId, formatType, sizeBytes, origin } = rest;
      assert.deepEqual(
        { jobId, formatType, sizeBytes, origin },
        { jobId: job.id, formatType: "NATIVE", sizeBytes: 1024, origin: "USER_REQUEST" },
      );
      assert.deepEqual(
        triggered().map(({ directory, format }) => [directory, format]),
        [["file:///named", "NATIVE"]],
      );
      assert.match(
        savepoint.lines.at(-1) ?? "",
        new RegExp(`^took a savepoint of job ${job.id} in .*: ${path} \\(1\\.0 kB\\)$`),
      );
      assert.equal((await savepoint.preview(args)).changes, false);
      assert.equal(await savepoint.up(args), false);
      await savepoint.refresh();
    });

    it("do it of a job that is named by its id, on a cluster that is", async () => {
      await savepoint.up({ cluster: { url: flink.url }, jobId: job.id });
      assert.equal(savepoint.outputs.jobId, job.id);
      assert.equal(savepoint.outputs.formatType, "CANONICAL");
    });

    it("say in a preview what they cannot know yet", async () => {
      const { lines } = await savepoint.preview(
        program({ deployment: { cluster: { url: flink.url }, jobId: UNKNOWN_VALUE } }),
      );
      assert.deepEqual(lines, [
        `plan: take a savepoint of the job that the deployment then runs on ${flink.url}; the job goes on`,
      ]);
      const unknown = await savepoint.preview({ deployment: UNKNOWN_VALUE, targetDirectory: UNKNOWN_VALUE });
      assert.deepEqual(unknown.lines, [
        "plan: take a savepoint of the job that the deployment then runs; the job goes on",
      ]);
    });

    it("go on with the savepoint that a killed create has begun, and take no second one", async () => {
      flink.settle = { savepoint: Infinity };
      const dying = savepoint.failingUp(program({ timeouts: { savepoint: "1 s" } }));
      assert.match(await dying, /still in progress after timeouts\.savepoint \(1 s\)\. The job goes on/);
      flink.settle = 1;
      flink.settleNow();
      const began = triggered();
      for (const transition of job.transitions) transition.remaining = 0;
      await savepoint.up(program());
      assert.deepEqual(triggered(), began, "it was triggered again");
      assert.equal(job.checkpoints.length, 1);
    });

    it("give the savepoint that a killed create has completed, also when the job has ended meanwhile", async () => {
      flink.fault({ method: "GET", path: /\/savepoints\//, nth: 10 }, { status: 500, body: { errors: ["x"] } });
      const first = savepoint.failingUp(program());
      assert.match(await first, /FLINK_REQUEST_REJECTED/);
      flink.settleNow();
      job.end("FAILED");
      await savepoint.up(program());
      assert.equal(triggered().length, 1);
      assert.ok(stored(savepoint.outputs.path));
    });

    it("try again under another trigger what failed, as often as is allowed", async () => {
      flink.script.savepoint = (_job, attempt) => (attempt < 3 ? { fail: "the storage is full" } : "complete");
      await savepoint.up(program());
      assert.equal(new Set(triggered().map(({ trigger }) => trigger)).size, 3);
      flink.script.savepoint = () => ({ fail: "the storage is full" });
      const other = new SavepointHooks();
      const message = await other.failingUp(program({ maxSavepointCreationAttempts: 2 }));
      assert.match(
        message,
        /could be taken in 2 attempts: .*storage is full.*The job goes on.*FLINK_SAVEPOINT_FAILED/s,
      );
      // What has failed Flink remembers under its trigger: the next `up` asks under another.
      flink.script.savepoint = () => "complete";
      await other.up(program());
      assert.equal(new Set(triggered().map(({ trigger }) => trigger)).size, 6);
    });

    it("wait for a job that is starting, and say in words what keeps another from it", async () => {
      job.schedule("RUNNING");
      job.begin({ kind: "start", remaining: 3, abort: () => undefined, complete: () => (job.status = "RUNNING") });
      await savepoint.up(program());
      job.end("FAILED", "out of memory");
      const ended = new SavepointHooks();
      const { lines } = await ended.preview(program());
      assert.match(
        lines[0] ?? "",
        new RegExp(`^warning: will be refused, as it is now: No savepoint can be taken of job ${job.id}: it is FAILED`),
      );
      assert.match(
        await ended.failingUp(program()),
        /it is FAILED: .*out of memory.*No savepoint was taken.*FLINK_JOB_NOT_RUNNING/s,
      );
      const unknown = program({ deployment: { cluster: { url: flink.url }, jobId: "f".repeat(32) } });
      assert.match(await new SavepointHooks().failingUp(unknown), /does not know it/);
      const stuck = flink.addJob({ status: "CREATED" });
      const waits = program({
        deployment: { cluster: { url: flink.url }, jobId: stuck.id },
        timeouts: { running: "2 s" },
      });
      assert.match(
        await new SavepointHooks().failingUp(waits),
        /it is CREATED with 0 of \d+ tasks running after timeouts\.running \(2 s\)/,
      );
    });

    it("refuse where the deployment runs no job, with what to do", async () => {
      const idle = { deployment: {} };
      assert.match((await savepoint.preview(idle)).lines[0] ?? "", /^warning: will be refused.*no active job/);
      assert.match(
        await savepoint.failingUp(idle),
        /Set its state to RUNNING, or adopt the savepoint.*FLINK_JOB_NOT_RUNNING/s,
      );
    });

    it("wait within their limits for a cluster that does not answer, and take one savepoint", async () => {
      flink.fault({ method: "POST", path: /\/savepoints$/, nth: 1 }, { answerLost: true });
      await savepoint.up(program());
      assert.equal(job.checkpoints.length, 1);
      const { url } = flink;
      await flink.close();
      const late = { deployment: { cluster: { url }, jobId: job.id }, timeouts: { unreachable: "1 s" } };
      assert.match(await new SavepointHooks().failingUp(late), /FLINK_CLUSTER_UNREACHABLE/);
    });

    it("do nothing once the engine is gone", async () => {
      const stack = await rig.stack();
      rig.muteConsole();
      stack.engine.close();
      assert.match(await savepoint.failingUp(program()), /FLINK_ENGINE_GONE/);
      assert.deepEqual(mutations(flink), []);
    });

    it("have taken it although its statistics cannot be had", async () => {
      flink.fault({ method: "GET", path: /\/checkpoints$/ }, { status: 500, body: { errors: ["none today"] } });
      await savepoint.up(program());
      assert.ok(stored(savepoint.outputs.path));
      assert.equal(savepoint.outputs.sizeBytes, undefined);
    });

    it("show no secret of the cluster", async () => {
      flink.authorization = "Bearer hunter2";
      const wrong = { url: flink.url, bearerToken: "hunter3" };
      const message = await savepoint.failingUp(program({ deployment: { cluster: wrong, jobId: job.id } }));
      assert.match(message, /FLINK_UNAUTHORIZED/);
      assert.doesNotMatch(message, /hunter/);
      const right = { url: flink.url, bearerToken: "hunter2" };
      await savepoint.up(program({ deployment: { cluster: right, jobId: job.id } }));
      assert.ok(savepoint.lines.every((line) => !line.includes("hunter")));
    });
  });

  describe("that changes", () => {
    it("take another one when a trigger changes, new before old, and keep the old one", async () => {
      await savepoint.up(program({ triggers: { night: 1 } }));
      const { path: old } = savepoint.outputs;
      const changed = program({ triggers: { night: 2 } });
      const preview = await savepoint.preview(changed);
      assert.deepEqual(preview.replaces, ["triggers"]);
      assert.deepEqual(preview.lines, [
        `plan: another savepoint, for triggers changed; then the one before stays in its storage: ${old}`,
        `plan: take a savepoint of job ${job.id} on ${flink.url}; the job goes on`,
      ]);
      await savepoint.up(changed);
      assert.notEqual(savepoint.outputs.path, old);
      assert.ok(stored(old) && stored(savepoint.outputs.path));
      assert.match(savepoint.lines[0] ?? "", /^took a savepoint/);
      assert.equal(savepoint.lines.at(-1), `savepoint ${old} stays in its storage`);
      // Back to what it was: another one all the same.
      await savepoint.up(program({ triggers: { night: 1 } }));
      assert.equal(new Set(triggered().map(({ trigger }) => trigger)).size, 3);
    });

    for (const [name, change] of Object.entries({
      formatType: { formatType: "NATIVE" },
      targetDirectory: { targetDirectory: "file:///elsewhere" },
      adoptPath: { adoptPath: "file:///savepoints/mine" },
    })) {
      it(`are another one when ${name} changes`, async () => {
        await savepoint.up(program());
        assert.deepEqual((await savepoint.preview(program(change))).replaces, [name]);
      });
    }

    it("take nothing for a format that is Flink's own default", async () => {
      await savepoint.up(program());
      assert.equal((await savepoint.preview(program({ formatType: "canonical" }))).changes, false);
    });

    it("take nothing when the job has moved on, and remember its new cluster", async () => {
      await savepoint.up(program({ triggers: [1] }));
      const before = savepoint.outputs;
      const other = await rig.flink({ storage: flink.storage });
      const moved = program({ deployment: { cluster: { url: other.url }, jobId: "f".repeat(32) }, triggers: [1] });
      const preview = await savepoint.preview(moved);
      assert.deepEqual([preview.replaces, preview.lines], [[], ["plan: record the change; no savepoint is taken"]]);
      await savepoint.up(moved);
      assert.deepEqual(other.requests, []);
      const { endpoint, deployment, ...rest } = savepoint.outputs;
      const { endpoint: _endpoint, deployment: _deployment, ...known } = before;
      assert.deepEqual(rest, known);
      assert.deepEqual(endpoint, { url: other.url });
      // Where the deployment is on no cluster for a while, the last one still counts.
      const idle = program({ deployment: {}, triggers: [1] });
      assert.equal((await savepoint.preview(idle)).changes, false);
      const sameJob = { deployment: { cluster: { url: other.url }, jobId: "e".repeat(32) }, triggers: [1] };
      assert.equal((await savepoint.preview(sameJob)).changes, false);
    });
  });

  describe("that adopts a path", () => {
    const adoptPath = "file:///savepoints/mine";

    it("take nothing, ask nobody, and give the path", async () => {
      assert.deepEqual((await savepoint.preview({ adoptPath })).lines, [
        `plan: adopt ${adoptPath}; no savepoint is taken`,
      ]);
      await savepoint.up({ adoptPath });
      const { path, origin, jobId, time, formatType } = savepoint.outputs;
      assert.deepEqual([path, origin, jobId, time, formatType], [adoptPath, "COPIED", undefined, undefined, undefined]);
      assert.equal((await savepoint.preview({ adoptPath })).changes, false);
      await savepoint.destroy();
      assert.deepEqual(flink.requests, []);
    });

    it("dispose of it where that is asked for", async () => {
      flink.addSnapshot(adoptPath, 7);
      await savepoint.up({ adoptPath, cluster: { url: flink.url }, disposeOnDelete: true });
      await savepoint.destroy();
      assert.equal(stored(adoptPath), false);
    });

    it("leave what they took themselves before, and now adopt", async () => {
      await savepoint.up(program({ disposeOnDelete: true }));
      const { path } = savepoint.outputs;
      await savepoint.up(program({ adoptPath: path.replace("file:/", "file:///"), disposeOnDelete: true }));
      assert.ok(stored(path), "the new one holds it");
      assert.match(savepoint.lines.at(-1) ?? "", /stays in its storage: another Savepoint of this program holds it/);
    });
  });

  describe("that is deleted", () => {
    it("keep the savepoint, and say where it is", async () => {
      await savepoint.up(program());
      const { path } = savepoint.outputs;
      const before = flink.requests.length;
      await savepoint.destroy();
      assert.ok(stored(path));
      assert.deepEqual(savepoint.lines, [`savepoint ${path} stays in its storage`]);
      assert.equal(flink.requests.length, before);
    });

    it("dispose of it where that is asked for, and are fine with one that is gone", async () => {
      await savepoint.up(program({ disposeOnDelete: true }));
      const { path } = savepoint.outputs;
      await savepoint.destroy();
      assert.equal(stored(path), false);
      assert.match(savepoint.lines.at(-1) ?? "", new RegExp(`^disposed of savepoint ${path} in `));
      await savepoint.up(program({ disposeOnDelete: true }));
      flink.storage.delete(savepoint.outputs.path);
      const { path: gone } = savepoint.outputs;
      await savepoint.destroy();
      assert.equal(savepoint.lines.at(-1), `savepoint ${gone} was gone already`);
    });

    it("dispose of the old one when it is replaced, after the new one is there", async () => {
      await savepoint.up(program({ triggers: [1], disposeOnDelete: true }));
      const { path: old } = savepoint.outputs;
      const changed = program({ triggers: [2], disposeOnDelete: true });
      assert.match(
        (await savepoint.preview(changed)).lines[0] ?? "",
        new RegExp(`then dispose of the one before: ${old}$`),
      );
      await savepoint.up(changed);
      assert.deepEqual([stored(old), stored(savepoint.outputs.path)], [false, true]);
      const order = mutations(flink).map((each) => each.replace(/[0-9a-f]{32}/, "JOB"));
      assert.deepEqual(order, ["POST /jobs/JOB/savepoints", "POST /jobs/JOB/savepoints", "POST /savepoint-disposal"]);
    });

    it("keep what `--replace` gave again because Flink still remembered it", async () => {
      const args = program({ disposeOnDelete: true });
      await savepoint.up(args);
      await savepoint.up(args, { replace: true });
      assert.ok(stored(savepoint.outputs.path));
    });

    it("refuse while a job needs it, and dispose of it once that has a checkpoint of its own", async () => {
      await savepoint.up(program({ disposeOnDelete: true }));
      const { path } = savepoint.outputs;
      const other = flink.addJob();
      other.restoreFrom(flink.storage.get(path) ?? assert.fail(), path);
      const message = await savepoint.failingDestroy();
      assert.match(
        message,
        new RegExp(`was not disposed of: job ${other.id} was started from it.*FLINK_SAVEPOINT_NOT_DISPOSED`, "s"),
      );
      assert.ok(stored(path));
      other.checkpoint();
      await savepoint.destroy();
      assert.equal(stored(path), false);
    });

    it("refuse where it cannot be deleted, with ways out that work", async () => {
      await savepoint.up(program({ disposeOnDelete: true }));
      const { path, uid } = savepoint.outputs;
      const fault = flink.fault(
        { method: "POST", path: /savepoint-disposal/ },
        { status: 500, body: { errors: ["no permission"] } },
      );
      assert.match(await savepoint.failingDestroy(), /no permission/);
      fault.remove();
      const { url } = flink;
      await flink.close();
      const impatient = { deployment: { cluster: { url }, jobId: job.id }, timeouts: { unreachable: "1 s" } };
      await savepoint.up({ ...impatient, disposeOnDelete: true });
      const message = await savepoint.failingDestroy();
      assert.match(message, /its cluster does not answer.*set disposeOnDelete to false/s);
      assert.ok(message.includes(`PULUMI_FLINK_ABANDON_JOBS=${uid} `), message);
      process.env["PULUMI_FLINK_ABANDON_JOBS"] = uid;
      try {
        await savepoint.destroy();
      } finally {
        delete process.env["PULUMI_FLINK_ABANDON_JOBS"];
      }
      assert.deepEqual(savepoint.lines, [`warning: savepoint ${path} stays in its storage, as it was told to`]);
    });

    it("say where it stays when nothing of its cluster runs any more", async () => {
      const { hostname } = await import("node:os");
      const cluster = { url: flink.url, processes: { host: hostname(), directory: "/nowhere/at/all" } };
      await savepoint.up(program({ deployment: { cluster, jobId: job.id }, disposeOnDelete: true }));
      const { path } = savepoint.outputs;
      await savepoint.destroy();
      assert.match(
        savepoint.lines.at(-1) ?? "",
        new RegExp(`^warning: savepoint ${path} stays in its storage: its cluster does not run`),
      );
    });
  });
});
