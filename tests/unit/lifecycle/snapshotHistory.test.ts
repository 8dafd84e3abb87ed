import assert from "node:assert/strict";
import { plan } from "../../../provider/lifecycle/plan";
import { planDelete } from "../../../provider/lifecycle/planDelete";
import type { Policy, Snapshot } from "../../../provider/lifecycle/model";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";
import { remembered, withNewest } from "../../../provider/lifecycle/snapshotHistory";
import {
  applied,
  checkpoint,
  cluster,
  desired,
  endedRecord,
  NEW,
  NOW,
  observation,
  observedJob,
  planInput,
  record,
  savepoint,
  UNREACHABLE,
} from "../../rig/lifecycle/builders";
import { planText } from "../../rig/lifecycle/planText";

const HOUR = 3_600_000;

/** Savepoints of upgrades, each an hour older than the one before it. */
const TAKEN = ["5", "4", "3", "2", "1"].map((path, index) => savepoint(path, { time: NOW - index * HOUR }));

function limits(savepointHistory: Partial<Policy["savepointHistory"]>): Policy {
  return desired({ policy: { savepointHistory: { maxCount: 20, dispose: false, ...savepointHistory } } }).policy;
}

function paths(snapshots: readonly Snapshot[]): string[] {
  return snapshots.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
}

describe("the snapshots that a deployment remembers", () => {
  const known = record({ snapshots: TAKEN });

  it("are as many as maxCount says", () => {
    assert.deepEqual(paths(remembered(known, limits({ maxCount: 2 }), NOW)), ["5", "4"]);
  });

  it("are no older than maxAge says, and those whose age nobody knows", () => {
    const undated = { path: "file:/savepoints/undated", origin: "COPIED" } as const;
    const some = { ...known, snapshots: [...TAKEN, undated] };
    assert.deepEqual(paths(remembered(some, limits({ maxAgeMs: 1.5 * HOUR }), NOW)), ["5", "4", "undated"]);
  });

  it("are the newest, and the newest savepoint, whatever the limits", () => {
    const running = { ...known, snapshots: [checkpoint("chk-9"), ...TAKEN] };
    assert.deepEqual(paths(remembered(running, limits({ maxCount: 1, maxAgeMs: 1 }), NOW)), ["chk-9", "5"]);
  });

  it("are those in use, beside the limit: what the job was started from, what it left, what the user named", () => {
    const cases: [Parameters<typeof applied>[0], Partial<Policy>][] = [
      [{ restoredFrom: "file:///savepoints/2" }, {}],
      [{ end: { kind: "SUSPENDED", snapshot: savepoint("2") } }, {}],
      [{}, { initialSavepointPath: "file:///savepoints/2/_metadata" }],
    ];
    for (const [job, policy] of cases) {
      const used = { ...known, applied: applied(job) };
      const kept = remembered(used, { ...limits({ maxCount: 1, dispose: true }), ...policy }, NOW);
      assert.ok(paths(kept).includes("2"), JSON.stringify(job));
      assert.deepEqual(paths(remembered(used, { ...limits({ maxCount: 1 }), ...policy }, NOW)), ["5", "2"]);
    }
  });

  it("are all while a transition is unfinished", () => {
    const unfinished = { ...known, transition: { desiredState: "RUNNING" } as const };
    assert.equal(remembered(unfinished, limits({ maxCount: 1 }), NOW).length, TAKEN.length);
  });

  it("are those as well that are still to be disposed of, up to some number", () => {
    const snapshots = [...TAKEN, savepoint("given", { origin: "COPIED" }), savepoint("claimed", { claimed: true })];
    const kept = remembered({ ...known, snapshots }, limits({ maxCount: 1, dispose: true }), NOW);
    assert.deepEqual(paths(kept), paths(TAKEN));
    const many = Array.from({ length: 200 }, (_, number) => savepoint(`many-${number}`));
    assert.equal(remembered({ ...known, snapshots: many }, limits({ maxCount: 1, dispose: true }), NOW).length, 51);
  });

  it("keep what is known of one that a job was started from, of which Flink tells only the path", () => {
    const [newest, second] = TAKEN as [Snapshot, Snapshot];
    const copied = { path: "file:///savepoints/4", origin: "COPIED" } as const;
    assert.deepEqual(withNewest(TAKEN, copied)[0], second);
    assert.deepEqual(withNewest([{ ...newest, claimed: true }], { ...newest, origin: "SUSPEND" })[0], {
      ...newest,
      origin: "SUSPEND",
      claimed: true,
    });
    const found = { ...newest, origin: "USER_REQUEST" } as const;
    assert.deepEqual(withNewest(TAKEN, found)[0], newest);
    assert.deepEqual(paths(withNewest(TAKEN, savepoint("6"))), ["6", ...paths(TAKEN)]);
  });
});

