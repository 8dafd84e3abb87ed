import assert from "node:assert/strict";
import { plan } from "../../../provider/lifecycle/plan";
import type { Policy } from "../../../provider/lifecycle/model";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";
import { spec } from "../../rig/lifecycle/builders";
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
  OLD,
  planInput,
  record,
  savepoint,
} from "../../rig/lifecycle/builders";
import { rows, type Table } from "../../rig/lifecycle/decisionRows";
import { JOB_STATES, whileWaiting, type JobState } from "../../rig/lifecycle/jobStates";
import { planText } from "../../rig/lifecycle/planText";

/** Savepoints of the builders are ten minutes old, checkpoints five. */
const MINUTE = 60_000;
const HOUR = 3_600_000;
const TOO_OLD = "FLINK_STATE_TOO_OLD";

function running(policy: Partial<Policy>, job = NEW): (state: JobState) => PlanInput {
  return (state) => planInput({ desired: desired({ job, policy }), observation: observation(JOB_STATES[state]) });
}

function refusalOf(input: PlanInput): { code: string; message: string } {
  const made = plan(input).plan;
  assert.ok(made.kind === "refused", planText(made));
  return made.refusal;
}

describe("the decisions of a deployment whose state may be at most a minute old", () => {
  const maxStateAgeMs = MINUTE;
  const stateful: Table = {
    ...whileWaiting("await up, stop; start from stop"),
    "RUNNING and up": "stop; start from stop",
    CANCELLING: TOO_OLD,
    "FAILED with a checkpoint": TOO_OLD,
    "FAILED without any state": "FLINK_NO_STATE",
    "CANCELED by somebody else with a checkpoint": TOO_OLD,
    "CANCELED by somebody else without any state": "FLINK_NO_STATE",
    "FINISHED by itself": "start from empty",
    "FINISHED by our stop": TOO_OLD,
    "not found": "FLINK_JOB_MISSING",
    "on a cluster that is gone": "FLINK_JOB_MISSING",
    "on a cluster that does not answer": "FLINK_CLUSTER_UNREACHABLE",
  };
  describe("when its job changed and upgrades are STATEFUL", () => rows(stateful, running({ maxStateAgeMs })));

  describe("when its job changed and an unhealthy job may fall back to the latest state", () =>
    rows(
      {
        ...stateful,
        ...whileWaiting("await up, stop or cancel; start from stop"),
        "RUNNING and up": "stop or cancel; start from stop",
      },
      running({ maxStateAgeMs, fallback: "LATEST_STATE" }),
    ));

  describe("when its job changed and upgrades are STATELESS", () =>
    rows(
      {
        ...stateful,
        ...whileWaiting(TOO_OLD),
        "RUNNING and up": TOO_OLD,
        "FAILED without any state": "start from empty",
        "CANCELED by somebody else without any state": "start from empty",
        "not found": "start from empty",
        "on a cluster that is gone": "FLINK_CLUSTER_UNREACHABLE",
      },
      running({ maxStateAgeMs, upgradeStrategy: "STATELESS" }),
    ));

  describe("when nothing changed", () =>
    rows(
      {
        ...stateful,
        ...whileWaiting("alreadyThere"),
        "RUNNING and up": "alreadyThere",
        CANCELLING: "alreadyThere",
        "FINISHED by itself": "finished",
        "not found": "FLINK_JOB_MISSING",
        "on a cluster that is gone": "FLINK_CLUSTER_UNREACHABLE",
        "on a cluster that does not answer": "alreadyThere",
      },
      (state) => ({
        ...running({ maxStateAgeMs }, OLD)(state),
        record: record({ snapshots: state === "not found" ? [savepoint("known")] : [] }),
      }),
    ));

  describe("when its job changed and restoreStrategy is NONE", () => {
    for (const state of ["FAILED with a checkpoint", "CANCELLING", "FINISHED by our stop"] as const) {
      it(`a job ${state} is done without its state`, () => {
        const input = running({ maxStateAgeMs, restoreStrategy: "NONE" })(state);
        assert.match(planText(plan(input).plan), /start from empty$/);
      });
    }
  });

  describe("when it is created", () => {
    const creating = (policy: Partial<Policy>, state: JobState): PlanInput => ({
      ...running({ maxStateAgeMs, ...policy }, OLD)(state),
      record: undefined,
    });

    it("it starts from the savepoint that its user names, of whatever age that is", () => {
      const input = creating({ initialSavepointPath: "file:///given" }, "not found");
      assert.equal(planText(plan(input).plan), "start from //given");
    });

    it("again after an interrupted create, it does not start from the old checkpoint of that one", () => {
      assert.equal(refusalOf(creating({}, "FAILED with a checkpoint")).code, TOO_OLD);
    });
  });

  describe("when it runs again", () => {
    const again = (recorded: PlanInput["record"], policy: Partial<Policy> = {}): PlanInput =>
      planInput({
        record: recorded,
        desired: desired({ policy: { maxStateAgeMs, ...policy } }),
        observation: observation(cluster()),
      });

    it("after SUSPENDED it starts from the savepoint of the suspension, of whatever age that is", () => {
      const snapshot = savepoint("suspension", { origin: "SUSPEND" });
      assert.equal(
        planText(plan(again(endedRecord({ kind: "SUSPENDED", snapshot }))).plan),
        "start from savepoints/suspension",
      );
    });

    it("after SUSPENDED on what a dead job had left, the age of that counts", () => {
      const snapshot = checkpoint("left");
      assert.equal(refusalOf(again(endedRecord({ kind: "SUSPENDED", snapshot }))).code, TOO_OLD);
    });

    it("after CANCELLED, and after an upgrade that stopped it and came no further, the age counts", () => {
      for (const kind of ["CANCELLED", "REPLACED"] as const) {
        const input = again(endedRecord({ kind, snapshot: savepoint("left") }));
        const { code, message } = refusalOf(input);
        assert.equal(code, TOO_OLD);
        assert.match(
          message,
          /savepoint file:\/savepoints\/left \(10 min old\), and restoreStrategy\.maxStateAge is 1 min/,
        );
        assert.match(message, /Nothing was changed/);
        for (const way of [
          "raise restoreStrategy.maxStateAge",
          "initialSavepointPath",
          'restoreStrategy.kind "NONE"',
        ]) {
          assert.ok(message.includes(way), way);
        }
        assert.doesNotMatch(message, /STATEFUL/);
        assert.equal(planText(plan(again(input.record, { maxStateAgeMs: HOUR })).plan), "start from savepoints/left");
      }
    });

    it("a changed savepointRedeployNonce starts from what initialSavepointPath names, of whatever age that is", () => {
      const input = again(endedRecord({ kind: "CANCELLED", snapshot: savepoint("left") }));
      const job = spec("old", { savepointRedeployNonce: 2 });
      const policy = { maxStateAgeMs, initialSavepointPath: "file:/savepoints/left" };
      assert.equal(planText(plan({ ...input, desired: desired({ job, policy }) }).plan), "start from savepoints/left");
    });
  });
});

