import assert from "node:assert/strict";
import {
  applied,
  cluster,
  desired,
  ELSEWHERE,
  HERE,
  jobId,
  NEW,
  NOW,
  observation,
  planInput,
  record,
  savepoint,
  spec,
} from "../../rig/lifecycle/builders";
import { planText } from "../../rig/lifecycle/planText";
import type { FirstSubmission } from "../../../provider/lifecycle/model";
import type { JobMemory } from "../../../provider/lifecycle/observation";
import { plan } from "../../../provider/lifecycle/plan";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";

const THIRD = spec("third");
const HOUR = 3_600_000;

/** OLD was stopped, and the submission of NEW was not answered. */
function unanswered(submission: FirstSubmission | undefined): PlanInput["record"] {
  const end = { kind: "REPLACED", snapshot: savepoint("stop") } as const;
  return record({
    state: "FAILED",
    applied: applied({ end }),
    snapshots: [end.snapshot],
    transition: {
      desiredState: "RUNNING",
      tried: { jobId: jobId(NEW, 4), cluster: HERE, fate: "unclear", submission },
    },
  });
}

function planOf(
  wish: PlanInput["desired"],
  memory: JobMemory | undefined,
  submission: FirstSubmission | undefined = { time: NOW - 60_000, jobManager: "first" },
): ReturnType<typeof plan>["plan"] {
  const moves = wish.cluster.kind === "known" && wish.cluster.identity !== HERE;
  return plan(
    planInput({
      record: unanswered(submission),
      desired: wish,
      observation: observation(cluster([], { memory }), moves ? { target: cluster() } : {}),
    }),
  ).plan;
}

describe("a submission that was not answered, of a job that Flink does not show", () => {
  const third = desired({ job: THIRD });
  const remembers: JobMemory = { jobManager: "first", endedJobsKeptMs: HOUR };

  it("had never arrived where the same JobManager would show the job even if it had ended since", () => {
    assert.equal(planText(planOf(third, remembers)), "start from savepoints/stop");
    assert.equal(planText(planOf(desired({ job: NEW, cluster: ELSEWHERE }), remembers)), "start from savepoints/stop");
    const suspended = planOf(desired({ state: "SUSPENDED", job: NEW }), remembers);
    assert.equal(planText(suspended), "suspend on savepoints/stop");
  });

  for (const [title, memory, submission] of [
    ["another JobManager process answers", { ...remembers, jobManager: "second" }, undefined],
    ["it may have ended, and be forgotten, since", { ...remembers, endedJobsKeptMs: 30_000 }, undefined],
    ["nothing is known of the JobManager's memory", undefined, undefined],
    ["it is not known which JobManager it was sent to", remembers, { time: NOW }],
  ] as const) {
    it(`may have left newer state where ${title}: refused, with the snapshot known and the ways out`, () => {
      const refused = planOf(third, memory, submission);
      assert.equal(planText(refused), "FLINK_JOB_MISSING");
      const message = refused.kind === "refused" ? refused.refusal.message : "";
      assert.match(message, new RegExp(`submission of job ${jobId(NEW, 4)} to ${HERE.name} was not answered`));
      assert.match(message, /savepoints\/stop .*ask for that job again.*set initialSavepointPath to it/);
      assert.equal(
        planText(planOf(desired({ job: NEW, cluster: ELSEWHERE }), memory, submission)),
        "FLINK_JOB_MISSING",
      );
      assert.equal(planText(planOf(desired({ state: "SUSPENDED" }), memory, submission)), "FLINK_JOB_MISSING");
    });
  }

  it("is made again under its id where the same job is asked for on the same cluster: that tells", () => {
    assert.equal(planText(planOf(desired({ job: NEW }), undefined)), "start from savepoints/stop");
  });

  it("stands in nobody's way who does without its state", () => {
    const stateless = desired({ job: THIRD, policy: { upgradeStrategy: "STATELESS" } });
    assert.equal(planText(planOf(stateless, undefined)), "start from savepoints/stop");
    assert.equal(planText(planOf(desired({ state: "CANCELLED" }), undefined)), "cancelledNothingRan");
    const givenUp = desired({ job: THIRD, policy: { abandonedJobs: [jobId(NEW, 4)] } });
    assert.equal(planText(planOf(givenUp, undefined)), "start from savepoints/stop");
  });
});
