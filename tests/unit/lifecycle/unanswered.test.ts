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
import { SimulatedUnreachable } from "../../rig/lifecycle/faults";
import { planText } from "../../rig/lifecycle/planText";
import { failure, running, Stage, type Outcome } from "../../rig/lifecycle/runs";
import type { SimulatedCluster } from "../../rig/lifecycle/simulatedCluster";
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
  const remembers: JobMemory = {
    jobManager: "first",
    endedJobsKeptMs: HOUR,
    keepsIds: true,
    isHandedOn: false,
    recoversJobs: false,
  };

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
      assert.match(message, /savepoints\/stop .*set initialSavepointPath to it/);
      const wouldTell = memory?.jobManager === "first" && submission === undefined;
      assert.equal(message.includes("ask for that job again"), wouldTell);
      assert.equal(
        planText(planOf(desired({ job: NEW, cluster: ELSEWHERE }), memory, submission)),
        "FLINK_JOB_MISSING",
      );
      assert.equal(planText(planOf(desired({ state: "SUSPENDED" }), memory, submission)), "FLINK_JOB_MISSING");
    });
  }

  it("is made again under its id where the same job is asked for of the same JobManager, or one that knows: that tells", () => {
    const forgets = { ...remembers, endedJobsKeptMs: 0 };
    for (const memory of [forgets, { ...forgets, jobManager: "second", isHandedOn: true }]) {
      const planned = planOf(desired({ job: NEW }), memory);
      assert.equal(planText(planned), "start from savepoints/stop");
      const start = planned.kind === "steps" ? planned.steps.find(({ kind }) => kind === "start") : undefined;
      assert.equal(start?.kind === "start" && start.jobId, jobId(NEW, 4));
    }
  });

  it("is not made again where another JobManager would take it for new, its id may be forgotten, or nothing is known of it", () => {
    const forgotten = { ...remembers, endedJobsKeptMs: 30_000, keepsIds: false };
    for (const memory of [{ ...remembers, jobManager: "second" }, forgotten, undefined]) {
      assert.equal(planText(planOf(desired({ job: NEW }), memory)), "FLINK_JOB_MISSING");
    }
  });

  it("may still come from a main method that has taken longer than its limit: another job is refused, the same is asked again", () => {
    const overran = { time: NOW - 60_000, jobManager: "first", overran: true } as const;
    const refused = planOf(third, remembers, overran);
    assert.equal(planText(refused), "FLINK_JOB_MISSING");
    assert.match(refused.kind === "refused" ? refused.refusal.message : "", /ask for that job again/);
    assert.equal(planText(planOf(desired({ job: NEW }), remembers, overran)), "start from savepoints/stop");
  });

  it("stands in nobody's way who does without its state", () => {
    const stateless = desired({ job: THIRD, policy: { upgradeStrategy: "STATELESS" } });
    assert.equal(planText(planOf(stateless, undefined)), "start from savepoints/stop");
    assert.equal(planText(planOf(desired({ state: "CANCELLED" }), undefined)), "cancelledNothingRan");
    const givenUp = desired({ job: THIRD, policy: { abandonedJobs: [jobId(NEW, 4)] } });
    assert.equal(planText(planOf(givenUp, undefined)), "start from savepoints/stop");
  });
});

describe("a submission that is not answered, in the update that made it", () => {
  /** OLD runs; NEW is submitted, and then nothing is answered for a while, in which this happens. */
  async function upgraded(arrives: boolean, meanwhile: (cluster: SimulatedCluster) => void): Promise<[Stage, Outcome]> {
    const stage = new Stage();
    await stage.reach(desired());
    stage.world.clock.pass(5_000);
    const { here, world } = stage;
    const [submit, observe, progress] = [here.submit.bind(here), here.observe.bind(here), here.progress.bind(here)];
    const noAnswer = () => Promise.reject(new SimulatedUnreachable("no answer"));
    here.submit = async (submission) => {
      Object.assign(here, { submit, observe: noAnswer, progress: noAnswer });
      if (arrives) await here.submit(submission);
      world.clock.after(5_000, () => {
        meanwhile(here);
        Object.assign(here, { observe, progress });
      });
      return noAnswer();
    };
    return [stage, await stage.run(desired({ job: NEW }))];
  }

  it("is looked for when the cluster answers again", async () => {
    const [stage, outcome] = await upgraded(true, () => undefined);
    assert.equal(outcome.kind, "reached");
    assert.equal(stage.world.jobs.length, 2);
  });

  it("is made again where its JobManager is the same, or one that would know the job", async () => {
    const restarts = (cluster: SimulatedCluster): void => {
      cluster.memory = { ...cluster.memory, jobManager: "another", isHandedOn: true };
    };
    for (const meanwhile of [() => undefined, restarts]) {
      const [stage, outcome] = await upgraded(false, meanwhile);
      assert.equal(outcome.kind, "reached");
      assert.deepEqual(stage.world.violations, []);
    }
  });

  it("is not made again where another JobManager answers: the job may have run unseen", async () => {
    const [stage, outcome] = await upgraded(true, (cluster) => cluster.lose());
    assert.equal(outcome.kind, "failed");
    const message = outcome.kind === "failed" ? outcome.error.message : "";
    assert.match(
      message,
      /submission of job \w+ to \S+ was not answered.*file:\/savepoints\/.*set initialSavepointPath to it/,
    );
    assert.equal(stage.world.jobs.length, 2);
    const again = await stage.run(desired({ job: NEW }));
    assert.equal(again.kind === "failed" && again.error.message, message, "in the next up too");
    assert.deepEqual(stage.world.violations, []);
  });
});

