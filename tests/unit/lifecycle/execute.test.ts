import assert from "node:assert/strict";
import { desired, HERE, jobId, NEW, OLD, THERE } from "../../rig/lifecycle/builders";
import { failure, running, Stage } from "../../rig/lifecycle/runs";
import { HEALTHY, type Behaviour } from "../../rig/lifecycle/simulatedWorld";
import type { Policy } from "../../../provider/lifecycle/model";

const NEVER_UP: Behaviour = { ...HEALTHY, upAfterMs: undefined };
const FAILS: Behaviour = { ...NEVER_UP, failsAfterMs: 150 };
const COMMITS_AND_FAILS: Behaviour = { ...NEVER_UP, checkpointsBeforeUp: true, failsAfterMs: 1_400 };

function upgrade(policy: Partial<Policy> = {}): ReturnType<typeof desired> {
  return desired({ job: NEW, policy });
}

function statuses(stage: Stage): string[] {
  return stage.world.jobs.map(({ status }) => status);
}

describe("stopping with a savepoint", () => {
  it("is tried again with a fresh trigger after a pause, as often as allowed", async () => {
    const stage = await running();
    stage.world.stops.push("fails", "fails", "fails");
    const began = stage.world.clock.now();
    await stage.reach(upgrade());
    assert.equal(stage.here.triggers.length, 4);
    assert.equal(new Set(stage.here.triggers).size, 4);
    // 1, 2 and 4 seconds.
    assert.ok(stage.world.clock.now() - began >= 7_000);
    assert.equal(stage.world.stopSavepoints.length, 1);
    assert.deepEqual(stage.world.violations, []);
  });

  it("leaves the job running when every attempt fails, and asks with fresh triggers in the next up", async () => {
    const stage = await running();
    stage.world.stops.push("fails", "fails");
    const { code, message } = failure(await stage.run(upgrade({ maxSavepointCreationAttempts: 2 })));
    assert.equal(code, "FLINK_SAVEPOINT_FAILED");
    assert.match(message, /2 attempts: Checkpoint expired before completing.*keeps running/);
    assert.deepEqual(statuses(stage), ["RUNNING"]);
    assert.equal(stage.record?.state, "FAILED");
    await stage.reach(upgrade({ maxSavepointCreationAttempts: 2 }));
    assert.equal(new Set(stage.here.triggers).size, 3);
    assert.deepEqual(statuses(stage), ["FINISHED", "RUNNING"]);
  });

  it("uses the savepoint of a job that then failed to stop", async () => {
    const stage = await running();
    stage.world.stops.push("failsAfterSavepoint");
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[0]);
    assert.deepEqual(statuses(stage), ["FAILED", "RUNNING"]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("stops a job once more that failed to stop and went on", async () => {
    const stage = await running();
    stage.world.stops.push("restartsAfterSavepoint");
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[1]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("finds the savepoint of its stop on the job when Flink has forgotten the trigger", async () => {
    const stage = await running();
    stage.world.stops.push("succeedsAndIsForgotten");
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[0]);
    assert.equal(stage.world.stopSavepoints.length, 1);
  });

  it("asks again when the JobManager lost the operation and the job goes on", async () => {
    const stage = await running();
    stage.world.stops.push("isForgotten");
    await stage.reach(upgrade());
    assert.equal(stage.here.triggers.length, 2);
    assert.deepEqual(stage.world.violations, []);
  });

  it("plans anew when the job fails meanwhile", async () => {
    const stage = await running();
    stage.world.stops.push("jobFailsMeanwhile");
    const { applied } = await stage.reach(upgrade());
    assert.match(applied?.restoredFrom ?? "", /checkpoints/);
    assert.deepEqual(stage.world.violations, []);
  });

  it("gives up after timeouts.savepoint, and the next up goes on with the same savepoint", async () => {
    const stage = await running();
    stage.world.stops.push("hangs");
    const first = failure(await stage.run(upgrade({ savepointTimeoutMs: 20_000 })));
    assert.equal(first.code, "FLINK_SAVEPOINT_FAILED");
    assert.match(first.message, /still in progress after timeouts\.savepoint \(20 s\)/);
    failure(await stage.run(upgrade({ savepointTimeoutMs: 20_000 })));
    assert.equal(stage.here.triggers.length, 1);
  });
});

describe("a job that can take no savepoint", () => {
  /** OLD came up and then lost its tasks for good. */
  async function unhealthy(behaviour: Behaviour): Promise<Stage> {
    const stage = await running(behaviour);
    const job = stage.here.jobs.get(jobId(OLD, 1));
    assert.ok(job !== undefined);
    job.loseTasks();
    return stage;
  }
  const limits = { runningTimeoutMs: 10_000 };

  it("is left as it is by default, with the reason and the choices", async () => {
    const stage = await unhealthy(HEALTHY);
    const { code, message } = failure(await stage.run(upgrade(limits)));
    assert.equal(code, "FLINK_JOB_UNHEALTHY");
    assert.match(message, /RESTARTING with 0 of 1 tasks running.*not stopped.*fallback "LATEST_STATE".*STATELESS/s);
    assert.deepEqual(statuses(stage), ["RESTARTING"]);
  });

  it("is cancelled and gone on with from its newest checkpoint when that is asked for", async () => {
    const stage = await unhealthy(HEALTHY);
    const { applied } = await stage.reach(upgrade({ ...limits, fallback: "LATEST_STATE" }));
    assert.match(applied?.restoredFrom ?? "", /checkpoints/);
    assert.deepEqual(statuses(stage), ["CANCELED", "RUNNING"]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("is not cancelled when Flink would delete that checkpoint", async () => {
    const stage = await unhealthy({ ...HEALTHY, retainsCheckpoints: false });
    const { code, message } = failure(await stage.run(upgrade({ ...limits, fallback: "LATEST_STATE" })));
    assert.equal(code, "FLINK_NO_STATE");
    assert.match(message, /would lose its checkpoints when it is cancelled/);
    assert.deepEqual(statuses(stage), ["RESTARTING"]);
  });

  it("is suspended on its newest checkpoint when that is asked for, and resumed from it", async () => {
    const stage = await unhealthy(HEALTHY);
    await stage.reach(desired({ state: "SUSPENDED", policy: { ...limits, fallback: "LATEST_STATE" } }));
    assert.equal(stage.record?.applied?.end?.snapshot?.origin, "RETAINED_CHECKPOINT");
    await stage.reach(desired({ policy: { restoreStrategy: "LATEST_SAVEPOINT" } }));
    assert.deepEqual(stage.world.violations, []);
  });

  it("is not suspended by default, and the choices that are told work", async () => {
    const stage = await unhealthy({ ...HEALTHY, retainsCheckpoints: false });
    const suspend = (policy: Partial<Policy> = {}) => desired({ state: "SUSPENDED", policy: { ...limits, ...policy } });
    for (const policy of [{}, { fallback: "LATEST_STATE" }] as const) {
      const { message } = failure(await stage.run(suspend(policy)));
      assert.match(message, /or ask for state "CANCELLED"/);
      assert.doesNotMatch(message, /STATELESS/);
    }
    await stage.reach(desired({ state: "CANCELLED" }));
    assert.deepEqual(statuses(stage), ["CANCELED"]);
  });

  it("is deleted by cancelling it, and its checkpoint is kept and named", async () => {
    const stage = await unhealthy(HEALTHY);
    const outcome = await stage.run(desired({ policy: limits }), { delete: true });
    assert.equal(outcome.kind, "reached");
    assert.ok(stage.told.some((line) => /warning: .*newest state is kept: file:\/checkpoints\//.test(line)));
    assert.deepEqual(statuses(stage), ["CANCELED"]);
  });

  it("is not deleted without any state, and the way out is told", async () => {
    const stage = await unhealthy({ ...HEALTHY, retainsCheckpoints: false });
    const { code, message } = failure(await stage.run(desired({ policy: limits }), { delete: true }));
    assert.equal(code, "FLINK_NO_STATE");
    assert.match(message, /onDelete "CANCEL".*PULUMI_FLINK_ABANDON_JOBS=/s);
    assert.deepEqual(statuses(stage), ["RESTARTING"]);
    assert.equal(
      (await stage.run(desired({ policy: { ...limits, onDelete: "CANCEL" } }), { delete: true })).kind,
      "reached",
    );
    assert.deepEqual(statuses(stage), ["CANCELED"]);
  });
});

describe("starting a job", () => {
  it("skips ids that Flink remembers from an earlier life, which count for nothing", async () => {
    const stage = await running();
    stage.here.burn(jobId(NEW, 2, 0));
    stage.here.burn(jobId(NEW, 2, 1));
    const { applied } = await stage.reach(upgrade({ maxJobCreationAttempts: 1 }));
    assert.equal(applied?.jobId, jobId(NEW, 2, 2));
  });

  it("goes on in the next generation when Flink remembers every attempt of one", async () => {
    const stage = await running();
    for (let attempt = 0; attempt <= 255; attempt += 1) stage.here.burn(jobId(NEW, 2, attempt));
    const { applied } = await stage.reach(upgrade());
    assert.deepEqual([applied?.generation, applied?.jobId], [3, jobId(NEW, 3)]);
  });

  it("ends where a server says of every id that it has had it, and says what is safe", async () => {
    const stage = await running();
    stage.here.submit = () => Promise.resolve({ kind: "duplicate" });
    const error = failure(await stage.run(upgrade()));
    assert.equal(error.code, "FLINK_JOB_START_FAILED");
    assert.match(error.message, /says of 1000 ids.*state is safe: \S+savepoints/);
  });

  it("takes a duplicate id that runs for its own", async () => {
    const stage = await running();
    stage.here.answers.push({ result: { kind: "duplicate" }, carriedOut: true });
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.jobId, jobId(NEW, 2));
    assert.equal(stage.here.submissions.filter(({ spec }) => spec === NEW).length, 1);
  });

  it("takes a job for its own that is there although its submission was answered with an error", async () => {
    const stage = await running();
    stage.here.answers.push({ result: { kind: "rejected", reason: "gateway timeout" }, carriedOut: true });
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.jobId, jobId(NEW, 2));
    assert.deepEqual(stage.world.violations, []);
  });

  it("never runs a bounded job twice", async () => {
    const stage = new Stage();
    stage.world.behaviours.set(OLD.artifactSha256, [{ ...HEALTHY, finishesAfterMs: 200 }]);
    const { state } = await stage.reach(desired());
    assert.equal(state, "FINISHED");
    await stage.reach(desired());
    stage.here.forgetEnded();
    await stage.reach(desired());
    assert.equal(stage.world.jobs.length, 1);
    assert.equal(stage.record?.state, "FINISHED");
  });

  it("runs a bounded job again after it was cancelled", async () => {
    const stage = new Stage();
    stage.world.exactlyOnce = false;
    stage.world.behaviours.set(OLD.artifactSha256, [{ ...HEALTHY, finishesAfterMs: 200 }]);
    await stage.reach(desired());
    await stage.reach(desired({ state: "CANCELLED" }));
    await stage.reach(desired());
    assert.deepEqual(statuses(stage), ["FINISHED", "FINISHED"]);
  });

  it("is tried as often as allowed, and then says where the state is", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    const policy = { rollback: false, maxJobCreationAttempts: 3 };
    const { code, message } = failure(await stage.run(upgrade(policy)));
    assert.equal(code, "FLINK_JOB_START_FAILED");
    assert.match(message, /3 attempts: .*simulated.*The state is safe: file:\/savepoints\//s);
    assert.equal(stage.here.submissions.filter(({ spec }) => spec === NEW).length, 3);
  });

  it("does not count failures that are older than jobFailureExpirationTime", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS, FAILS, FAILS, FAILS, HEALTHY]);
    await stage.reach(upgrade({ rollback: false, maxJobCreationAttempts: 2, jobFailureExpirationMs: 500 }));
    assert.equal(stage.here.submissions.filter(({ spec }) => spec === NEW).length, 5);
  });

  it("cancels a job that is not up after timeouts.running", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [NEVER_UP, HEALTHY]);
    await stage.reach(upgrade({ runningTimeoutMs: 10_000 }));
    assert.deepEqual(statuses(stage), ["FINISHED", "CANCELED", "RUNNING"]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("does not cancel one that completed a checkpoint which Flink would delete", async () => {
    const stage = await running();
    const hangs = { ...NEVER_UP, checkpointsBeforeUp: true, retainsCheckpoints: false };
    stage.world.behaviours.set(NEW.artifactSha256, [hangs]);
    const { code, message } = failure(await stage.run(upgrade({ runningTimeoutMs: 10_000 })));
    assert.equal(code, "FLINK_JOB_START_FAILED");
    assert.match(message, /checkpoint that Flink would delete with it, so it was not cancelled/);
    assert.deepEqual(statuses(stage), ["FINISHED", "RUNNING"]);
  });

  it("a later attempt starts from the checkpoint of an earlier one", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [COMMITS_AND_FAILS, HEALTHY]);
    const { applied } = await stage.reach(upgrade());
    assert.match(applied?.restoredFrom ?? "", /checkpoints/);
    assert.deepEqual(stage.world.violations, []);
  });

  it("stops trying when an attempt completed a checkpoint that is deleted, and tells the choice", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [{ ...COMMITS_AND_FAILS, retainsCheckpoints: false }]);
    const { message } = failure(await stage.run(upgrade()));
    assert.match(
      message,
      /checkpoint that Flink has deleted.*initialSavepointPath to file:\/savepoints\/.*savepointRedeployNonce/s,
    );
    assert.deepEqual(statuses(stage), ["FINISHED", "FAILED"]);
    assert.equal(failure(await stage.run(upgrade())).code, "FLINK_NO_STATE");
    assert.deepEqual(stage.world.violations, []);
  });

  it("gives a savepoint away by CLAIM only when its own stop took it", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [COMMITS_AND_FAILS, HEALTHY]);
    await stage.reach(upgrade({ claimMode: "CLAIM" }));
    const modes = stage.here.submissions
      .slice(1)
      .map(({ claimMode, savepointPath }) => [claimMode, savepointPath?.split("/")[1]]);
    assert.deepEqual(modes, [
      ["CLAIM", "savepoints"],
      ["NO_CLAIM", "checkpoints"],
    ]);
  });

  it("gives away no checkpoint by CLAIM, nor a savepoint that its user asked for", async () => {
    const stage = await running();
    const observeJob = stage.here.observeJob.bind(stage.here);
    const { path } = stage.world.store("savepoints", stage.world.committed);
    for (const newestState of [undefined, { path, origin: "USER_REQUEST" } as const]) {
      stage.here.observeJob = async (jobId) => {
        const job = await observeJob(jobId);
        return job === undefined || newestState === undefined ? job : { ...job, newestState };
      };
      const job = newestState === undefined ? NEW : OLD;
      stage.world.exactlyOnce = newestState === undefined;
      await stage.reach(desired({ job, policy: { claimMode: "CLAIM", upgradeStrategy: "STATELESS" } }));
      const { claimMode, savepointPath } = stage.here.submissions.at(-1) ?? assert.fail();
      assert.ok(savepointPath !== undefined && (newestState === undefined || savepointPath === path));
      assert.equal(claimMode, "NO_CLAIM");
    }
  });
});

