import assert from "node:assert/strict";
import type { HealthCheck, Policy } from "../../../provider/lifecycle/model";
import { describeStep } from "../../../provider/lifecycle/words";
import { desired, NEW, OLD } from "../../rig/lifecycle/builders";
import { failure, running, type Stage } from "../../rig/lifecycle/runs";
import { FaultyProcess } from "../../rig/lifecycle/faults";
import { HEALTHY, type Behaviour } from "../../rig/lifecycle/simulatedWorld";

const THREE: HealthCheck = { timeoutMs: 60_000, completedCheckpoints: 3, maxRestarts: 0 };
const WATCHED: HealthCheck = { timeoutMs: 20_000, completedCheckpoints: 0, maxRestarts: 1 };

/** It checkpoints so seldom that none is completed before it fails the first time. */
const RESTARTS: Behaviour = { ...HEALTHY, checkpointEveryMs: 30_000, restartsEveryMs: 2_000 };
const NO_CHECKPOINTS: Behaviour = { ...HEALTHY, checkpointEveryMs: undefined };

/** A deployment that runs OLD, and is about to be upgraded to NEW, whose jobs behave so. */
async function upgrading(...news: Behaviour[]): Promise<Stage> {
  const stage = await running();
  stage.world.behaviours.set(NEW.artifactSha256, news);
  return stage;
}

function upgrade(healthCheck: HealthCheck, policy: Partial<Policy> = {}): ReturnType<typeof desired> {
  return desired({ job: NEW, policy: { healthCheck, maxJobCreationAttempts: 1, ...policy } });
}

function jobs(stage: Stage): string[] {
  return stage.world.jobs.map(({ spec, status }) => `${spec === OLD ? "old" : "new"} ${status}`);
}

