import assert from "node:assert/strict";
import { desired, NEW, THERE } from "../../rig/lifecycle/builders";
import { failure, running } from "../../rig/lifecycle/runs";
import type { Policy } from "../../../provider/lifecycle/model";

function upgrade(policy: Partial<Policy> = {}): ReturnType<typeof desired> {
  return desired({ job: NEW, policy });
}

describe("a transition", () => {
  it("starts no step after an interruption, and the next up goes on", async () => {
    const stage = await running();
    const outcome = await stage.run(upgrade(), { interrupted: () => stage.world.stopSavepoints.length > 0 });
    assert.equal(failure(outcome).code, "FLINK_INTERRUPTED");
    assert.equal(stage.record?.state, "TRANSITIONING");
    assert.equal(stage.here.submissions.length, 1);
    await stage.reach(upgrade());
    assert.equal(stage.world.stopSavepoints.length, 1);
    assert.deepEqual(stage.world.violations, []);
  });

  it("changes nothing and keeps the record when it is refused", async () => {
    const stage = await running();
    const before = stage.record;
    stage.here.slots = { total: 0, free: 0, elastic: false };
    const outcome = await stage.run(upgrade());
    assert.equal(failure(outcome).code, "FLINK_NOT_ENOUGH_SLOTS");
    assert.equal(outcome.kind === "failed" && outcome.begun, false);
    assert.equal(stage.record, before);
    assert.deepEqual(
      stage.world.jobs.map(({ status }) => status),
      ["RUNNING"],
    );
  });

  it("keeps what Flink shows of a stop that a killed run made, although it is refused", async () => {
    const stage = await running();
    for (let call = 1; stage.world.stopSavepoints.length === 0; call += 1) {
      await stage.run(upgrade(), { fault: { kind: "killed", call, when: "after" } });
    }
    stage.world.clock.pass(5_000);
    assert.equal(stage.record?.applied?.end, undefined, "it was killed before it could record the stop");
    const { slots } = stage.here;
    stage.here.slots = { total: 0, free: 0, elastic: false };
    const refused = upgrade({ unreachableTimeoutMs: 1_000 });
    assert.equal(failure(await stage.run(refused)).code, "FLINK_NOT_ENOUGH_SLOTS");
    stage.here.slots = slots;
    stage.here.forgetEnded();
    stage.here.forgetOperations();
    const { applied } = await stage.reach(upgrade());
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[0]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("keeps what a failed job has left, although it is refused", async () => {
    const stage = await running();
    const { here } = stage;
    [...here.jobs.values()][0]?.end("FAILED");
    const left = (await here.observeJob(stage.record?.applied?.jobId ?? ""))?.newestState;
    here.slots = { total: 0, free: 0, elastic: false };
    const refused = upgrade({ unreachableTimeoutMs: 1_000 });
    assert.equal(failure(await stage.run(refused)).code, "FLINK_NOT_ENOUGH_SLOTS");
    assert.equal(stage.record?.snapshots[0]?.path, left?.path);
  });

  it("keeps nothing of a job that was given up and runs on: what it has completed is soon gone", async () => {
    const stage = await running();
    const before = stage.record;
    const abandonedJobs = [before?.applied?.jobId ?? ""];
    stage.here.slots = { total: 0, free: 0, elastic: false };
    const outcome = await stage.run(upgrade({ abandonedJobs, unreachableTimeoutMs: 1_000 }));
    assert.equal(failure(outcome).code, "FLINK_NOT_ENOUGH_SLOTS");
    assert.equal(stage.record, before);
  });

  it("waits for a cluster that does not answer for as long as timeouts.unreachable", async () => {
    const stage = await running();
    const began = stage.world.clock.now();
    const outcome = await stage.run(upgrade({ unreachableTimeoutMs: 30_000 }), {
      fault: { kind: "cutOff", call: 1, when: "before" },
    });
    assert.equal(failure(outcome).code, "FLINK_CLUSTER_UNREACHABLE");
    const waited = stage.world.clock.now() - began;
    assert.ok(waited > 20_000 && waited <= 31_000, String(waited));
  });

  it("does not start empty after a job whose end Flink forgot before it told what was left", async () => {
    const stage = await running();
    const { here } = stage;
    const observeJob = here.observeJob.bind(here);
    here.observeJob = (jobId) => {
      here.forgetEnded();
      return observeJob(jobId);
    };
    const { applied } = await stage.reach(desired({ state: "CANCELLED" }));
    assert.equal(applied?.end?.unseen, true);
    assert.equal(failure(await stage.run(desired())).code, "FLINK_NO_STATE");
    assert.equal(here.submissions.length, 1);
  });

  it("waits as long for the TaskManagers of a JobManager that was restarted", async () => {
    const stage = await running();
    const { slots } = stage.here;
    stage.here.slots = { total: 0, free: 0, elastic: false };
    stage.world.clock.after(10_000, () => (stage.here.slots = slots));
    const { state } = await stage.reach(upgrade({ unreachableTimeoutMs: 30_000 }));
    assert.equal(state, "RUNNING");
    assert.ok(stage.told.some((line) => line.includes("the cluster has no TaskManagers, trying again")));
  });

  it("reaches its end although jars can't be deleted", async () => {
    const stage = await running();
    stage.here.removeArtifacts = () => Promise.reject(new Error("disk full"));
    const { state } = await stage.reach(upgrade());
    assert.equal(state, "RUNNING");
    assert.ok(stage.told.some((line) => line.startsWith("warning: ") && line.includes("disk full")));
  });

  it("deletes the jars that nothing uses any more", async () => {
    const stage = await running();
    await stage.reach(upgrade());
    assert.deepEqual([...stage.here.artifacts], [NEW.artifactSha256]);
    await stage.reach(desired({ job: NEW, cluster: THERE }));
    assert.deepEqual([...stage.here.artifacts], []);
  });

  for (const state of ["SUSPENDED", "CANCELLED"] as const) {
    it(`deletes the old cluster's jars when it is ${state} on another one`, async () => {
      const stage = await running();
      await stage.reach(desired({ cluster: THERE, state }));
      assert.deepEqual([...stage.here.artifacts], []);
    });
  }

  it("takes a change back that waits under NONE, and writes down that it waits", async () => {
    const stage = await running();
    const waiting = await stage.reach(upgrade({ upgradeStrategy: "NONE" }));
    assert.ok(waiting.pendingUpgrade !== undefined && waiting.state === "RUNNING");
    const back = await stage.reach(desired({ policy: { upgradeStrategy: "NONE" } }));
    assert.equal(back.pendingUpgrade, undefined);
    assert.equal(stage.world.jobs.length, 1);
  });
});
