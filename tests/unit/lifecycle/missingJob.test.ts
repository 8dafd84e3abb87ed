import assert from "node:assert/strict";
import {
  applied,
  cluster,
  desired,
  jobId as jobIdOf,
  NEW,
  observation,
  planInput,
  record,
  savepoint,
  spec,
  THERE,
} from "../../rig/lifecycle/builders";
import { planText } from "../../rig/lifecycle/planText";
import { plan } from "../../../provider/lifecycle/plan";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";

function refusal(changes: Partial<PlanInput>): string {
  const { plan: refused } = plan(
    planInput({ desired: desired({ job: NEW }), observation: observation(cluster()), ...changes }),
  );
  assert.equal(planText(refused), "FLINK_JOB_MISSING");
  return refused.kind === "refused" ? refused.refusal.message : "";
}

describe("the refusal to replace a job that Flink does not show", () => {
  const { jobId } = applied();
  const savepointsOf = `savepoint-${jobId.slice(0, 6)}-…`;

  it("names the folders of the cluster in which its snapshots lie", () => {
    const lies = `may lie in file:/checkpoints/${jobId} (its checkpoints) or file:/savepoints (${savepointsOf}).`;
    const message = refusal({});
    assert.ok(message.includes(`No snapshot of it is known. One ${lies} To start from a snapshot`), message);
    const known = refusal({ record: record({ snapshots: [savepoint("stop")] }) });
    assert.ok(
      known.includes(`The newest snapshot known is savepoint file:/savepoints/stop (10 min old). A newer one ${lies}`),
      known,
    );
  });

  it("names those that the job itself was told of before the cluster's", () => {
    const own = { "execution.checkpointing.dir": "s3://bucket/own/" };
    const told = record({ applied: applied({ jobId, job: spec("old", { flinkConfiguration: own }) }) });
    const policy = { savepointTargetDirectory: "s3://bucket/savepoints" };
    const message = refusal({ record: told, desired: desired({ job: NEW, policy }) });
    const lies = `lie in s3://bucket/own/${jobId} (its checkpoints) or s3://bucket/savepoints (${savepointsOf}).`;
    assert.ok(message.includes(lies), message);
  });

  it("names those of the cluster that the job was on, when another one was tried since", () => {
    const tried = { jobId: jobIdOf(NEW, 4), cluster: THERE, fate: "ended" } as const;
    const moved = record({ transition: { desiredState: "RUNNING", tried } });
    const target = cluster([], { checkpointDirectory: "file:/there", savepointDirectory: "file:/there" });
    const message = refusal({
      record: moved,
      desired: desired({ job: NEW, cluster: THERE }),
      observation: observation(cluster(), { target }),
    });
    assert.ok(message.includes(`file:/checkpoints/${jobId} (`) && !message.includes("file:/there"), message);
  });

  it("names none where nothing says where snapshots go", () => {
    const nowhere = cluster([], { savepointDirectory: undefined, checkpointDirectory: undefined });
    const message = refusal({ observation: observation(nowhere) });
    assert.ok(message.includes("No snapshot of it is known. To start from a snapshot"), message);
  });
});
