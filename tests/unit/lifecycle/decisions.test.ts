import assert from "node:assert/strict";
import {
  applied,
  cluster,
  desired,
  endedRecord,
  NEW,
  observation,
  observedJob,
  planInput,
  record,
  savepoint,
  THERE,
} from "../../rig/lifecycle/builders";
import { rows, type Table } from "../../rig/lifecycle/decisionRows";
import { JOB_STATE_NAMES, JOB_STATES, whileWaiting, type JobState } from "../../rig/lifecycle/jobStates";
import { planText } from "../../rig/lifecycle/planText";
import type { Policy } from "../../../provider/lifecycle/model";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";
import { plan } from "../../../provider/lifecycle/plan";
import { planDelete } from "../../../provider/lifecycle/planDelete";

function running(policy: Partial<Policy> = {}, job = NEW): (state: JobState) => PlanInput {
  return (state) => planInput({ desired: desired({ job, policy }), observation: observation(JOB_STATES[state]) });
}

/** The old cluster says something of the job; the new one is ready. */
function moved(policy: Partial<Policy> = {}): (state: JobState) => PlanInput {
  return (state) =>
    planInput({
      desired: desired({ cluster: THERE, policy }),
      observation: observation(JOB_STATES[state], { target: cluster() }),
    });
}

