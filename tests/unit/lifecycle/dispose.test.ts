import assert from "node:assert/strict";
import { deriveStopTriggerId } from "../../../provider/lifecycle/ids";
import type { Policy, Snapshot } from "../../../provider/lifecycle/model";
import { desired, NEW, OLD, spec, UID } from "../../rig/lifecycle/builders";
import { Stage } from "../../rig/lifecycle/runs";
import { HEALTHY } from "../../rig/lifecycle/simulatedWorld";

const DISPOSES: Partial<Policy> = { savepointHistory: { maxCount: 2, dispose: true } };

/** A deployment that has been upgraded so often, without disposing of anything, and runs; and its savepoints, oldest first. */
async function upgraded(times: number): Promise<{ stage: Stage; taken: readonly string[] }> {
  const stage = new Stage();
  for (let version = 0; version <= times; version += 1) {
    await stage.reach(desired({ job: spec(`version ${version}`) }));
    stage.world.clock.pass(2_000);
  }
  return { stage, taken: stage.world.stopSavepoints };
}

function known(stage: Stage): string[] {
  return (stage.record?.snapshots ?? []).filter(({ origin }) => origin === "UPGRADE").map(({ path }) => path);
}

describe("disposing of savepoints at the end of a transition", () => {
  it("deletes what is outside of the limits, oldest and all, and forgets it", async () => {
    const { stage, taken } = await upgraded(4);
    const [one, two, three, four] = taken;
    await stage.reach(desired({ job: NEW, policy: DISPOSES }));
    assert.deepEqual([...stage.world.disposed].sort(), [one, two, three].sort());
    assert.deepEqual(known(stage), [taken.at(-1), four]);
    assert.ok(stage.told.some((line) => line.includes("disposed of ") && line.includes(one ?? "none")));
    const notes = stage.record?.happened.filter(
      (each) => each.kind === "note" && /^savepoint .* disposed of/.test(each.message),
    );
    assert.equal(notes?.length, 3);
    assert.deepEqual(stage.world.violations, []);
  });

  it("is fine with what is gone already", async () => {
    const { stage, taken } = await upgraded(3);
    const [one = ""] = taken;
    stage.world.dispose(one);
    await stage.reach(desired({ job: NEW, policy: DISPOSES }));
    assert.ok(!known(stage).includes(one));
    assert.ok(!stage.told.some((line) => line.startsWith("warning")));
  });

  it("warns of what cannot be deleted, keeps it in mind, and tries again with the next transition", async () => {
    const { stage, taken } = await upgraded(3);
    const [one = "", two = ""] = taken;
    stage.world.undisposable.set(one, "AccessDeniedException");
    const record = await stage.reach(desired({ job: NEW, policy: DISPOSES }));
    assert.equal(record.state, "RUNNING");
    assert.equal(record.transition, undefined);
    assert.ok(stage.told.some((line) => /^warning: .*could not be disposed of: .*AccessDeniedException/.test(line)));
    assert.ok(record.happened.some((each) => each.kind === "note" && each.reason === "CleanupFailed"));
    assert.deepEqual(stage.world.disposed, [two]);
    assert.ok(known(stage).includes(one));
    stage.world.undisposable.clear();
    await stage.reach(desired({ job: OLD, policy: DISPOSES }));
    assert.ok(stage.world.disposed.includes(one));
    assert.ok(!known(stage).includes(one));
  });

  it("spares what the job was started from after all, when it could take no savepoint", async () => {
    const { stage, taken } = await upgraded(3);
    const [, , three = ""] = taken;
    // The job that runs has completed nothing, so that what it was started from is its newest state still.
    const quiet = { ...HEALTHY, checkpointEveryMs: undefined };
    stage.world.behaviours.set(OLD.artifactSha256, [quiet]);
    await stage.reach(desired({ job: OLD, policy: { initialSavepointPath: three } }));
    const restored = stage.record?.applied?.restoredFrom ?? "";
    // The record alone says that it is needed.
    stage.here.neededSnapshots = () => Promise.resolve([]);
    stage.world.stops.push("fails");
    await stage.reach(
      desired({
        job: NEW,
        policy: {
          ...DISPOSES,
          savepointHistory: { maxCount: 1, dispose: true },
          fallback: "LATEST_STATE",
          maxSavepointCreationAttempts: 1,
        },
      }),
    );
    assert.equal(stage.record?.applied?.restoredFrom, restored);
    assert.ok(!stage.world.disposed.includes(restored));
    assert.deepEqual(stage.world.violations, []);
  });

  it("spares what another job of the cluster still needs", async () => {
    const { stage, taken } = await upgraded(3);
    const [one = "", two = ""] = taken;
    const needed = stage.here.neededSnapshots.bind(stage.here);
    stage.here.neededSnapshots = async () => [...(await needed()), { jobId: "another", path: one }];
    await stage.reach(desired({ job: NEW, policy: DISPOSES }));
    assert.deepEqual(stage.world.disposed, [two]);
    assert.ok(known(stage).includes(one));
  });

  it("begins again where the JobManager forgets it, a few times", async () => {
    const { stage, taken } = await upgraded(3);
    const [one = ""] = taken;
    let forgotten = 0;
    const result = stage.here.disposalResult.bind(stage.here);
    stage.here.disposalResult = (id) =>
      forgotten++ === 0 ? Promise.resolve({ kind: "unknown" as const }) : result(id);
    await stage.reach(desired({ job: NEW, policy: DISPOSES }));
    assert.ok(stage.world.disposed.includes(one));
    stage.here.disposalResult = () => Promise.resolve({ kind: "unknown" });
    await stage.reach(desired({ job: OLD, policy: DISPOSES }));
    assert.ok(stage.told.some((line) => line.includes("Flink forgot the disposal")));
  });

  it("is not begun any more once the engine asks to stop, and the transition is whole", async () => {
    const { stage } = await upgraded(3);
    const outcome = await stage.run(desired({ job: NEW, policy: DISPOSES }), {
      interrupted: () => stage.record !== undefined && stage.told.some((line) => line.startsWith("done 3/5")),
    });
    assert.equal(outcome.kind, "reached");
    assert.deepEqual(stage.world.disposed, []);
  });

  it("never touches what was given to a job for good", async () => {
    const { stage } = await upgraded(1);
    const claims: Partial<Policy> = { claimMode: "CLAIM", rollback: false };
    await stage.reach(desired({ job: NEW, policy: claims }));
    const claimed = stage.record?.applied?.restoredFrom ?? "";
    const mark = (path: string): Snapshot["claimed"] =>
      stage.record?.snapshots.find((snapshot) => snapshot.path === path)?.claimed;
    assert.equal(mark(claimed), true);
    for (const job of [OLD, NEW, OLD]) {
      stage.world.clock.pass(2_000);
      await stage.reach(desired({ job, policy: { savepointHistory: { maxCount: 1, dispose: true } } }));
    }
    assert.ok(!stage.world.disposed.includes(claimed));
    assert.ok(stage.world.disposed.length > 0);
  });

  for (const [whose, triggerId, forgets, disposes] of [
    ["somebody else has stopped the job with", "somebody else's", false, false],
    ["this deployment has stopped the job with in a run that was killed", deriveStopTriggerId(UID, 4, 0), false, true],
    ["a run that was killed may have stopped the job with, long ago", deriveStopTriggerId(UID, 4, 0), true, false],
  ] as const) {
    it(`${disposes ? "deletes" : "spares"} the savepoint that ${whose}`, async () => {
      const { stage, taken } = await upgraded(3);
      const running = stage.record?.applied?.jobId ?? "";
      await stage.here.stop(running, { triggerId });
      stage.world.clock.pass(1_000);
      if (forgets) stage.here.forgetOperations();
      const stopped = taken.at(-1) ?? "";
      assert.equal(taken.length, 4);
      for (const version of [4, 5, 6]) {
        const record = await stage.reach(desired({ job: spec(`version ${version}`), policy: DISPOSES }));
        if (version === 4) assert.equal(record.applied?.restoredFrom, stopped);
        stage.world.clock.pass(2_000);
      }
      assert.equal(stage.world.disposed.includes(stopped), disposes);
      assert.deepEqual(stage.world.violations, []);
    });
  }

  it("spares a savepoint whose trigger Flink forgot while it was waited for", async () => {
    const { stage, taken } = await upgraded(3);
    const { here } = stage;
    const stopResult = here.stopResult.bind(here);
    here.stopResult = async (id, triggerId) => {
      const result = await stopResult(id, triggerId);
      return result.kind === "completed" ? { kind: "unknown" } : result;
    };
    await stage.reach(desired({ job: spec("version 4"), policy: DISPOSES }));
    assert.equal(stage.record?.applied?.restoredFrom, taken.at(-1));
    assert.equal(stage.record?.snapshots[0]?.origin, "USER_REQUEST");
  });
});
