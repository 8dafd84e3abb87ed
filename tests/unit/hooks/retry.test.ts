import assert from "node:assert/strict";
import { until } from "../../rig/until";
import type { FakeFlink, FakeJob } from "../../rig/fakeFlink";
import { mutations, start, useRig, type Running } from "./fixture";

/** As the Kubernetes API server answers for a service without pods: the cluster is unreachable, and at once. */
const NO_PODS = { status: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound" } };

const LOST = {
  upload: { method: "POST", path: /^\/jars\/upload/ },
  stop: { method: "POST", path: /\/stop$/ },
  run: { method: "POST", path: /\/run/ },
  cancel: { method: "PATCH", path: /^\/jobs\// },
  "deleting the old jar": { method: "DELETE", path: /^\/jars\// },
} as const;

function stopsOf(job: FakeJob): number {
  return job.checkpoints.filter(({ type, status }) => type === "SYNC_SAVEPOINT" && status === "COMPLETED").length;
}

/** The answer of one request is lost, and then the cluster is gone until the retry. */
async function cutOffAt(flink: FakeFlink, request: keyof typeof LOST, run: () => Promise<unknown>): Promise<void> {
  const lost = flink.fault({ ...LOST[request], nth: 1 }, { answerLost: true });
  const running = run();
  await until(`the request to ${request} is made`, () => Promise.resolve(lost.matched > 0));
  const down = flink.fault({}, NO_PODS);
  await running;
  lost.remove();
  down.remove();
}

describe("the hooks of a FlinkDeployment after an update that was cut off", () => {
  const rig = useRig();

  async function upgrading(
    request: keyof typeof LOST,
    unreachable = "50 ms",
  ): Promise<Running & { changed: Record<string, unknown> }> {
    const kind = request === "cancel" ? "STATELESS" : "STATEFUL";
    const running = await start(rig, { upgradeStrategy: { kind }, timeouts: { unreachable } });
    return { ...running, changed: running.program({ artifact: { jarUri: await rig.jar("second", "second.jar") } }) };
  }

  function assertOnce({ flink, stack }: Running, old: FakeJob, request: keyof typeof LOST): void {
    const [now, ...others] = flink.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(stack.outputs.jobId, now?.id);
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(flink.submissions.length, 2, "each job is submitted once");
    assert.deepEqual(
      stack.outputs.jobs.map(({ id, restoredFrom }) => ({ id, restoredFrom })),
      [
        { id: now?.id, restoredFrom: old.latestState?.path },
        { id: old.id, restoredFrom: undefined },
      ],
      "the history of jobs",
    );
    assert.equal(stopsOf(old), request === "cancel" ? 0 : 1);
    assert.equal(now?.submission?.savepointPath, old.latestState?.path);
    assert.equal(flink.storage.repeated(old.lineage), 0);
    assert.equal(mutations(flink).filter((each) => each === "POST /jars/upload").length, 2);
  }

  for (const request of Object.keys(LOST) as (keyof typeof LOST)[]) {
    it(`go on within the run when the answer to ${request} is lost`, async () => {
      const running = await upgrading(request, "1 min");
      const { flink, stack, changed } = running;
      const [old] = flink.activeJobs();
      assert.ok(old);
      flink.fault({ ...LOST[request], nth: 1 }, { answerLost: true });
      await stack.up(changed);
      assertOnce(running, old, request);
    });

    for (const killed of [false, true]) {
      const what = killed ? "the process was killed" : "the cluster was gone";
      it(`make one savepoint and one job when ${what} at the answer to ${request}`, async () => {
        const running = await upgrading(request);
        const { flink, stack, changed } = running;
        const [old] = flink.activeJobs();
        assert.ok(old);
        const before = stack.resource;
        await cutOffAt(flink, request, () => stack.up(changed).catch(() => undefined));
        if (killed) stack.resource = before;
        await stack.up(changed);
        assertOnce(running, old, request);
        assert.equal((await stack.preview(changed)).changes, false);
      });
    }
  }

  it("start the job again that is being stopped still when the change is taken back", async () => {
    const { flink, stack, program, changed } = await upgrading("stop");
    const [old] = flink.activeJobs();
    assert.ok(old);
    const before = stack.resource;
    await cutOffAt(flink, "stop", () => stack.failingUp(changed));
    stack.resource = before;
    assert.equal(old.ended, false);
    await stack.up(program());
    const [now, ...others] = flink.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(stack.outputs.jobId, now?.id);
    assert.equal(now?.submission?.savepointPath, old.latestState?.path);
    assert.equal(stopsOf(old), 1);
    assert.equal(flink.storage.repeated(old.lineage), 0);
    assert.equal((await stack.preview(program())).changes, false);
  });

  it("find the savepoint of a stop whose trigger Flink has forgotten", async () => {
    const running = await upgrading("stop");
    const { flink, stack, changed } = running;
    const [old] = flink.activeJobs();
    assert.ok(old);
    const before = stack.resource;
    await cutOffAt(flink, "stop", () => stack.failingUp(changed));
    stack.resource = before;
    while (!old.ended) old.poll();
    flink.forgetTriggers();
    await stack.up(changed);
    assertOnce(running, old, "stop");
  });

  for (const [what, keepsResults] of [
    ["nothing of the job that was stopped", false],
    ["nothing but the end of the job that was stopped", true],
  ] as const) {
    it(`refuse where the JobManager restarted and knows ${what}, naming the savepoint and the way out`, async () => {
      const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "50 ms" } });
      await stack.up(program({ restartNonce: 1 }));
      const known = stack.outputs.latestSavepoint ?? assert.fail();
      const [old] = flink.activeJobs();
      assert.ok(old);
      const changed = program({ restartNonce: 2 });
      const before = stack.resource;
      await cutOffAt(flink, "stop", () => stack.failingUp(changed));
      stack.resource = before;
      while (!old.ended) old.poll();
      flink.restartJobManager({ keepsResults });
      const submitted = flink.submissions.length;
      const message = await stack.failingUp(changed);
      assert.ok(message.includes(known), message);
      assert.match(message, /set initialSavepointPath to it and change savepointRedeployNonce/);
      assert.equal(flink.submissions.length, submitted);
      // What was done since is in the newer savepoint, which the user finds in the storage.
      const newest = old.latestState?.path ?? assert.fail();
      await stack.up(
        program({
          restartNonce: 2,
          initialSavepointPath: newest.replace("file:", "file://"),
          savepointRedeployNonce: 1,
        }),
      );
      assert.equal(flink.activeJobs().length, 1);
      assert.equal(flink.storage.repeated(old.lineage), 0);
    });
  }

  it("go on from the recorded savepoint after a JobManager restart when the failure was recorded", async () => {
    const running = await upgrading("stop");
    const { flink, stack, changed } = running;
    const [old] = flink.activeJobs();
    assert.ok(old);
    flink.script.run = () => ({ reject: "no topic" });
    await stack.failingUp({ ...changed, rollback: false, maxJobCreationAttempts: 1 });
    const savepoint = stack.outputs.latestSavepoint;
    flink.restartJobManager();
    flink.script.run = () => "run";
    await stack.up(changed);
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, savepoint);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("change nothing once the engine that ordered it is gone", async () => {
    const { flink, stack, program } = await start(rig);
    const before = mutations(flink);
    rig.muteConsole();
    stack.engine.close();
    const message = await stack.failingUp(program({ parallelism: 2 }));
    assert.match(message, /Pulumi process that started this operation has ended/);
    assert.deepEqual(mutations(flink), before);
  });

  it("do nothing more when the engine goes away in the middle, and leave the rest to the retry", async () => {
    const running = await upgrading("stop");
    const { flink, stack, changed } = running;
    const [old] = flink.activeJobs();
    assert.ok(old);
    const before = stack.resource;
    rig.muteConsole();
    flink.script.savepoint = () => {
      stack.engine.close();
      return "complete";
    };
    await stack.failingUp(changed);
    assert.equal(mutations(flink).at(-1), `POST /jobs/${old.id}/stop`);
    assert.deepEqual(flink.activeJobs(), []);
    stack.resource = before;
    await rig.anotherEngine(stack);
    await stack.up(changed);
    assertOnce(running, old, "stop");
  });
});