describe("the decisions of a deployment that is to run", () => {
  const statefulUpgrade: Table = {
    ...whileWaiting("await up, stop; start from stop"),
    "RUNNING and up": "stop; start from stop",
    CANCELLING: "awaitEnd; start from lastState, else none",
    "FAILED with a checkpoint": "start from checkpoints/3-0",
    "FAILED without any state": "FLINK_NO_STATE",
    "CANCELED by somebody else with a checkpoint": "start from checkpoints/3-0",
    "CANCELED by somebody else without any state": "FLINK_NO_STATE",
    "FINISHED by itself": "start from empty",
    "FINISHED by our stop": "start from savepoints/stop",
    "not found": "FLINK_JOB_MISSING",
    "on a cluster that is gone": "FLINK_JOB_MISSING",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };

  describe("when its job changed and upgrades are STATEFUL", () => rows(statefulUpgrade, running()));

  describe("when its job changed and an unhealthy job may fall back to the latest state", () =>
    rows(
      {
        ...statefulUpgrade,
        ...whileWaiting("await up, stop or cancel; start from stop"),
        "RUNNING and up": "stop or cancel; start from stop",
      },
      running({ fallback: "LATEST_STATE" }),
    ));

  describe("when its job changed, upgrades are STATEFUL and restoreStrategy is NONE", () =>
    rows(
      {
        ...statefulUpgrade,
        ...whileWaiting("await up, stop; start from empty"),
        "RUNNING and up": "stop; start from empty",
        CANCELLING: "awaitEnd; start from empty",
        "FAILED with a checkpoint": "start from empty",
        "FAILED without any state": "start from empty",
        "CANCELED by somebody else with a checkpoint": "start from empty",
        "CANCELED by somebody else without any state": "start from empty",
        "FINISHED by our stop": "start from empty",
      },
      running({ restoreStrategy: "NONE" }),
    ));

  const statelessUpgrade: Table = {
    ...whileWaiting("cancel; start from lastState, else empty"),
    "RUNNING and up": "cancel; start from lastState, else empty",
    CANCELLING: "awaitEnd; start from lastState, else empty",
    "FAILED with a checkpoint": "start from checkpoints/3-0",
    "FAILED without any state": "start from empty",
    "CANCELED by somebody else with a checkpoint": "start from checkpoints/3-0",
    "CANCELED by somebody else without any state": "start from empty",
    "FINISHED by itself": "start from empty",
    "FINISHED by our stop": "start from savepoints/stop",
    "not found": "start from empty",
    "on a cluster that is gone": "FLINK_CLUSTER_UNREACHABLE",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };

  describe("when its job changed and upgrades are STATELESS", () =>
    rows(statelessUpgrade, running({ upgradeStrategy: "STATELESS" })));

  describe("when its job changed and upgrades are NONE", () =>
    rows(
      {
        ...(Object.fromEntries(JOB_STATE_NAMES.map((state) => [state, "upgradeWaits"])) as Table),
        // Ours to end: the savepoint was taken by a transition that began before the strategy became NONE.
        "FINISHED by our stop": "start from savepoints/stop",
      },
      running({ upgradeStrategy: "NONE" }),
    ));

  describe("when only its cluster changed and upgrades are STATEFUL", () =>
    rows({ ...statefulUpgrade, "FINISHED by itself": "point" }, moved()));

  describe("when only its cluster changed and upgrades are STATELESS", () =>
    rows(
      { ...statelessUpgrade, "FINISHED by itself": "point", "on a cluster that is gone": "start from empty" },
      moved({ upgradeStrategy: "STATELESS" }),
    ));

  describe("when only its cluster changed and upgrades are NONE", () =>
    rows(
      {
        ...(Object.fromEntries(JOB_STATE_NAMES.map((state) => [state, "upgradeWaits"])) as Table),
        ...whileWaiting("FLINK_UPGRADE_NEEDS_STRATEGY"),
        "RUNNING and up": "FLINK_UPGRADE_NEEDS_STRATEGY",
        CANCELLING: "FLINK_UPGRADE_NEEDS_STRATEGY",
        "FINISHED by our stop": "start from savepoints/stop",
      },
      moved({ upgradeStrategy: "NONE" }),
    ));

  const unchanged: Table = {
    ...whileWaiting("alreadyThere"),
    "RUNNING and up": "alreadyThere",
    CANCELLING: "alreadyThere",
    "FAILED with a checkpoint": "start from checkpoints/3-0",
    "FAILED without any state": "FLINK_NO_STATE",
    "CANCELED by somebody else with a checkpoint": "start from checkpoints/3-0",
    "CANCELED by somebody else without any state": "FLINK_NO_STATE",
    "FINISHED by itself": "finished",
    "FINISHED by our stop": "start from savepoints/stop",
    "not found": "FLINK_JOB_MISSING",
    "on a cluster that is gone": "FLINK_CLUSTER_UNREACHABLE",
    "on a cluster that does not answer": "alreadyThere",
  };

  for (const upgradeStrategy of ["STATEFUL", "NONE"] as const) {
    describe(`when nothing changed and upgrades are ${upgradeStrategy}`, () =>
      rows(unchanged, (state) =>
        planInput({
          record: record({ snapshots: state === "not found" ? [savepoint("known")] : [] }),
          desired: desired({ policy: { upgradeStrategy } }),
          observation: observation(JOB_STATES[state]),
        }),
      ));
  }

  describe("when nothing changed and upgrades are STATELESS, or restoreStrategy is NONE", () => {
    for (const [policy, source] of [
      [{ upgradeStrategy: "STATELESS" }, "savepoints/known"],
      [{ restoreStrategy: "NONE" }, "empty"],
    ] as const) {
      it(`a job that is not found is started again from ${source}`, () => {
        const input = planInput({
          record: record({ snapshots: [savepoint("known")] }),
          desired: desired({ policy }),
          observation: observation(JOB_STATES["not found"]),
        });
        assert.equal(planText(plan(input).plan), `start from ${source}`);
      });
    }
  });

  describe("when nothing changed and the policy alone is another", () =>
    rows(unchanged, (state) =>
      planInput({
        record: record({ snapshots: state === "not found" ? [savepoint("known")] : [] }),
        desired: desired({ policy: { maxJobCreationAttempts: 9, runningTimeoutMs: 1 } }),
        observation: observation(JOB_STATES[state]),
      }),
    ));
});

