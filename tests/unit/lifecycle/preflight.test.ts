import assert from "node:assert/strict";
import type { Policy } from "../../../provider/lifecycle/model";
import type { ClusterObservation, JobVertex } from "../../../provider/lifecycle/observation";
import { plan } from "../../../provider/lifecycle/plan";
import type { Plan } from "../../../provider/lifecycle/planTypes";
import {
  cluster,
  desired,
  endedRecord,
  NEW,
  observation,
  observedJob,
  planInput,
  savepoint,
  spec,
  stoppedJob,
  THERE,
} from "../../rig/lifecycle/builders";
import { planText } from "../../rig/lifecycle/planText";

type Reachable = Extract<ClusterObservation, { kind: "reachable" }>;

/** An upgrade of a job that is up. */
function upgradePlan(
  changes: {
    here?: Partial<Reachable>;
    there?: Partial<Reachable>;
    vertices?: readonly JobVertex[];
    job?: Parameters<typeof spec>[1];
    policy?: Partial<Policy>;
    state?: "RUNNING" | "SUSPENDED";
  } = {},
): Plan {
  const { here, there, vertices = [], job, policy, state = "RUNNING" } = changes;
  return plan(
    planInput({
      desired: desired({
        state,
        job: spec("new", job),
        policy,
        ...(there === undefined ? {} : { cluster: THERE }),
      }),
      observation: observation(
        cluster([observedJob({ vertices })], here),
        there === undefined ? {} : { target: cluster([], there) },
      ),
    }),
  ).plan;
}

function refusal(of: Plan): string {
  assert.equal(of.kind, "refused", planText(of));
  return of.kind === "refused" ? `${of.refusal.code}: ${of.refusal.message}` : "";
}

function warnings(of: Plan): string {
  assert.equal(of.kind, "steps", planText(of));
  return of.kind === "steps" ? of.warnings.join("\n") : "";
}

const PLAIN = "stop; start from stop";

