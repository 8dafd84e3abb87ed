import assert from "node:assert/strict";
import type { FakeFlink } from "../../rig/fakeFlink";
import { start, useRig, type Running } from "./fixture";

/** As the Kubernetes API server answers for a service without pods: the cluster is unreachable, and at once. */
const NO_PODS = { status: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound" } };
const SUBMISSION = { method: "POST", path: /\/run/ };

describe("the hooks of a FlinkDeployment after a submission that was not answered", () => {
  const rig = useRig();

  /** The update ends without an answer to its submission, which Flink carried out or never got. */
  async function unanswered(flink: FakeFlink, arrives: boolean, update: () => Promise<unknown>): Promise<void> {
    const faults = [flink.fault(SUBMISSION, arrives ? { answerLost: true } : "reset")];
    flink.script.run = () => {
      faults.push(flink.fault({}, NO_PODS));
      return "run";
    };
    await update();
    flink.script.run = () => "run";
    for (const fault of faults) fault.remove();
  }

  async function upgraded(arrives: boolean): Promise<Running & { known: string }> {
    const running = await start(rig, { timeouts: { unreachable: "50 ms" } });
    const { flink, stack, program } = running;
    await unanswered(flink, arrives, () => stack.failingUp(program({ restartNonce: 1 })));
    return { ...running, known: stack.outputs.latestSavepoint ?? assert.fail() };
  }

  it("refuse to start another job from older state where that one ran unseen and is forgotten", async () => {
    const { flink, stack, program, known } = await upgraded(true);
    const [job] = flink.activeJobs();
    assert.ok(job);
    job.checkpoint();
    job.end("FAILED");
    flink.restartJobManager();
    const submitted = flink.submissions.length;
    const message = await stack.failingUp(program({ restartNonce: 2 }));
    assert.match(message, new RegExp(`submission of job ${job.id} to .* was not answered`));
    assert.ok(message.includes(known), message);
    assert.equal(flink.submissions.length, submitted);
    const newest = (job.latestState?.path ?? assert.fail()).replace("file:", "file://");
    await stack.up(program({ restartNonce: 2, initialSavepointPath: newest, savepointRedeployNonce: 1 }));
    assert.equal(flink.storage.repeated(job.lineage), 0);
  });

  it("start another job where the JobManager is the same and knows of none: it never arrived", async () => {
    const { flink, stack, program, known } = await upgraded(false);
    await stack.up(program({ restartNonce: 2 }));
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, known);
  });

  it("move on to a third cluster, from what the job left that had failed on the first", async () => {
    const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "50 ms" } });
    const [job] = flink.activeJobs();
    assert.ok(job);
    job.checkpoint();
    job.end("FAILED");
    const second = await rig.flink({ storage: flink.storage });
    const third = await rig.flink({ storage: flink.storage });
    await unanswered(second, false, () => stack.failingUp(program({ cluster: { url: second.url } })));
    await stack.up(program({ cluster: { url: third.url } }));
    assert.equal(third.activeJobs()[0]?.submission?.savepointPath, job.latestState?.path);
    assert.deepEqual(second.activeJobs(), []);
  });
});
