import assert from "node:assert/strict";
import {
  applied,
  checkpoint,
  cluster,
  desired,
  ELSEWHERE,
  endedRecord,
  HERE,
  jobId,
  NEW,
  observation,
  observedJob,
  OLD,
  planInput,
  record,
  savepoint,
  spec,
  stoppedJob,
  THERE,
  UNREACHABLE,
} from "../../rig/lifecycle/builders";
import { clustersOf } from "../../../provider/lifecycle/placement";
import { planText } from "../../rig/lifecycle/planText";
import type { ObservedJob } from "../../../provider/lifecycle/observation";
import { plan } from "../../../provider/lifecycle/plan";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";
import type { Step } from "../../../provider/lifecycle/steps";

function textOf(changes: Partial<PlanInput>): string {
  return planText(plan(planInput(changes)).plan);
}

function stepsOf(changes: Partial<PlanInput>): readonly Step[] {
  const made = plan(planInput(changes)).plan;
  assert.equal(made.kind, "steps");
  return made.kind === "steps" ? made.steps : [];
}

function warningsOf(changes: Partial<PlanInput>): string {
  const made = plan(planInput(changes)).plan;
  return made.kind === "steps" ? made.warnings.join("\n") : "";
}

function startOf(changes: Partial<PlanInput>): Extract<Step, { kind: "start" }> {
  const found = stepsOf(changes).find((step) => step.kind === "start");
  assert.ok(found?.kind === "start");
  return found;
}

const wantsNew = desired({ job: NEW });

function seen(...jobs: ObservedJob[]): PlanInput["observation"] {
  return observation(cluster(jobs));
}