describe("rolling back", () => {
  for (const [where, cluster] of [
    ["on the same cluster", HERE],
    ["on the old cluster, which still stands", THERE],
  ] as const) {
    it(`brings the old job back from the savepoint of the stop, ${where}`, async () => {
      const stage = await running();
      stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
      const { code, message } = failure(
        await stage.run(desired({ job: NEW, cluster, policy: { maxJobCreationAttempts: 2 } })),
      );
      assert.equal(code, "FLINK_ROLLED_BACK");
      assert.match(
        message,
        /did not come up in 2 attempts.*runs again as .* on http:\/\/here:8081, from file:\/savepoints\//s,
      );
      const { applied, state } = stage.record ?? {};
      assert.equal(state, "FAILED");
      assert.equal(applied?.job, OLD);
      assert.equal(applied?.cluster, HERE);
      assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[0]);
      assert.equal(stage.world.activeJobs[0]?.jobId, applied?.jobId);
      stage.world.clock.pass(5_000);
      assert.deepEqual(stage.world.violations, []);
    });
  }

  it("does not happen when a try completed a checkpoint: its state is kept and both choices are named", async () => {
    const stage = await running();
    stage.world.behaviours.set(NEW.artifactSha256, [COMMITS_AND_FAILS]);
    const { code, message } = failure(await stage.run(upgrade({ maxJobCreationAttempts: 1 })));
    assert.equal(code, "FLINK_JOB_START_FAILED");
    assert.match(
      message,
      /nothing was rolled back and its state is kept: file:\/checkpoints\/.*Or go back: set initialSavepointPath to file:\/savepoints\//s,
    );
    assert.deepEqual(statuses(stage), ["FINISHED", "FAILED"]);
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    assert.equal(failure(await stage.run(upgrade({ maxJobCreationAttempts: 1 }))).code, "FLINK_JOB_START_FAILED");
    stage.here.forgetEnded();
    stage.world.behaviours.set(NEW.artifactSha256, [HEALTHY]);
    await stage.reach(upgrade());
    assert.deepEqual(stage.world.violations, []);
  });

  it("says where the state is when it fails too", async () => {
    const stage = await running(HEALTHY);
    stage.world.behaviours.set(OLD.artifactSha256, [FAILS]);
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    const { code, message } = failure(await stage.run(upgrade({ maxJobCreationAttempts: 1 })));
    assert.equal(code, "FLINK_ROLLBACK_FAILED");
    assert.match(message, /No job runs now\. The state is safe: file:\/savepoints\//);
    stage.world.behaviours.set(NEW.artifactSha256, [HEALTHY]);
    await stage.reach(upgrade());
    assert.deepEqual(stage.world.violations, []);
  });

  it("does not bring a job back that had failed by itself before", async () => {
    const stage = await running({ ...HEALTHY, failsAfterMs: 3_000 });
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    assert.equal(failure(await stage.run(upgrade({ maxJobCreationAttempts: 1 }))).code, "FLINK_JOB_START_FAILED");
  });

  it("starts the old job from its own state when a redeployment from another fails", async () => {
    const stage = await running();
    stage.world.storage.set("file:/given", { path: "file:/given", position: 0, deleted: false });
    stage.world.exactlyOnce = false;
    const job = { ...NEW, savepointRedeployNonce: 1 };
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    const policy = { initialSavepointPath: "file:/given", maxJobCreationAttempts: 1 };
    assert.equal(failure(await stage.run(desired({ job, policy }))).code, "FLINK_ROLLED_BACK");
    assert.equal(stage.record?.applied?.restoredFrom, stage.world.stopSavepoints[0]);
  });
});