describe("the decisions of a deployment that runs again", () => {
  const suspended = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("suspension") });
  const cancelled = endedRecord({ kind: "CANCELLED" });
  const there = cluster([observedJob({ status: "CANCELED", checkpoint: undefined })]);

  const cases: [string, PlanInput["record"], PlanInput["desired"], string][] = [
    ["after SUSPENDED from the savepoint of the suspension", suspended, desired(), "start from savepoints/suspension"],
    [
      "after SUSPENDED with a changed job as well",
      suspended,
      desired({ job: NEW }),
      "start from savepoints/suspension",
    ],
    [
      "after SUSPENDED though upgrades are NONE",
      suspended,
      desired({ job: NEW, policy: { upgradeStrategy: "NONE" } }),
      "start from savepoints/suspension",
    ],
    [
      "after SUSPENDED empty when restoreStrategy is NONE",
      suspended,
      desired({ policy: { restoreStrategy: "NONE" } }),
      "start from empty",
    ],
    ["after CANCELLED empty when no snapshot is known", cancelled, desired(), "start from empty"],
    [
      "after CANCELLED from the newest snapshot known",
      endedRecord({ kind: "CANCELLED" }, { snapshots: [savepoint("known")] }),
      desired(),
      "start from savepoints/known",
    ],
    [
      "after CANCELLED empty when restoreStrategy is NONE",
      endedRecord({ kind: "CANCELLED" }, { snapshots: [savepoint("known")] }),
      desired({ policy: { restoreStrategy: "NONE" } }),
      "start from empty",
    ],
  ];
  for (const [title, recorded, wanted, expected] of cases) {
    it(title, () => {
      const seen = planInput({ record: recorded, desired: wanted, observation: observation(there) });
      const forgotten = planInput({ record: recorded, desired: wanted, observation: observation(cluster()) });
      assert.equal(planText(plan(seen).plan), expected);
      assert.equal(planText(plan(forgotten).plan), expected);
    });
  }

  it("a finite job that was cancelled after it had FINISHED runs once more", () => {
    const recorded = endedRecord({ kind: "CANCELLED" });
    const seen = observation(cluster([observedJob({ status: "FINISHED", checkpoint: undefined })]));
    assert.equal(planText(plan(planInput({ record: recorded, observation: seen })).plan), "start from empty");
  });

  it("a job that FINISHED stays so, seen or forgotten", () => {
    const recorded = endedRecord({ kind: "FINISHED" });
    for (const state of ["FINISHED by itself", "not found", "on a cluster that is gone"] as const) {
      const input = planInput({ record: recorded, observation: observation(JOB_STATES[state]) });
      assert.equal(planText(plan(input).plan), "alreadyThere");
    }
  });

  it("a job that FINISHED is started again when its spec changes, and only pointed when its cluster does", () => {
    const recorded = endedRecord({ kind: "FINISHED" });
    const seen = cluster([observedJob({ status: "FINISHED", checkpoint: undefined })]);
    const changed = planInput({ record: recorded, desired: desired({ job: NEW }), observation: observation(seen) });
    assert.equal(planText(plan(changed).plan), "start from empty");
    for (const current of [
      seen,
      JOB_STATES["on a cluster that is gone"],
      JOB_STATES["on a cluster that does not answer"],
    ]) {
      const pointed = planInput({
        record: recorded,
        desired: desired({ cluster: THERE }),
        observation: observation(current, { target: cluster() }),
      });
      assert.equal(planText(plan(pointed).plan), "point");
    }
  });
});

