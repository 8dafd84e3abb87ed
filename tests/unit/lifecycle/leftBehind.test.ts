import assert from "node:assert/strict";
import {
  applied,
  checkpoint,
  cluster,
  desired,
  HERE,
  jobId,
  NEW,
  observation,
  observedJob,
  planInput,
  record,
  savepoint,
  spec,
  THERE,
  UNREACHABLE,
} from "../../rig/lifecycle/builders";
import { planText } from "../../rig/lifecycle/planText";
import { running } from "../../rig/lifecycle/runs";
import { plan } from "../../../provider/lifecycle/plan";
import { planDelete } from "../../../provider/lifecycle/planDelete";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";

function made(changes: Partial<PlanInput>, decide: typeof plan = plan): ReturnType<typeof plan>["plan"] {
  return decide(planInput(changes)).plan;
}

function refusal(refused: ReturnType<typeof made>): string {
  return refused.kind === "refused" ? refused.refusal.message : planText(refused);
}

describe("a job that was given up by name", () => {
  const { jobId: givenUp } = applied();
  const policy = { abandonedJobs: [givenUp], upgradeStrategy: "STATELESS" } as const;

  for (const state of ["RUNNING", "SUSPENDED", "CANCELLED"] as const) {
    it(`and that runs is told to be left running by the plan of a deployment that is to be ${state}`, () => {
      const planned = made({ desired: desired({ state, job: NEW, policy }) });
      assert.equal(planned.kind, "steps", refusal(planned));
      assert.deepEqual(planned.kind === "steps" && planned.warnings.filter((text) => text.includes("left running")), [
        `Job ${givenUp} is left running: it was given up by name.`,
      ]);
    });
  }

  it("is not said to have ended when another is started in its place", async () => {
    const stage = await running();
    const old = stage.record?.applied?.jobId ?? "";
    stage.world.exactlyOnce = false;
    await stage.reach(desired({ policy: { abandonedJobs: [old], upgradeStrategy: "STATELESS" } }));
    const messages = stage.record?.happened.flatMap((each) => (each.kind === "note" ? [each.message] : [])) ?? [];
    assert.ok(
      messages.includes(`Job ${old} is left running: it was given up by name. Another is started.`),
      messages.join("\n"),
    );
  });
});

describe("upgradeStrategy NONE", () => {
  const none = { upgradeStrategy: "NONE" } as const;
  const stopped = applied({ end: { kind: "REPLACED", snapshot: savepoint("stop") } });
  const tried = { jobId: jobId(NEW, 4), cluster: HERE, fate: "accepted" } as const;
  const unfinished = record({
    state: "FAILED",
    applied: stopped,
    snapshots: [savepoint("stop")],
    transition: { desiredState: "RUNNING", tried },
  });
  const third = desired({ job: spec("third"), policy: none });

  it("does not let a try that Flink has forgotten be forgotten here, too", () => {
    const planned = made({ record: unfinished, desired: third, observation: observation(cluster()) });
    assert.equal(planText(planned), "FLINK_JOB_MISSING");
  });

  it("does not take a try with another specification for what is to keep running", () => {
    const observed = observation(cluster([observedJob({ job: NEW, generation: 4 })]));
    const planned = made({ record: unfinished, desired: third, observation: observed });
    assert.equal(planText(planned), "FLINK_UPGRADE_NEEDS_STRATEGY");
    assert.match(
      refusal(planned),
      new RegExp(`${tried.jobId} was started by an update that was cut off.*Run that update again`),
    );
  });

  it("keeps what a failed job has left, which Flink forgets with time, and its cluster when it is replaced", async () => {
    const stage = await running();
    const { here, world } = stage;
    [...here.jobs.values()][0]?.end("FAILED");
    const left = (await here.observeJob(stage.record?.applied?.jobId ?? ""))?.newestState;
    assert.ok(left !== undefined);
    await stage.reach(desired({ job: NEW, policy: none }));
    here.forgetEnded();
    await stage.reach(desired({ state: "CANCELLED", job: NEW, policy: none }));
    const { applied: now } = await stage.reach(desired({ job: NEW, policy: none }));
    assert.equal(now?.restoredFrom, left.path);
    assert.deepEqual(world.violations, []);
  });
});

describe("a destroy", () => {
  it("is refused while the cluster of a move that was cut off does not answer: a job may have been started there", () => {
    const end = { kind: "REPLACED", snapshot: savepoint("stop") } as const;
    const tried = { jobId: jobId(NEW, 4), cluster: THERE, fate: "ended" } as const;
    const moving = record({ applied: applied({ end }), transition: { desiredState: "RUNNING", tried } });
    const view = observation(cluster(), { target: UNREACHABLE });
    const changes = { record: moving, observation: view };
    const wish = desired({ job: NEW, cluster: THERE });
    const planned = made({ ...changes, desired: wish }, planDelete);
    assert.equal(planText(planned), "FLINK_CLUSTER_UNREACHABLE");
    assert.match(refusal(planned), new RegExp(`PULUMI_FLINK_ABANDON_JOBS=${tried.jobId}`));
    const givenUp = desired({ job: NEW, cluster: THERE, policy: { abandonedJobs: [tried.jobId] } });
    assert.equal(planText(made({ ...changes, desired: givenUp }, planDelete)), "deleted");
    const atRest = record({ applied: applied({ end }) });
    assert.equal(planText(made({ record: atRest, observation: view, desired: wish }, planDelete)), "deleted");
  });
});

describe("a STATELESS upgrade", () => {
  it("does not cancel a job whose checkpoints lie in the JobManager's memory and are to be gone on from", () => {
    const view = observation(cluster([observedJob({ checkpoint: undefined, completedCheckpoints: 5 })]));
    const upgrade = (policy: object) =>
      made({ desired: desired({ job: NEW, policy: { upgradeStrategy: "STATELESS", ...policy } }), observation: view });
    assert.equal(planText(upgrade({})), "FLINK_CHECKPOINTS_NOT_RETAINED");
    assert.equal(planText(upgrade({ restoreStrategy: "NONE" })), "cancel; start from empty");
    const known = observation(cluster([observedJob({ newestState: checkpoint("3-0"), completedCheckpoints: 5 })]));
    assert.match(
      planText(made({ desired: desired({ job: NEW, policy: { upgradeStrategy: "STATELESS" } }), observation: known })),
      /^cancel; start from lastState/,
    );
  });
});