describe("ending a job", () => {
  it("says so when it does not end within timeouts.cancel, and goes on waiting in the next up", async () => {
    const stage = await running({ ...HEALTHY, cancelMs: undefined });
    const wish = desired({ state: "CANCELLED", policy: { cancelTimeoutMs: 5_000 } });
    const { code, message } = failure(await stage.run(wish));
    assert.equal(code, "FLINK_CANCEL_FAILED");
    assert.match(message, /forceCancellationOf/);
    assert.equal(failure(await stage.run(wish)).code, "FLINK_CANCEL_FAILED");
    const given = { ...wish, policy: { ...wish.policy, abandonedJobs: [jobId(OLD, 1)] } };
    assert.equal((await stage.reach(given)).state, "CANCELLED");
  });

  for (const [title, wish] of [
    ["a stop's", upgrade()],
    ["a cancelled job's", upgrade({ upgradeStrategy: "STATELESS" })],
  ] as const) {
    it(`waits until high availability has kept ${title} end: until then another JobManager would start the job again`, async () => {
      const stage = await running();
      stage.here.memory = { ...stage.here.memory, recoversJobs: true };
      stage.here.keepsEndsAfterMs = 700;
      await stage.reach(wish);
      assert.deepEqual(stage.world.violations, []);
    });
  }

  it("waits so for a start that failed, before the job of before runs again", async () => {
    const stage = await running();
    stage.here.memory = { ...stage.here.memory, recoversJobs: true };
    stage.here.keepsEndsAfterMs = 700;
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    assert.equal(failure(await stage.run(upgrade({ maxJobCreationAttempts: 1 }))).code, "FLINK_ROLLED_BACK");
    assert.deepEqual(stage.world.violations, []);
  });

  it("starts no other job where high availability never keeps the end, and the savepoint is on record", async () => {
    const stage = await running();
    stage.here.memory = { ...stage.here.memory, recoversJobs: true };
    stage.here.keepsEndsAfterMs = Number.POSITIVE_INFINITY;
    const { code, message } = failure(await stage.run(upgrade({ cancelTimeoutMs: 5_000 })));
    assert.equal(code, "FLINK_CANCEL_FAILED");
    assert.match(message, /has ended, but its cluster's high availability has not kept that within timeouts\.cancel/);
    assert.equal(stage.here.submissions.length, 1);
    assert.equal(stage.record?.snapshots[0]?.path, stage.world.stopSavepoints[0]);
  });

  it("a job that somebody else cancels is waited for and suspended on what it leaves", async () => {
    const stage = await running();
    stage.here.jobs.get(jobId(OLD, 1))?.cancel();
    await stage.reach(desired({ state: "SUSPENDED" }));
    assert.match(stage.record?.applied?.end?.snapshot?.path ?? "", /checkpoints/);
    await stage.reach(desired());
    assert.deepEqual(stage.world.violations, []);
  });

  it("a job that somebody else cancels and that leaves nothing is not taken for suspended", async () => {
    const stage = await running({ ...HEALTHY, retainsCheckpoints: false });
    stage.here.jobs.get(jobId(OLD, 1))?.cancel();
    assert.equal(failure(await stage.run(desired({ state: "SUSPENDED" }))).code, "FLINK_NO_STATE");
    assert.equal(failure(await stage.run(upgrade())).code, "FLINK_NO_STATE");
    assert.equal(stage.world.jobs.length, 1);
  });

  it("SUSPENDED and CANCELLED follow their cluster without running anything", async () => {
    for (const state of ["SUSPENDED", "CANCELLED"] as const) {
      const stage = await running();
      await stage.reach(desired({ state }));
      const { applied, state: reached } = await stage.reach(desired({ state, cluster: THERE }));
      assert.equal(reached, state);
      assert.equal(applied?.cluster, THERE);
      assert.equal(stage.world.jobs.length, 1);
      await stage.reach(desired({ cluster: THERE }));
      assert.deepEqual(stage.world.violations, []);
    }
  });
});