describe("the decisions of a deployment that is to be SUSPENDED", () => {
  function suspending(policy: Partial<Policy> = {}): (state: JobState) => PlanInput {
    return (state) =>
      planInput({
        desired: desired({ state: "SUSPENDED", policy }),
        observation: observation(JOB_STATES[state]),
      });
  }

  const table: Table = {
    ...whileWaiting("await up, stop"),
    "RUNNING and up": "stop",
    CANCELLING: "awaitEnd; suspend on nothing",
    "FAILED with a checkpoint": "suspend on checkpoints/3-0",
    "FAILED without any state": "FLINK_NO_STATE",
    "CANCELED by somebody else with a checkpoint": "suspend on checkpoints/3-0",
    "CANCELED by somebody else without any state": "FLINK_NO_STATE",
    "FINISHED by itself": "finished",
    "FINISHED by our stop": "suspend on savepoints/stop",
    "not found": "FLINK_JOB_MISSING",
    "on a cluster that is gone": "FLINK_JOB_MISSING",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };
  describe("while it runs", () => rows(table, suspending()));

  describe("while it runs and restoreStrategy is LATEST_SAVEPOINT", () =>
    rows(
      {
        ...table,
        CANCELLING: "FLINK_NO_STATE",
        "FAILED with a checkpoint": "FLINK_NO_STATE",
        "CANCELED by somebody else with a checkpoint": "FLINK_NO_STATE",
      },
      suspending({ restoreStrategy: "LATEST_SAVEPOINT" }),
    ));

  it("stays SUSPENDED", () => {
    const recorded = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("suspension") });
    for (const state of ["FINISHED by our stop", "not found", "on a cluster that does not answer"] as const) {
      const input = { ...suspending()(state), record: recorded };
      assert.equal(planText(plan(input).plan), "nothingRuns");
    }
  });

  it("after CANCELLED it is SUSPENDED on the last snapshot known", () => {
    const known = endedRecord({ kind: "CANCELLED" }, { snapshots: [savepoint("known")] });
    const input = { ...suspending()("not found"), record: known };
    assert.equal(planText(plan(input).plan), "suspend on savepoints/known");
  });

  it("after CANCELLED without any snapshot it is refused", () => {
    const input = { ...suspending()("not found"), record: endedRecord({ kind: "CANCELLED" }) };
    assert.equal(planText(plan(input).plan), "FLINK_NO_STATE");
  });

  it("after a failed upgrade it is SUSPENDED on the savepoint of the stop, whatever the restore strategy", () => {
    const failed = endedRecord({ kind: "REPLACED", snapshot: savepoint("stop") });
    const tried = observedJob({ job: NEW, generation: 4, status: "FAILED", checkpoint: undefined });
    for (const restoreStrategy of ["LATEST_STATE", "LATEST_SAVEPOINT", "NONE"] as const) {
      const input = planInput({
        record: failed,
        desired: desired({ state: "SUSPENDED", job: NEW, policy: { restoreStrategy } }),
        observation: observation(cluster([tried])),
      });
      assert.equal(planText(plan(input).plan), "suspend on savepoints/stop");
    }
  });

  it("a new deployment starts SUSPENDED without a job", () => {
    const input = { ...suspending()("not found"), record: undefined };
    assert.equal(planText(plan(input).plan), "suspend on nothing");
  });
});

describe("the decisions of a deployment that is to be CANCELLED", () => {
  const cancelling =
    (abandonedJobs: string[] = []) =>
    (state: JobState): PlanInput =>
      planInput({
        desired: desired({ state: "CANCELLED", policy: { abandonedJobs } }),
        observation: observation(JOB_STATES[state]),
      });
  const table: Table = {
    ...whileWaiting("cancel"),
    "RUNNING and up": "cancel",
    CANCELLING: "awaitEnd",
    "FAILED with a checkpoint": "cancelledNothingRan",
    "FAILED without any state": "cancelledNothingRan",
    "CANCELED by somebody else with a checkpoint": "cancelledNothingRan",
    "CANCELED by somebody else without any state": "cancelledNothingRan",
    "FINISHED by itself": "cancelledNothingRan",
    "FINISHED by our stop": "cancelledNothingRan",
    "not found": "cancelledNothingRan",
    "on a cluster that is gone": "cancelledNothingRan",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };
  describe("while it runs", () => rows(table, cancelling()));

  describe("while it runs and its job is given up by name", () =>
    rows(
      Object.fromEntries(JOB_STATE_NAMES.map((state) => [state, "cancelledNothingRan"])) as Table,
      cancelling([applied().jobId]),
    ));

  it("stays CANCELLED", () => {
    for (const state of ["CANCELED by somebody else without any state", "not found"] as const) {
      const input = { ...cancelling()(state), record: endedRecord({ kind: "CANCELLED" }) };
      assert.equal(planText(plan(input).plan), "alreadyThere");
    }
  });

  it("after SUSPENDED nothing runs, and its savepoint stays known", () => {
    const recorded = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("suspension") });
    const input = { ...cancelling()("not found"), record: recorded };
    assert.equal(planText(plan(input).plan), "cancelledNothingRan");
  });

  it("a new deployment starts CANCELLED without a job", () => {
    assert.equal(planText(plan({ ...cancelling()("not found"), record: undefined }).plan), "cancelledNothingRan");
  });
});