describe("a submission whose main method goes on after its update was cut off", () => {
  const MAIN_MS = 100_000;

  /** OLD was stopped; NEW is submitted, and its job is there only later, if at all. */
  async function cutOff(arrives: boolean): Promise<Stage> {
    const stage = await running();
    const { here, world } = stage;
    const submit = here.submit.bind(here);
    let isSent = false;
    here.submit = (submission) => {
      here.submit = submit;
      isSent = true;
      if (arrives) world.clock.after(MAIN_MS, () => void submit(submission));
      return Promise.reject(new SimulatedUnreachable("no answer"));
    };
    const outcome = await stage.run(desired({ job: NEW }), { interrupted: () => isSent });
    assert.equal(failure(outcome).code, "FLINK_INTERRUPTED");
    return stage;
  }

  for (const [title, wish] of [
    ["another job is asked for", desired({ job: THIRD })],
    ["the deployment is cancelled", desired({ state: "CANCELLED" })],
    ["the deployment is suspended", desired({ state: "SUSPENDED", job: NEW })],
  ] as const) {
    it(`is waited for when ${title}, and its job is dealt with as any other`, async () => {
      const stage = await cutOff(true);
      await stage.reach(wish);
      stage.world.clock.pass(MAIN_MS);
      assert.ok(
        stage.told.some((line) => /submission of job \w+ was not answered and may still be carried out/.test(line)),
      );
      assert.equal(stage.world.activeJobs.length, wish.state === "RUNNING" ? 1 : 0);
      assert.deepEqual(stage.world.violations, []);
    });
  }

  it("is waited for by a destroy, too", async () => {
    const stage = await cutOff(true);
    assert.equal((await stage.run(desired({ job: NEW }), { delete: true })).kind, "reached");
    stage.world.clock.pass(MAIN_MS);
    assert.deepEqual(stage.world.activeJobs, []);
  });

  it("is waited for until jobSubmissionTimeout is over, and no longer", async () => {
    const stage = await cutOff(false);
    const began = stage.world.clock.now();
    const { applied: now } = await stage.reach(desired({ job: THIRD, policy: { submissionTimeoutMs: 120_000 } }));
    assert.equal(now?.job.artifactSha256, THIRD.artifactSha256);
    const waited = stage.world.clock.now() - began;
    assert.ok(waited > 100_000 && waited < 150_000, String(waited));
  });

  it("is waited for by no clock once it has taken longer than its limit: only the same job is asked for again", async () => {
    const stage = await running();
    const { here, world } = stage;
    const submit = here.submit.bind(here);
    here.submit = async (submission) => {
      world.clock.pass(submission.timeoutMs);
      return Promise.reject(new SimulatedUnreachable("no answer"));
    };
    const policy = { submissionTimeoutMs: 20_000, unreachableTimeoutMs: 1_000 };
    assert.equal((await stage.run(desired({ job: NEW, policy }))).kind, "failed");
    here.submit = submit;
    assert.equal(failure(await stage.run(desired({ job: THIRD, policy }))).code, "FLINK_JOB_MISSING");
    const { applied: now } = await stage.reach(desired({ job: NEW, policy }));
    assert.equal(now?.jobId, stage.world.activeJobs[0]?.jobId);
    assert.deepEqual(stage.world.violations, []);
  });

  it("is not waited for where another JobManager answers, or its job was given up", async () => {
    for (const isGivenUp of [false, true]) {
      const stage = await cutOff(false);
      const began = stage.world.clock.now();
      const tried = stage.record?.transition?.tried?.jobId ?? "";
      if (!isGivenUp) stage.here.memory = { ...stage.here.memory, jobManager: "another" };
      await stage.run(desired({ job: THIRD, policy: { abandonedJobs: isGivenUp ? [tried] : [] } }));
      assert.ok(stage.world.clock.now() - began < 60_000);
    }
  });
});