describe("before anything stops", () => {
  it("nothing is said where nothing is wrong", () => {
    const made = upgradePlan({ vertices: [{ parallelism: 1, maxParallelism: 128 }] });
    assert.equal(planText(made), PLAIN);
    assert.equal(warnings(made), "");
  });

  describe("a stop without a place for its savepoint", () => {
    const nowhere = { savepointDirectory: undefined };

    it("is refused, with what to set", () => {
      const text = refusal(upgradePlan({ here: nowhere }));
      assert.match(
        text,
        /^FLINK_NO_SAVEPOINT_DIRECTORY: Job \w+ is to be stopped with a savepoint, and nothing says where/,
      );
      assert.match(
        text,
        /Nothing was changed\. Set savepointTargetDirectory, or execution\.checkpointing\.savepoint-dir/,
      );
      assert.match(refusal(upgradePlan({ here: nowhere, state: "SUSPENDED" })), /^FLINK_NO_SAVEPOINT_DIRECTORY/);
    });

    it("is looked for where the job is, not where it goes", () => {
      assert.match(refusal(upgradePlan({ here: nowhere, there: {} })), /^FLINK_NO_SAVEPOINT_DIRECTORY/);
      assert.equal(planText(upgradePlan({ there: nowhere })), PLAIN);
    });

    it("is none where an argument names it, or where the newest checkpoint will do", () => {
      assert.equal(planText(upgradePlan({ here: nowhere, policy: { savepointTargetDirectory: "s3://b/s" } })), PLAIN);
      const fallback = { fallback: "LATEST_STATE" } as const;
      assert.equal(planText(upgradePlan({ here: nowhere, policy: fallback })), "stop or cancel; start from stop");
      assert.match(
        planText(upgradePlan({ here: nowhere, policy: { upgradeStrategy: "STATELESS" } })),
        /^cancel; start/,
      );
    });
  });

  describe("state whose maximum parallelism does not fit", () => {
    it("is refused where the parallelism is above that of every part of the job", () => {
      const text = refusal(upgradePlan({ vertices: [{ parallelism: 1, maxParallelism: 2 }], job: { parallelism: 4 } }));
      assert.match(
        text,
        /^FLINK_MAX_PARALLELISM: The job's state has a maximum parallelism of 2.*parallelism is 4\. Nothing/,
      );
      assert.match(text, /Set parallelism to at most 2\..*restoreStrategy "NONE".*initialSavepointPath/);
    });

    it("is not, where a part of the job could be the one that the parallelism is for", () => {
      const vertices = [
        { parallelism: 1, maxParallelism: 1 },
        { parallelism: 1, maxParallelism: 128 },
      ];
      assert.equal(planText(upgradePlan({ vertices, job: { parallelism: 4 } })), PLAIN);
    });

    it("is refused where pipeline.max-parallelism becomes another one", () => {
      const job = { flinkConfiguration: { ...NEW.flinkConfiguration, "pipeline.max-parallelism": "256" } };
      const text = refusal(upgradePlan({ vertices: [{ parallelism: 1, maxParallelism: 128 }], job }));
      assert.match(text, /^FLINK_MAX_PARALLELISM: .* written with a maximum parallelism of 128, .* no other one/);
      assert.match(text, /pipeline\.max-parallelism is 256\. Nothing was changed\. Set it to 128/);
      assert.equal(planText(upgradePlan({ vertices: [{ parallelism: 1, maxParallelism: 256 }], job })), PLAIN);
    });

    it("does not matter to a job that starts empty, or from somebody else's snapshot", () => {
      const vertices = [{ parallelism: 1, maxParallelism: 2 }];
      const job = { parallelism: 4 };
      assert.equal(
        planText(upgradePlan({ vertices, job, policy: { restoreStrategy: "NONE" } })),
        "stop; start from empty",
      );
      const redeploy = { job: { ...job, savepointRedeployNonce: 1 }, policy: { initialSavepointPath: "s3://b/s" } };
      assert.equal(planText(upgradePlan({ vertices, ...redeploy })), "stop; start from s3://b/s");
    });

    it("is seen of a job that has ended as well", () => {
      const ended = stoppedJob("s", { vertices: [{ parallelism: 1, maxParallelism: 2 }] });
      const snapshot = savepoint("s", { jobId: ended.jobId });
      const made = plan(
        planInput({
          record: endedRecord({ kind: "SUSPENDED", snapshot }),
          desired: desired({ job: spec("old", { parallelism: 4 }) }),
          observation: observation(cluster([ended])),
        }),
      ).plan;
      assert.match(refusal(made), /^FLINK_MAX_PARALLELISM/);
    });
  });

  it("a cluster of a Flink that is too old is refused, whatever else its version says", () => {
    const text = refusal(upgradePlan({ there: { flinkVersion: "1.16.3-custom" } }));
    assert.match(
      text,
      /^FLINK_VERSION_UNSUPPORTED: http:\/\/there:8081 runs Flink 1\.16\.3-custom, and 1\.17\.0 is the oldest/,
    );
    assert.equal(planText(upgradePlan({ there: { flinkVersion: "1.17-SNAPSHOT" } })), PLAIN);
    assert.equal(planText(upgradePlan({ there: { flinkVersion: "my own" } })), PLAIN);
  });

  it("a cluster of an older Flink than the one that wrote the state is warned of", () => {
    const older = upgradePlan({ here: { flinkVersion: "2.3.0" }, there: { flinkVersion: "1.20.0" } });
    assert.match(warnings(older), /new cluster runs Flink 1\.20\.0, the old one 2\.3\.0: Flink does not promise/);
    assert.equal(warnings(upgradePlan({ here: { flinkVersion: "2.3.0" }, there: { flinkVersion: "2.3.1" } })), "");
    assert.equal(warnings(upgradePlan({ here: { flinkVersion: "1.20.0" }, there: { flinkVersion: "2.3.0" } })), "");
  });

  it("checkpoints that go nowhere are warned of", () => {
    const here = { checkpointDirectory: undefined };
    assert.match(warnings(upgradePlan({ here })), /^No execution\.checkpointing\.dir .* JobManager's memory/);
    for (const key of ["execution.checkpointing.dir", "state.checkpoints.dir"]) {
      const job = { flinkConfiguration: { ...NEW.flinkConfiguration, [key]: "s3://b/c" } };
      assert.equal(warnings(upgradePlan({ here, job })), "");
    }
  });

  describe("a folder of the machine, on a cluster of several", () => {
    const several = { machines: ["jobmanager", "10.0.0.5", "10.0.0.6", "10.0.0.7"] };

    it("is warned of, wherever it is named", () => {
      const target = warnings(upgradePlan({ here: several, policy: { savepointTargetDirectory: "file:///mine/s" } }));
      assert.match(
        target,
        /^savepointTargetDirectory is file:\/\/\/mine\/s, .* several machines \(jobmanager, 10\.0\.0\.5, 10\.0\.0\.6 and 1 more\): unless/,
      );
      const flinkConfiguration = { ...NEW.flinkConfiguration, "execution.checkpointing.dir": "file:/mine/c" };
      assert.match(
        warnings(upgradePlan({ here: several, job: { flinkConfiguration } })),
        /^execution\.checkpointing\.dir is file:\/mine\/c/,
      );
    });

    it("is not, where the cluster keeps its own snapshots beside it", () => {
      const here = { ...several, savepointDirectory: "file:///volume/savepoints" };
      const policy = { savepointTargetDirectory: "file:///volume/other" };
      assert.equal(warnings(upgradePlan({ here, policy })), "");
    });

    it("is not, where all runs on one machine, or where it is no folder of a machine", () => {
      const policy = { savepointTargetDirectory: "file:///mine" };
      assert.equal(warnings(upgradePlan({ here: { machines: ["127.0.0.1"] }, policy })), "");
      assert.equal(warnings(upgradePlan({ here: several, policy: { savepointTargetDirectory: "s3://b/s" } })), "");
    });
  });
});