describe("an upgrade that was begun before", () => {
  const stopped = stoppedJob("stop");
  const tried = (changes: Parameters<typeof observedJob>[0] = {}): ObservedJob =>
    observedJob({ job: NEW, generation: 4, checkpoint: undefined, restoredFrom: savepoint("stop").path, ...changes });
  const failed = endedRecord({ kind: "REPLACED", snapshot: savepoint("stop") });
  const fromStop = "start from savepoints/stop";
  const fromTry = "start from checkpoints/4-0";

  /** With the record as a killed process leaves it, and as a failed one does. */
  const both = (title: string, jobs: ObservedJob[], wish: PlanInput["desired"], expected: string): void => {
    it(title, () => {
      assert.equal(textOf({ record: record(), desired: wish, observation: seen(stopped, ...jobs) }), expected);
      assert.equal(textOf({ record: failed, desired: wish, observation: seen(stopped, ...jobs) }), expected);
    });
  };

  both("goes on with the try that runs", [tried()], wantsNew, "go on with 4.0");
  both("goes on with a try that is not up yet", [tried({ status: "CREATED" })], wantsNew, "go on with 4.0");
  both("after the stop starts from its savepoint", [], wantsNew, fromStop);
  both("after a failed try starts from the savepoint again", [tried({ status: "FAILED" })], wantsNew, fromStop);
  both(
    "after a failed try that had completed a checkpoint starts from that",
    [tried({ status: "FAILED", checkpoint: "4-0" })],
    wantsNew,
    fromTry,
  );
  both(
    "uses the checkpoint of a failed try also for a job that was changed again",
    [tried({ status: "FAILED", checkpoint: "4-0" })],
    desired({ job: spec("newest") }),
    fromTry,
  );
  both(
    "uses the checkpoint of a failed try also when the old job is asked for again",
    [tried({ status: "FAILED", checkpoint: "4-0" })],
    desired(),
    fromTry,
  );
  both(
    "starts the old job from the savepoint when it is asked for again",
    [tried({ status: "FAILED" })],
    desired(),
    fromStop,
  );
  both(
    "stops a try that runs when the job was changed again",
    [tried()],
    desired({ job: spec("newest") }),
    "stop; start from stop",
  );
  both(
    "uses the checkpoint of a failed try although restoreStrategy is LATEST_SAVEPOINT",
    [tried({ status: "FAILED", checkpoint: "4-0" })],
    desired({ job: NEW, policy: { restoreStrategy: "LATEST_SAVEPOINT" } }),
    fromTry,
  );
  both(
    "uses the checkpoint of a failed try at the same job although restoreStrategy is NONE",
    [tried({ status: "FAILED", checkpoint: "4-0" })],
    desired({ job: NEW, policy: { restoreStrategy: "NONE" } }),
    fromTry,
  );
  both(
    "starts empty when restoreStrategy is NONE and no try completed anything",
    [tried({ status: "FAILED" })],
    desired({ job: NEW, policy: { restoreStrategy: "NONE" } }),
    "start from empty",
  );
  both(
    "refuses an older state than a try committed that left none",
    [tried({ status: "FAILED", completedCheckpoints: 2 })],
    wantsNew,
    "FLINK_NO_STATE",
  );

  it("counts the next attempt in the same generation, and begins a new one for another job", () => {
    const jobs = seen(stopped, tried({ status: "FAILED" }));
    const again = startOf({ record: failed, desired: wantsNew, observation: jobs });
    assert.deepEqual([again.generation, again.attempt], [4, 1]);
    const other = startOf({ record: failed, desired: desired({ job: spec("newest") }), observation: jobs });
    assert.deepEqual([other.generation, other.attempt], [5, 0]);
  });

  it("begins a new generation when the attempt numbers are used up", () => {
    const last = tried({ status: "FAILED", attempt: 255 });
    const next = startOf({ record: failed, desired: wantsNew, observation: seen(stopped, last) });
    assert.deepEqual([next.generation, next.attempt], [5, 0]);
  });

  it("remembers the state of a try that Flink has forgotten", () => {
    const left = checkpoint("4-0", { jobId: jobId(NEW, 4) });
    const remembered = { ...failed, snapshots: [left, savepoint("stop")] };
    assert.equal(textOf({ record: remembered, desired: wantsNew, observation: seen() }), fromTry);
  });

  it("refuses while a try that was accepted is neither shown nor known to have ended", () => {
    const transition = {
      desiredState: "RUNNING",
      tried: { jobId: jobId(NEW, 4), cluster: HERE, fate: "accepted" },
    } as const;
    const unknown = { ...failed, transition };
    assert.equal(textOf({ record: unknown, desired: wantsNew, observation: seen() }), "FLINK_JOB_MISSING");
    const given = desired({ job: NEW, policy: { abandonedJobs: [jobId(NEW, 4)] } });
    assert.equal(textOf({ record: unknown, desired: given, observation: seen() }), fromStop);
  });

  it("upgrades the job that a rollback brought back, and can roll back to it again", () => {
    const back = observedJob({ job: OLD, generation: 5, restoredFrom: savepoint("stop").path });
    const input = {
      record: record(),
      desired: wantsNew,
      observation: seen(stopped, tried({ status: "FAILED" }), back),
    };
    assert.equal(textOf(input), "stop; start from stop");
    assert.equal(startOf(input).rollback.kind, "possible");
  });
});

