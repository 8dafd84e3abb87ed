import assert from "node:assert/strict";
import {
  applied,
  checkpoint,
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
import { planText } from "../../rig/lifecycle/planText";
import { plan } from "../../../provider/lifecycle/plan";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";

function textOf(changes: Partial<PlanInput>): string {
  return planText(plan(planInput(changes)).plan);
}

describe("a deployment that comes to rest", () => {
  const moved = (state: "SUSPENDED" | "CANCELLED") => desired({ state, cluster: THERE });
  const seen = (status: "RUNNING" | "FAILED" | "CANCELLING") =>
    observation(cluster([observedJob({ status })]), { target: cluster() });

  it("is pointed to its new cluster by the run that suspends it, so that the next one has nothing to do", () => {
    const wish = moved("SUSPENDED");
    assert.equal(textOf({ desired: wish, observation: seen("RUNNING") }), "stop; point");
    assert.equal(textOf({ desired: wish, observation: seen("FAILED") }), "suspend on checkpoints/3-0; point");
    assert.equal(textOf({ desired: wish, observation: seen("CANCELLING") }), "awaitEnd; suspend on nothing; point");
  });

  it("is pointed to its new cluster by the run that cancels it", () => {
    const wish = moved("CANCELLED");
    assert.equal(textOf({ desired: wish, observation: seen("RUNNING") }), "cancel; point");
    assert.equal(textOf({ desired: wish, observation: seen("CANCELLING") }), "awaitEnd; point");
    assert.equal(textOf({ desired: wish, observation: seen("FAILED") }), "cancelledNothingRan; point");
  });

  it("is refused while a job is missing, and says what a suspension can do about it", () => {
    const { plan: made } = plan(
      planInput({ desired: desired({ state: "SUSPENDED" }), observation: observation(cluster()) }),
    );
    assert.match(
      made.kind === "refused" ? made.refusal.message : "",
      /Set state "CANCELLED" to do without what it left/,
    );
  });

  it("stays SUSPENDED while Flink still shows the try that had failed before", () => {
    const suspended = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("stop", { jobId: applied().jobId }) });
    const failed = observedJob({ job: NEW, generation: 4, status: "FAILED", checkpoint: undefined });
    const wish = desired({ state: "SUSPENDED", job: NEW });
    const view = observation(cluster([failed]));
    assert.equal(textOf({ record: suspended, desired: wish, observation: view }), "nothingRuns");
    const unfinished = record({ ...suspended, state: "FAILED", transition: { desiredState: "SUSPENDED" } });
    assert.equal(
      textOf({ record: unfinished, desired: wish, observation: view }),
      "suspend on savepoints/stop",
      "a suspension that was cut off is gone on with",
    );
  });

  it("stays SUSPENDED on what the jobs of a failed create left, though none of them was ever applied", () => {
    const failed = observedJob({ generation: 1, status: "CANCELED" });
    const wish = desired({ state: "SUSPENDED", job: NEW });
    const suspend = (changes: Parameters<typeof record>[0]): string =>
      textOf({
        record: record({ applied: undefined, ...changes }),
        desired: wish,
        observation: observation(cluster([failed])),
      });
    assert.equal(
      suspend({ state: "FAILED", transition: { desiredState: "RUNNING" } }),
      "suspend on checkpoints/1-0",
      "the first time it is recorded",
    );
    const snapshots = failed.newestState === undefined ? [] : [failed.newestState];
    assert.equal(suspend({ state: "SUSPENDED", snapshots }), "nothingRuns");
    assert.equal(suspend({ state: "SUSPENDED", snapshots: [checkpoint("0-9")] }), "suspend on checkpoints/1-0");
  });

  it("does not start empty by LATEST_SAVEPOINT when the cancelled job left a checkpoint", () => {
    const wish = desired({ policy: { restoreStrategy: "LATEST_SAVEPOINT" } });
    const from = (snapshot?: ReturnType<typeof checkpoint>): string =>
      textOf({
        record: endedRecord({ kind: "CANCELLED", snapshot }),
        desired: wish,
        observation: observation(cluster()),
      });
    assert.equal(from(checkpoint("3-0")), "FLINK_NO_STATE");
    assert.equal(from(), "start from empty");
  });
});
