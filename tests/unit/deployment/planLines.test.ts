import assert from "node:assert/strict";
import { onDeletePlan } from "../../../provider/deployment/planLines";
import { applied, desired, HERE, jobId, NEW, record } from "../../rig/lifecycle/builders";

describe("what destroying a deployment would do", () => {
  it("is to stop the job of an update that was cut off, whose end nobody has seen", () => {
    const tried = { jobId: jobId(NEW, 4), cluster: HERE, fate: "accepted" } as const;
    const end = { kind: "REPLACED" } as const;
    const cutOff = (fate: "accepted" | "unclear" | "ended") =>
      record({ applied: applied({ end }), transition: { desiredState: "RUNNING", tried: { ...tried, fate } } });
    for (const fate of ["accepted", "unclear"] as const) {
      assert.ok(onDeletePlan(cutOff(fate), desired()).startsWith(`stop job ${tried.jobId} with a savepoint`));
    }
    assert.equal(onDeletePlan(cutOff("ended"), desired()), "nothing to stop: no job is active");
  });

  it("is nothing to a job that was given up by name", () => {
    const { jobId: givenUp } = applied();
    const wish = desired({ policy: { abandonedJobs: [givenUp] } });
    assert.equal(onDeletePlan(record(), wish), `nothing to stop: job ${givenUp} was given up by name`);
  });
});