describe("the decisions of a deployment that is deleted", () => {
  const deleting =
    (policy: Partial<Policy>) =>
    (state: JobState): PlanInput =>
      planInput({ desired: desired({ policy }), observation: observation(JOB_STATES[state]) });
  const table: Table = {
    ...whileWaiting("await up, stop or cancel"),
    "RUNNING and up": "stop or cancel",
    CANCELLING: "awaitEnd",
    "FAILED with a checkpoint": "deleted",
    "FAILED without any state": "deleted",
    "CANCELED by somebody else with a checkpoint": "deleted",
    "CANCELED by somebody else without any state": "deleted",
    "FINISHED by itself": "deleted",
    "FINISHED by our stop": "deleted",
    "not found": "deleted",
    "on a cluster that is gone": "deleted",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };
  describe("with a savepoint", () => rows(table, deleting({ onDelete: "SAVEPOINT" }), planDelete));

  describe("by cancelling", () =>
    rows(
      { ...table, ...whileWaiting("cancel"), "RUNNING and up": "cancel" },
      deleting({ onDelete: "CANCEL" }),
      planDelete,
    ));

  describe("while its job is given up by name", () =>
    rows(
      Object.fromEntries(JOB_STATE_NAMES.map((state) => [state, "deleted"])) as Table,
      deleting({ abandonedJobs: [applied().jobId] }),
      planDelete,
    ));
});

describe("the decisions of a deployment that is created", () => {
  const creating =
    (policy: Partial<Policy> = {}) =>
    (state: JobState): PlanInput =>
      planInput({ record: undefined, desired: desired({ policy }), observation: observation(JOB_STATES[state]) });

  const again: Table = {
    ...whileWaiting("go on with 3.0"),
    "RUNNING and up": "go on with 3.0",
    CANCELLING: "go on with 3.0",
    "FAILED with a checkpoint": "start from checkpoints/3-0",
    "FAILED without any state": "start from empty",
    "CANCELED by somebody else with a checkpoint": "start from checkpoints/3-0",
    "CANCELED by somebody else without any state": "start from empty",
    "FINISHED by itself": "finished",
    "FINISHED by our stop": "start from savepoints/stop",
    "not found": "start from empty",
    "on a cluster that is gone": "FLINK_CLUSTER_UNREACHABLE",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };
  describe("again, after a create that was interrupted", () => rows(again, creating()));

  describe("with the savepoint that its user names", () =>
    rows(
      {
        ...again,
        "FAILED without any state": "start from //given",
        "CANCELED by somebody else without any state": "start from //given",
        "not found": "start from //given",
      },
      (state) => creating({ initialSavepointPath: "file:///given" })(state),
    ));

  describe("while a job of it with another spec is there", () => {
    const table: Table = {
      ...again,
      ...whileWaiting("FLINK_JOB_EXISTS"),
      "RUNNING and up": "FLINK_JOB_EXISTS",
      CANCELLING: "FLINK_JOB_EXISTS",
      "FINISHED by itself": "start from empty",
    };
    rows(table, (state) => ({ ...creating()(state), desired: desired({ job: NEW }) }));
  });
});