describe("a start with a health check", () => {
  it("is done when the job has completed its checkpoints, and tells how far it is", async () => {
    const stage = await upgrading(HEALTHY);
    await stage.reach(upgrade(THREE));
    assert.ok((stage.world.jobs.at(-1)?.completedCheckpoints ?? 0) >= 3);
    const progress = stage.told.filter((line) => line.startsWith("… health check: "));
    assert.ok(progress.some((line) => /^… health check: 1 of 3 checkpoints, 0 restarts, [\d.]+ s$/.test(line)));
    assert.ok(stage.told.some((line) => /started job .*; healthy: \d checkpoints, 0 restarts$/.test(line)));
    assert.equal(stage.record?.state, "RUNNING");
  });

  it("is done only after the whole time where no checkpoints are asked for", async () => {
    const stage = await upgrading(HEALTHY);
    const began = stage.world.clock.now();
    await stage.reach(upgrade(WATCHED));
    assert.ok(stage.world.clock.now() - began >= WATCHED.timeoutMs);
    assert.ok(stage.told.some((line) => /^… health check: 0 restarts, [\d.]+ s of 20 s$/.test(line)));
  });

  it("rolls back when the new job restarts more often than it may and has completed no checkpoint", async () => {
    const stage = await upgrading(RESTARTS);
    const began = stage.world.clock.now();
    const { code, message } = failure(await stage.run(upgrade(WATCHED)));
    assert.equal(code, "FLINK_ROLLED_BACK");
    assert.match(
      message,
      /health check of job \w+ failed: it restarted 2 times, and maxRestarts is 1 and was cancelled/,
    );
    assert.deepEqual(jobs(stage), ["old FINISHED", "new CANCELED", "old RUNNING"]);
    assert.ok(
      stage.world.clock.now() - began < WATCHED.timeoutMs,
      "what can't become right any more is not waited for",
    );
    assert.deepEqual(stage.world.violations, []);
  });

  it("does not ask the old job that is brought back for its health", async () => {
    const stage = await upgrading(RESTARTS);
    stage.world.behaviours.set(OLD.artifactSha256, [NO_CHECKPOINTS]);
    assert.equal(failure(await stage.run(upgrade({ ...THREE, maxRestarts: 1 }))).code, "FLINK_ROLLED_BACK");
  });

  it("keeps the state of a job that has completed a checkpoint, and names both choices", async () => {
    const stage = await upgrading({ ...HEALTHY, checkpointEveryMs: 1_500, restartsEveryMs: 4_000 });
    const { code, message } = failure(await stage.run(upgrade(THREE)));
    assert.equal(code, "FLINK_JOB_START_FAILED");
    assert.match(message, /it restarted 1 time, and maxRestarts is 0.*nothing was rolled back.*Choose: .*Or go back/s);
    assert.deepEqual(jobs(stage), ["old FINISHED", "new CANCELED"]);
    stage.world.behaviours.set(NEW.artifactSha256, [HEALTHY]);
    await stage.reach(upgrade(THREE));
    assert.deepEqual(stage.world.violations, []);
  });

  it("says how far the job came when the time is over", async () => {
    const stage = await upgrading({ ...HEALTHY, checkpointEveryMs: 25_000, retainsCheckpoints: true });
    const { message } = failure(await stage.run(upgrade(THREE)));
    assert.match(
      message,
      /failed: it had completed 2 of 3 checkpoints, it had restarted 0 times after 1 min and was cancelled/,
    );
  });

  it("does not wait for checkpoints that are not taken", async () => {
    const stage = await upgrading(NO_CHECKPOINTS);
    const began = stage.world.clock.now();
    const { message } = failure(await stage.run(upgrade(THREE)));
    assert.match(message, /it takes no checkpoints: set execution\.checkpointing\.interval/);
    assert.ok(stage.world.clock.now() - began < 5_000);
  });

  it("counts a job that is not healthy as a failed attempt, after which comes another", async () => {
    const stage = await upgrading(RESTARTS, HEALTHY);
    await stage.reach(upgrade(THREE, { maxJobCreationAttempts: 2 }));
    assert.deepEqual(jobs(stage), ["old FINISHED", "new CANCELED", "new RUNNING"]);
    assert.ok(stage.told.some((line) => /start attempt 1 of 2 failed: the health check/.test(line)));
    assert.ok(stage.told.some((line) => line.includes("attempt 2 of 2: health check: ")));
  });

  it("fails with the job that fails meanwhile", async () => {
    const stage = await upgrading({ ...HEALTHY, checkpointEveryMs: 30_000, failsAfterMs: 3_000 });
    const { code, message } = failure(await stage.run(upgrade(THREE)));
    assert.equal(code, "FLINK_ROLLED_BACK");
    assert.match(message, /the job ended FAILED: java\.lang\.RuntimeException: simulated/);
  });

  it("waits for the end of a job that fails meanwhile until high availability has kept it", async () => {
    const stage = await upgrading({ ...HEALTHY, checkpointEveryMs: 30_000, failsAfterMs: 3_000 });
    stage.here.memory = { ...stage.here.memory, recoversJobs: true };
    stage.here.keepsEndsAfterMs = 10_000;
    assert.equal(failure(await stage.run(upgrade(THREE))).code, "FLINK_ROLLED_BACK");
    assert.deepEqual(stage.world.violations, []);
  });

  it("finds a bounded job healthy that has FINISHED meanwhile", async () => {
    const stage = await upgrading({ ...HEALTHY, finishesAfterMs: 900 });
    await stage.reach(upgrade(THREE));
    assert.equal(stage.record?.state, "FINISHED");
  });

  it("is gone on with by the next up when it was killed: the same job is checked again", async () => {
    const slowly = { ...HEALTHY, checkpointEveryMs: 2_000 };
    const whole = new FaultyProcess({ kind: "killed", call: Infinity, when: "before" });
    await (await upgrading(slowly)).run(upgrade(THREE), { process: whole });
    const stage = await upgrading(slowly);
    const killed = new FaultyProcess({ kind: "killed", call: whole.calls - 4, when: "before" });
    assert.equal((await stage.run(upgrade(THREE), { process: killed })).kind, "killed");
    assert.ok(stage.told.at(-1)?.includes("health check: "), "it was killed in its health check");
    assert.ok((stage.world.jobs.at(-1)?.completedCheckpoints ?? 3) < 3);
    const before = stage.world.jobs.length;
    await stage.reach(upgrade(THREE));
    assert.equal(stage.world.jobs.length, before, "no other job was started");
    assert.ok((stage.world.jobs.at(-1)?.completedCheckpoints ?? 0) >= 3);
    assert.deepEqual(stage.world.violations, []);
  });

  it("is cut short by an interruption, and gone on with", async () => {
    const stage = await upgrading({ ...HEALTHY, checkpointEveryMs: 2_000 });
    const interrupted = (): boolean => stage.told.some((line) => line.includes("health check: 1 of 3"));
    const { code } = failure(await stage.run(upgrade(THREE), { interrupted }));
    assert.equal(code, "FLINK_INTERRUPTED");
    assert.notEqual(stage.record?.transition, undefined);
    const before = stage.world.jobs.length;
    await stage.reach(upgrade(THREE));
    assert.equal(stage.world.jobs.length, before);
  });

  it("stands in the plan's line of the start", () => {
    const lineOf = (healthCheck: HealthCheck): string =>
      describeStep(
        {
          kind: "start",
          generation: 2,
          attempt: 0,
          restore: { kind: "stop" },
          cluster: "http://here",
          healthCheck,
          rollback: { kind: "possible" },
        },
        0,
      );
    const start = "start the job on http://here from that savepoint; then ";
    const back = "; if it does not come up, roll back to the old job";
    assert.equal(lineOf(THREE), `${start}3 checkpoints without a restart within 1 min${back}`);
    assert.equal(lineOf(WATCHED), `${start}20 s with at most 1 restart${back}`);
    assert.equal(lineOf({ timeoutMs: 60_000, completedCheckpoints: 1 }), `${start}1 checkpoint within 1 min${back}`);
  });
});