describe("which state a start uses", () => {
  const failedJob = observedJob({ status: "FAILED", newestSavepoint: savepoint("user", { origin: "USER_REQUEST" }) });

  it("LATEST_SAVEPOINT skips checkpoints", () => {
    const wish = desired({ job: NEW, policy: { restoreStrategy: "LATEST_SAVEPOINT" } });
    assert.equal(textOf({ desired: wish, observation: seen(failedJob) }), "start from savepoints/user");
  });

  it("a job that completed nothing goes back to what it was started from", () => {
    const job = observedJob({ status: "FAILED", checkpoint: undefined, restoredFrom: "file:/savepoints/first" });
    assert.equal(textOf({ observation: seen(job) }), "start from savepoints/first");
  });

  it("a job that is not found goes back to its own snapshot, else to what it was started from, where that may be older", () => {
    const wish = desired({ policy: { upgradeStrategy: "STATELESS" } });
    const own = savepoint("own", { jobId: applied().jobId });
    const older = savepoint("older");
    const from = (snapshots: (typeof own)[], restoredFrom?: string): string =>
      textOf({
        record: record({ applied: applied({ restoredFrom }), snapshots }),
        desired: wish,
        observation: seen(),
      });
    assert.equal(from([older, own], "file:/savepoints/first"), "start from savepoints/own");
    assert.equal(from([older], "file:/savepoints/first"), "start from savepoints/first");
    assert.equal(from([older]), "start from savepoints/older");
  });

  it("a job that is not found goes back to what is recorded, not to what an earlier job left on another cluster", () => {
    const known = record({ applied: applied({ restoredFrom: "file:/savepoints/second" }) });
    const earlier = stoppedJob("first", { generation: 1 });
    const wish = desired({ cluster: THERE, policy: { upgradeStrategy: "STATELESS" } });
    const view = observation(cluster(), { target: cluster([earlier]) });
    assert.equal(textOf({ record: known, desired: wish, observation: view }), "start from savepoints/second");
    assert.equal(textOf({ record: record(), desired: wish, observation: view }), "start from savepoints/first");
  });

  it("a job that FINISHED is followed by one that starts anew, not from what it had itself begun with", () => {
    const source = savepoint("first", { jobId: "another job" });
    const finished = observedJob({ status: "FINISHED", checkpoint: undefined, restoredFrom: source.path });
    const known = record({ applied: applied({ restoredFrom: source.path }), snapshots: [source] });
    const wish = desired({ job: NEW });
    assert.equal(textOf({ record: known, desired: wish, observation: seen(finished) }), "start from empty");
    const recorded = {
      ...known,
      state: "FINISHED",
      applied: { ...applied(known.applied), end: { kind: "FINISHED" } },
    } as const;
    assert.equal(textOf({ record: recorded, desired: wish, observation: seen() }), "start from empty");
    assert.equal(
      textOf({ record: recorded, desired: wish, observation: seen(finished, stoppedJob("older", { generation: 2 })) }),
      "start from empty",
    );
    const own = savepoint("own", { jobId: applied().jobId, origin: "USER_REQUEST" });
    assert.equal(
      textOf({ record: { ...recorded, snapshots: [own, source] }, desired: wish, observation: seen() }),
      "start from savepoints/own",
    );
  });

  it("what the job before it left is gone on from when a job completed nothing, wherever that is shown", () => {
    const before = observedJob({ generation: 2, status: "FAILED" });
    const first = stoppedJob("first", { generation: 1 });
    const failed = observedJob({ status: "FAILED", checkpoint: undefined });
    const snapshots = [{ ...checkpoint("2-0"), jobId: before.jobId }, savepoint("first")];
    const view = observation(cluster([failed, first]), { target: cluster([before]) });
    const wish = desired({ cluster: THERE });
    assert.equal(
      textOf({ record: record({ snapshots }), desired: wish, observation: view }),
      "start from checkpoints/2-0",
    );
  });

  it("a suspension on a checkpoint is resumed from it although restoreStrategy is LATEST_SAVEPOINT", () => {
    const suspended = endedRecord({ kind: "SUSPENDED", snapshot: checkpoint("3-0") });
    const wish = desired({ policy: { restoreStrategy: "LATEST_SAVEPOINT" } });
    assert.equal(textOf({ record: suspended, desired: wish, observation: seen() }), "start from checkpoints/3-0");
  });

  const redeploy = (policy: Partial<PlanInput["desired"]["policy"]> = {}): PlanInput["desired"] =>
    desired({
      job: spec("old", { savepointRedeployNonce: 2 }),
      policy: { initialSavepointPath: "file:/given/path", ...policy },
    });
  const redeploys: [string, ObservedJob[], PlanInput["desired"], string][] = [
    ["the job is up", [observedJob()], redeploy(), "stop; start from given/path"],
    [
      "the job is up and restoreStrategy is NONE",
      [observedJob()],
      redeploy({ restoreStrategy: "NONE" }),
      "stop; start from given/path",
    ],
    [
      "upgrades are STATELESS",
      [observedJob()],
      redeploy({ upgradeStrategy: "STATELESS" }),
      "cancel; start from given/path",
    ],
    [
      "the job is being cancelled",
      [observedJob({ status: "CANCELLING" })],
      redeploy(),
      "awaitEnd; start from given/path",
    ],
    ["the job failed", [observedJob({ status: "FAILED" })], redeploy(), "start from given/path"],
    ["the job is not found", [], redeploy(), "start from given/path"],
  ];
  for (const [title, jobs, wish, expected] of redeploys) {
    it(`a changed savepointRedeployNonce starts from the user's savepoint when ${title}`, () => {
      assert.equal(textOf({ desired: wish, observation: seen(...jobs) }), expected);
    });
  }

  it("the initial savepoint is of no account later without a new nonce", () => {
    const wish = desired({ policy: { initialSavepointPath: "file:/given/path" } });
    assert.equal(textOf({ desired: wish, observation: seen(failedJob) }), "start from checkpoints/3-0");
  });

  it("a try at a redeployment goes on from what it completed", () => {
    const job = spec("old", { savepointRedeployNonce: 2 });
    const tried = observedJob({ job, generation: 4, status: "FAILED" });
    assert.equal(
      textOf({ desired: redeploy(), observation: seen(stoppedJob("stop"), tried) }),
      "start from checkpoints/4-0",
    );
  });

  it("a create over a job that was stopped goes on from that stop, though a nonce and a savepoint are given", () => {
    const create = (...jobs: ObservedJob[]): string =>
      textOf({ record: undefined, desired: redeploy(), observation: seen(...jobs) });
    assert.equal(create(stoppedJob("stop")), "start from savepoints/stop");
    assert.equal(create(), "start from given/path");
    const instead = textOf({
      record: undefined,
      desired: redeploy({ restoreStrategy: "NONE" }),
      observation: seen(stoppedJob("stop")),
    });
    assert.equal(instead, "start from given/path");
  });

  it("cancelling is refused when it would delete the checkpoint that is needed", () => {
    const job = observedJob({ retainsCheckpoints: false });
    const wish = (restoreStrategy: "LATEST_STATE" | "NONE"): PlanInput["desired"] =>
      desired({ job: NEW, policy: { upgradeStrategy: "STATELESS", restoreStrategy } });
    assert.equal(textOf({ desired: wish("LATEST_STATE"), observation: seen(job) }), "FLINK_CHECKPOINTS_NOT_RETAINED");
    assert.equal(textOf({ desired: wish("NONE"), observation: seen(job) }), "cancel; start from empty");
  });

  it("starting empty is warned of", () => {
    const wish = desired({ job: NEW, policy: { restoreStrategy: "NONE" } });
    assert.match(warningsOf({ desired: wish }), /starts empty although a savepoint is taken/);
  });
});