describe("a refusal of old state", () => {
  it("of a job that runs names the upgrade by a savepoint as well", () => {
    const input = running({ maxStateAgeMs: MINUTE, upgradeStrategy: "STATELESS" })("RUNNING and up");
    assert.match(
      refusalOf(input).message,
      /checkpoint file:\/checkpoints\/3-0 \(5 min old\).*upgradeStrategy "STATEFUL"/s,
    );
  });

  it("of unknown age says that the age is not known", () => {
    const job = observedJob({ status: "FAILED", checkpoint: undefined, restoredFrom: "file:///given/by/hand" });
    const input = planInput({
      record: record({ applied: applied({ restoredFrom: "file:///given/by/hand" }) }),
      desired: desired({ policy: { maxStateAgeMs: HOUR } }),
      observation: observation(cluster([job])),
    });
    const { code, message } = refusalOf(input);
    assert.equal(code, TOO_OLD);
    assert.match(message, /^How old savepoint file:\/\/\/given\/by\/hand is, is not known/);
  });

  it("knows the age of what a job was started from, which Flink does not tell", () => {
    const known = savepoint("known", { time: NOW - 2 * MINUTE });
    const job = observedJob({ status: "FAILED", checkpoint: undefined, restoredFrom: "file:///savepoints/known/" });
    const input = (maxStateAgeMs: number): PlanInput =>
      planInput({
        record: record({ snapshots: [known] }),
        desired: desired({ policy: { maxStateAgeMs } }),
        observation: observation(cluster([job])),
      });
    assert.equal(planText(plan(input(3 * MINUTE)).plan), "start from //savepoints/known/");
    assert.match(refusalOf(input(MINUTE)).message, /\(2 min old\)/);
  });

  it("does not concern a try that goes on", () => {
    const job = observedJob({ job: NEW, generation: 4 });
    const input = planInput({
      record: endedRecord({ kind: "REPLACED", snapshot: savepoint("stop") }),
      desired: desired({ job: NEW, policy: { maxStateAgeMs: MINUTE } }),
      observation: observation(cluster([job])),
    });
    assert.equal(planText(plan(input).plan), "go on with 4.0");
  });

  it("is foretold where a job that is not up may take no savepoint", () => {
    const warnings = (state: JobState): readonly string[] => {
      const made = plan(running({ maxStateAgeMs: MINUTE, fallback: "LATEST_STATE" })(state)).plan;
      return made.kind === "steps" ? made.warnings : [];
    };
    assert.ok(warnings("RESTARTING").some((text) => /can take no savepoint, the upgrade is refused/.test(text)));
    assert.deepEqual(
      warnings("RUNNING and up").filter((text) => /refused/.test(text)),
      [],
    );
  });
});