describe("the disposal of savepoints in a plan", () => {
  const savepointHistory = { maxCount: 2, dispose: true };

  function planned(changes: Partial<PlanInput> & { policy?: Partial<Policy> } = {}): string {
    const { policy, ...others } = changes;
    const input = planInput({
      record: record({ snapshots: TAKEN, applied: applied({ restoredFrom: "file:/savepoints/5" }) }),
      desired: desired({ job: NEW, policy: { savepointHistory, ...policy } }),
      ...others,
    });
    return planText(plan(input).plan);
  }

  it("is the last step of an upgrade, which counts the savepoint that it will take", () => {
    assert.equal(
      planned(),
      "stop; start from stop; dispose of savepoints/4 and savepoints/3 and savepoints/2 and savepoints/1",
    );
  });

  it("is no step where that was not asked for, or nothing is outside of the limits", () => {
    for (const limit of [
      { maxCount: 2, dispose: false },
      { maxCount: 6, dispose: true },
    ]) {
      assert.equal(planned({ policy: { savepointHistory: limit } }), "stop; start from stop");
    }
    assert.equal(planned({ record: undefined, observation: observation(cluster()) }), "start from empty");
  });

  it("is by age where that is asked for", () => {
    assert.equal(
      planned({ policy: { savepointHistory: { maxCount: 9, maxAgeMs: 2.5 * HOUR, dispose: true } } }),
      "stop; start from stop; dispose of savepoints/2 and savepoints/1",
    );
  });

  it("never names what this deployment did not make for itself", () => {
    const others = [
      savepoint("asked-for", { origin: "USER_REQUEST" }),
      savepoint("given", { origin: "COPIED" }),
      savepoint("claimed", { claimed: true }),
      checkpoint("chk-1"),
    ];
    const own = savepoint("own", { origin: "SUSPEND" });
    assert.equal(
      planned({ record: record({ snapshots: [...TAKEN.slice(0, 2), ...others, own] }) }),
      "stop; start from stop; dispose of savepoints/4 and savepoints/own",
    );
  });

  it("spares what the user named, and what a job that was given up was started from", () => {
    assert.equal(
      planned({ policy: { initialSavepointPath: "s3a://elsewhere/3" } }),
      "stop; start from stop; dispose of savepoints/4 and savepoints/2 and savepoints/1",
    );
    const abandoned = observedJob({ generation: 2, restoredFrom: "file:/savepoints/2" });
    assert.equal(
      planned({
        policy: { abandonedJobs: [abandoned.jobId] },
        observation: observation(cluster([observedJob(), abandoned])),
      }),
      "stop; start from stop; dispose of savepoints/4 and savepoints/3 and savepoints/1",
    );
  });

  it("spares what the new job may be started from", () => {
    const failed = cluster([
      observedJob({ status: "FAILED", checkpoint: undefined, restoredFrom: "file:/savepoints/2" }),
    ]);
    assert.equal(
      planned({ desired: desired({ policy: { savepointHistory } }), observation: observation(failed) }),
      "start from savepoints/2; dispose of savepoints/3 and savepoints/1",
    );
    const cancelled = observedJob({ checkpoint: undefined, restoredFrom: "file:/savepoints/2" });
    assert.equal(
      planned({ policy: { upgradeStrategy: "STATELESS" }, observation: observation(cluster([cancelled])) }),
      "cancel; start from lastState, else savepoints/2; dispose of savepoints/4 and savepoints/3 and savepoints/1",
    );
  });

  it("is a step of a suspension, of a resumption, and of a change of the policy alone", () => {
    assert.equal(
      planned({ desired: desired({ state: "SUSPENDED", policy: { savepointHistory } }) }),
      "stop; dispose of savepoints/4 and savepoints/3 and savepoints/2 and savepoints/1",
    );
    const suspended = endedRecord({ kind: "SUSPENDED", snapshot: TAKEN[0] }, { snapshots: TAKEN });
    assert.equal(
      planned({
        record: suspended,
        desired: desired({ policy: { savepointHistory } }),
        observation: observation(cluster()),
      }),
      "start from savepoints/5; dispose of savepoints/3 and savepoints/2 and savepoints/1",
    );
    assert.equal(
      planned({ desired: desired({ policy: { savepointHistory } }) }),
      "alreadyThere; dispose of savepoints/3 and savepoints/2 and savepoints/1",
    );
  });

  it("is no step of a delete, whose snapshots stay, nor where no cluster answers", () => {
    const input = planInput({
      record: record({ snapshots: TAKEN }),
      desired: desired({ policy: { savepointHistory } }),
    });
    assert.equal(planText(planDelete(input).plan), "stop or cancel");
    assert.equal(
      planned({ desired: desired({ policy: { savepointHistory } }), observation: observation(UNREACHABLE) }),
      "alreadyThere",
    );
  });
});