describe("the clusters that a transition looks at", () => {
  const tried = (fate: "accepted" | "ended", place = ELSEWHERE): ReturnType<typeof record> =>
    record({ transition: { desiredState: "RUNNING", tried: { jobId: jobId(NEW, 4), cluster: place, fate } } });

  it("are where the job is, and where it is to be", () => {
    assert.deepEqual(clustersOf(record(), desired()), { current: HERE, target: undefined });
    assert.deepEqual(clustersOf(record(), desired({ cluster: THERE })), { current: HERE, target: THERE });
    assert.deepEqual(clustersOf(undefined, desired()), { current: HERE, target: undefined });
    assert.deepEqual(clustersOf(record(), desired({ cluster: "none" })), { current: HERE, target: undefined });
  });

  it("are also where a try may run that is no longer asked for", () => {
    assert.deepEqual(clustersOf(tried("accepted"), desired({ cluster: THERE })), { current: ELSEWHERE, target: THERE });
    assert.deepEqual(clustersOf(tried("accepted"), desired({ cluster: "none" })).current, ELSEWHERE);
    assert.deepEqual(clustersOf(tried("accepted", THERE), desired({ cluster: THERE })), {
      current: HERE,
      target: THERE,
    });
  });

  it("are not where a try has ended: what it left is recorded, and the old job's cluster can take it back", () => {
    assert.deepEqual(clustersOf(tried("ended"), desired({ cluster: THERE })), { current: HERE, target: THERE });
  });
});

