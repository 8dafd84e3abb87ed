import assert from "node:assert/strict";
import { read } from "../../../provider/hooks/flinkDeployment";
import { systemClock } from "../../../provider/deployment/clock";
import type { DeploymentOutputs } from "../../../provider/deployment/outputs";
import { readDeployment } from "../../../provider/deployment/refresh";
import { start, useRig } from "./fixture";

/** What the outputs say while no job is active. */
function assertNothingRuns({ jobId, webInterfaceUrl, onDeletePlan, status }: DeploymentOutputs): void {
  assert.deepEqual([jobId, webInterfaceUrl, status.running], [undefined, undefined, undefined]);
  assert.equal(onDeletePlan, "nothing to stop: no job is active");
}

describe("the read hook of a FlinkDeployment", () => {
  const rig = useRig();

  it("changes nothing when nothing has changed", async () => {
    const { stack } = await start(rig, { flinkConfiguration: {} });
    const before = stack.outputs;
    assert.deepEqual(await stack.refresh(), before);
  });

  it("takes in a newer checkpoint, and never the applied specification", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    const applied = stack.outputs.record.applied;
    job?.checkpoint();
    await stack.refresh();
    const { savepoints, latestSavepoint, record } = stack.outputs;
    assert.equal(savepoints.length, 1);
    assert.equal(savepoints[0]?.origin, "RETAINED_CHECKPOINT");
    assert.match(savepoints[0]?.path ?? "", /chk-/);
    assert.equal(latestSavepoint, undefined, "a checkpoint is no savepoint");
    assert.deepEqual(record.applied, applied);
    for (let nth = 0; nth < 3; nth += 1) {
      job?.checkpoint();
      await stack.refresh();
    }
    assert.equal(stack.outputs.savepoints.length, 1, "older checkpoints are gone");
    assert.equal((await stack.preview(program())).changes, false);
  });

  it("shows an unreachable cluster as a condition whose transition time stays", async () => {
    const { flink, stack } = await start(rig);
    await flink.close();
    const first = await stack.refresh();
    const [condition, ...others] = first.status.running?.conditions ?? [];
    assert.deepEqual(
      others.map(({ type, status }) => [type, status]),
      [
        ["JobFailing", "Unknown"],
        ["JobUnstable", "Unknown"],
      ],
    );
    assert.equal(condition?.type, "ClusterUnreachable");
    assert.equal(condition?.status, "True");
    assert.match(condition?.message ?? "", /cannot be reached/);
    assert.equal(first.status.state, "RUNNING");
    assert.deepEqual(await stack.refresh(), first, "nothing new is no change");
  });

  it("keeps the condition's transition time while only the reason changes", async () => {
    const { flink, stack } = await start(rig);
    const fault = flink.fault({}, { status: 503, body: "" });
    const before = (await stack.refresh()).status.running?.conditions[0];
    fault.remove();
    await systemClock.sleep(5_000);
    await flink.close();
    const after = (await stack.refresh()).status.running?.conditions[0];
    assert.notEqual(after?.message, before?.message);
    assert.equal(after?.lastTransitionTime, before?.lastTransitionTime);
    assert.ok(Date.parse(after?.lastUpdateTime ?? "") >= Date.parse(before?.lastUpdateTime ?? "") + 5_000);
  });

  it("takes the condition back, with a new transition time, when the cluster answers again", async () => {
    const { flink, stack } = await start(rig);
    const fault = flink.fault({}, { status: 503, body: "" });
    const unreachable = (await stack.refresh()).status.running?.conditions[0];
    assert.equal(unreachable?.status, "True");
    fault.remove();
    const back = (await stack.refresh()).status.running?.conditions[0];
    assert.equal(back?.status, "False");
    assert.ok(Date.parse(back?.lastTransitionTime ?? "") >= Date.parse(unreachable?.lastTransitionTime ?? ""));
  });

  it("shows a failed job with its root cause, and what it was once it runs again", async () => {
    const { flink, stack, program } = await start(rig);
    const [job] = flink.activeJobs();
    job?.checkpoint();
    job?.end("FAILED", "the disk is full");
    const { status, jobs, events } = await stack.refresh();
    assert.equal(status.state, "FAILED");
    assert.equal(status.failure?.reason, "JobFailed");
    assertNothingRuns(stack.outputs);
    assert.match(status.failure?.message ?? "", /the disk is full/);
    assert.equal(jobs[0]?.state, "FAILED");
    assert.match(events[0]?.message ?? "", /the disk is full/);
    await stack.refresh();
    assert.equal(stack.outputs.events.length, events.length, "told once");
    assert.equal((await stack.preview(program())).changes, true);
    await stack.up(program());
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(stack.outputs.status.failure, undefined);
    assert.deepEqual(
      stack.outputs.jobs.map(({ state }) => state),
      ["STARTED", "FAILED"],
    );
  });

  it("shows a job that has FINISHED, and nothing is run again", async () => {
    const { flink, stack, program } = await start(rig);
    flink.activeJobs()[0]?.end("FINISHED");
    const { status, jobs } = await stack.refresh();
    assert.equal(status.state, "FINISHED");
    assert.equal(jobs[0]?.state, "FINISHED");
    assertNothingRuns(stack.outputs);
    await stack.up(program());
    assert.equal(flink.submissions.length, 1);
    assert.equal(stack.outputs.status.state, "FINISHED");
    assert.equal((await stack.preview(program())).changes, false);
  });

  it("shows the job again that a JobManager did not show for a while", async () => {
    const { flink, stack } = await start(rig, { flinkConfiguration: {} });
    const before = stack.outputs;
    const fault = flink.fault({ path: /^\/jobs\/overview$/ }, { status: 200, body: { jobs: [] } });
    await stack.refresh();
    assertNothingRuns(stack.outputs);
    fault.remove();
    const { jobId, webInterfaceUrl, onDeletePlan, status } = await stack.refresh();
    assert.deepEqual(
      [jobId, webInterfaceUrl, onDeletePlan],
      [before.jobId, before.webInterfaceUrl, before.onDeletePlan],
    );
    assert.equal(status.running?.jobId, before.jobId);
    assert.equal(status.state, "RUNNING");
  });

  it("never throws, and never gives a blank id", async () => {
    const { flink, stack } = await start(rig);
    const faults = [{ status: 401, body: { errors: ["no"] } }, "garbage", { status: 500, body: "" }, "reset"] as const;
    for (const effect of faults) {
      const fault = flink.fault({}, effect);
      const { status } = await stack.refresh();
      assert.equal(status.state, "RUNNING", JSON.stringify(effect));
      fault.remove();
    }
    flink.restartJobManager({ highAvailability: false });
    assert.equal((await stack.refresh()).status.state, "FAILED");
    assert.deepEqual(await read("any"), {}, "what was never there is not imported");
  });

  it("waits only so long for a cluster that accepts requests and answers none", async () => {
    const { flink, stack } = await start(rig);
    flink.fault({}, "hang");
    const began = Date.now();
    const outputs = await readDeployment(stack.outputs, 50);
    assert.match(outputs.status.running?.conditions[0]?.message ?? "", /did not answer within 0.05 s/);
    assert.ok(Date.now() - began < 3_000);
  });

  it("asks nothing of a cluster where no job is", async () => {
    const { flink, stack, program } = await start(rig);
    await stack.up(program({ state: "SUSPENDED" }));
    const before = flink.requests.length;
    await stack.refresh();
    assert.equal(flink.requests.length, before);
  });
});