describe("several jobs of one deployment", () => {
  const two = seen(observedJob(), observedJob({ job: NEW, generation: 4 }));

  for (const state of ["RUNNING", "SUSPENDED", "CANCELLED"] as const) {
    it(`are named and refused when it is to be ${state}`, () => {
      const made = plan(planInput({ desired: desired({ state }), observation: two })).plan;
      assert.ok(made.kind === "refused" && made.refusal.code === "FLINK_SEVERAL_JOBS");
      assert.match(made.refusal.message, new RegExp(`${jobId(NEW, 4)}.*${jobId(OLD, 3)}`));
    });
  }

  it("are one when the other is given up by name", () => {
    const wish = desired({ job: NEW, policy: { abandonedJobs: [jobId(OLD, 3)] } });
    assert.equal(textOf({ desired: wish, observation: two }), "go on with 4.0");
  });

  it("two attempts of which one has ended are one", () => {
    const jobs = seen(observedJob({ status: "FAILED" }), observedJob({ attempt: 1 }));
    assert.equal(textOf({ observation: jobs }), "go on with 3.1");
  });

  it("a stop of the job that was given up says nothing of the other", () => {
    const stops = [{ jobId: jobId(OLD, 3), attempt: 0, kind: "completed", path: "file:/savepoints/other" }] as const;
    const finished = observedJob({ job: NEW, generation: 4, status: "FINISHED", checkpoint: undefined });
    const wish = desired({ job: NEW, policy: { abandonedJobs: [jobId(OLD, 3)] } });
    const jobs = observation(cluster([observedJob(), finished]), { stops });
    assert.equal(textOf({ desired: wish, observation: jobs }), "finished");
  });
});

describe("what is prepared before anything stops", () => {
  const withSlots = (total: number, free: number, elastic = false): PlanInput["observation"] =>
    observation(cluster([observedJob()], { slots: { total, free, elastic } }));
  const wide = (parallelism: number): PlanInput["desired"] => desired({ job: spec("new", { parallelism }) });

  const slots: [string, PlanInput["observation"], number, string][] = [
    ["slots suffice together with those of the old job", withSlots(2, 1), 2, "stop; start from stop"],
    ["slots are too few although the old job gives its own back", withSlots(4, 1), 3, "FLINK_NOT_ENOUGH_SLOTS"],
    ["slots are too few in all", withSlots(2, 2), 3, "FLINK_NOT_ENOUGH_SLOTS"],
    ["slots are made when a job asks", withSlots(0, 0, true), 3, "stop; start from stop"],
  ];
  for (const [title, view, parallelism, expected] of slots) {
    it(title, () => assert.equal(textOf({ desired: wide(parallelism), observation: view }), expected));
  }

  it("a move needs all its slots to be free on the new cluster", () => {
    const target = cluster([], { slots: { total: 4, free: 1, elastic: false } });
    const wish = desired({ job: spec("new", { parallelism: 2 }), cluster: THERE });
    assert.equal(
      textOf({ desired: wish, observation: observation(cluster([observedJob()]), { target }) }),
      "FLINK_NOT_ENOUGH_SLOTS",
    );
  });

  it("an artifact is uploaded first, unless the cluster holds it", () => {
    const without = observation(cluster([observedJob()], { heldArtifacts: [OLD.artifactSha256] }));
    assert.deepEqual(
      stepsOf({ desired: wantsNew, observation: without }).map(({ kind }) => kind),
      ["upload", "stop", "start", "cleanUp"],
    );
    assert.deepEqual(
      stepsOf({ desired: wantsNew }).map(({ kind }) => kind),
      ["stop", "start", "cleanUp"],
    );
  });

  it("a jar in the image is never uploaded, and nothing stops where the cluster does not offer it", () => {
    const imagePath = "/opt/flink/usrlib/orders.jar";
    const offers = cluster([observedJob()], { heldArtifacts: [], imageArtifacts: [NEW.artifactSha256] });
    assert.deepEqual(
      stepsOf({ desired: wantsNew, imagePath, observation: observation(offers) }).map(({ kind }) => kind),
      ["stop", "start"],
    );
    const others = observation(cluster([observedJob()], { heldArtifacts: [OLD.artifactSha256] }));
    const { plan: refused } = plan(planInput({ desired: wantsNew, imagePath, observation: others }));
    assert.ok(refused.kind === "refused" && refused.refusal.code === "FLINK_ARTIFACT_NOT_IN_IMAGE");
    assert.match(
      refused.refusal.message,
      /does not offer local:\/\/\/opt\/flink\/usrlib\/orders\.jar\. Nothing was changed/,
    );
  });

  it("nothing stops while the new cluster does not answer", () => {
    const view = observation(cluster([observedJob()]), { target: UNREACHABLE });
    assert.equal(textOf({ desired: desired({ cluster: THERE }), observation: view }), "FLINK_CLUSTER_UNREACHABLE");
  });

  it("jars are deleted where nothing uses them any more: all but the new one, and all on a cluster that is left", () => {
    const moved = stepsOf({
      desired: desired({ job: NEW, cluster: THERE }),
      observation: observation(cluster([observedJob()]), { target: cluster() }),
    }).at(-1);
    assert.deepEqual(moved, { kind: "cleanUp", keep: NEW.artifactSha256, clusters: ["current", "target"] });
    const clean = observation(cluster([observedJob()], { heldArtifacts: [OLD.artifactSha256] }));
    assert.ok(
      !stepsOf({ desired: desired({ job: spec("old", { parallelism: 2 }) }), observation: clean }).some(
        ({ kind }) => kind === "cleanUp",
      ),
    );
  });
});

describe("whether a rollback is possible", () => {
  it("it is while the old cluster holds the old jar", () => {
    assert.deepEqual(startOf({ desired: wantsNew }).rollback, { kind: "possible" });
  });

  it("it is not without the old jar, and the plan says so", () => {
    const view = observation(cluster([observedJob()], { heldArtifacts: [NEW.artifactSha256] }));
    assert.equal(startOf({ desired: wantsNew, observation: view }).rollback.kind, "impossible");
    assert.match(
      warningsOf({ desired: wantsNew, observation: view }),
      /No rollback is possible.*no longer holds the old jar/,
    );
  });

  it("there is none when it is switched off, and when nothing ran before", () => {
    const off = desired({ job: NEW, policy: { rollback: false } });
    assert.deepEqual(startOf({ desired: off }).rollback, { kind: "none" });
    const suspended = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("suspension") });
    assert.deepEqual(startOf({ record: suspended, observation: seen() }).rollback, { kind: "none" });
    assert.deepEqual(startOf({ desired: wantsNew, observation: seen(observedJob({ status: "FAILED" })) }).rollback, {
      kind: "none",
    });
  });

  it("there is none to the very job that is asked for again after a failed upgrade, as it has had its attempts", () => {
    const failed = endedRecord({ kind: "REPLACED", snapshot: savepoint("stop") });
    const tried = observedJob({ job: NEW, generation: 4, status: "FAILED", checkpoint: undefined });
    const rollback = (wish: PlanInput["desired"]): string =>
      startOf({ record: failed, desired: wish, observation: seen(tried) }).rollback.kind;
    assert.equal(rollback(desired()), "none");
    assert.equal(rollback(wantsNew), "possible");
    assert.equal(rollback(desired({ job: spec("newer") })), "possible");
    assert.equal(
      startOf({
        record: failed,
        desired: desired({ cluster: THERE }),
        observation: observation(cluster([tried]), { target: cluster() }),
      }).rollback.kind,
      "possible",
      "on another cluster it may come up where it did not on that one",
    );
  });

  it("it still is when a killed process had stopped the old job", () => {
    assert.equal(startOf({ desired: wantsNew, observation: seen(stoppedJob("stop")) }).rollback.kind, "possible");
  });
});

describe("a pending upgrade under NONE", () => {
  const wish = desired({ job: NEW, policy: { upgradeStrategy: "NONE" } });

  it("waits while the job runs, and is taken back when the job is as it was", () => {
    const pending = record({ pendingUpgrade: "a change waits" });
    assert.equal(textOf({ record: pending, desired: wish }), "upgradeWaits");
    assert.equal(
      textOf({ record: pending, desired: desired({ policy: { upgradeStrategy: "NONE" } }) }),
      "alreadyThere",
    );
  });

  it("is carried out after a suspension", () => {
    const suspended = endedRecord({ kind: "SUSPENDED", snapshot: savepoint("suspension") });
    assert.equal(textOf({ record: suspended, desired: wish, observation: seen() }), "start from savepoints/suspension");
  });
});

describe("a preview that can ask nothing", () => {
  const unknown = observation({ kind: "unknown" }, { target: { kind: "unknown" } });

  it("plans the upgrade as if the recorded job were up", () => {
    assert.equal(textOf({ desired: desired({ job: "unknown" }), observation: unknown }), "stop; start from stop");
    assert.equal(textOf({ desired: desired({ cluster: "unknown" }), observation: unknown }), "stop; start from stop");
  });

  it("plans a create", () => {
    const input = { record: undefined, desired: desired({ cluster: "unknown" }), observation: unknown };
    assert.equal(textOf(input), "start from empty");
  });
});
