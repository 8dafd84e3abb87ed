import assert from "node:assert/strict";
import type { DeploymentCondition } from "../../../provider/deployment/outputs";
import type { Stack } from "../../rig/deploymentRuns";
import type { FakeJob } from "../../rig/fakeFlink";
import { start, useRig } from "./fixture";

const MINUTE = 60_000;

describe("the health check of a FlinkDeployment", () => {
  const rig = useRig();
  const healthCheck = { completedCheckpoints: 3, maxRestarts: 0, timeout: "2 min" };

  it("stands in the plan, and passes when the job has completed its checkpoints", async () => {
    const { flink, stack, program } = await start(rig);
    const upgrade = program({ parallelism: 2, healthCheck });
    const { lines } = await stack.preview(upgrade);
    assert.ok(
      lines.some(({ text }) => text.includes("; then 3 checkpoints without a restart within 2 min; if it does not")),
      lines.map(({ text }) => text).join("\n"),
    );
    await stack.up(upgrade);
    const [job] = flink.activeJobs();
    assert.equal(job?.parallelism, 2);
    assert.ok((job?.checkpoints.length ?? 0) >= 3);
    assert.ok(stack.texts.some((line) => /started job .*; healthy: \d checkpoints, 0 restarts/.test(line)));
  });

  it("rolls back from a job that restarts before it completes a checkpoint, with its cause", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1 });
    flink.script.run = ({ parallelism }) =>
      parallelism === 2 ? { failsOverEvery: 1, exception: "no such topic" } : "run";
    const message = await stack.failingUp(program({ parallelism: 2, healthCheck }));
    assert.match(
      message,
      /health check of job \w+ failed: it restarted \d times?, and maxRestarts is 0 and was cancelled/,
    );
    assert.match(message, /no such topic.*Rolled back: the old job runs again/s);
    assert.deepEqual(
      flink.activeJobs().map(({ parallelism }) => parallelism),
      [1],
    );
    assert.equal(stack.outputs.status.running?.jobId, flink.activeJobs()[0]?.id);
  });

  it("counts more restarts than Flink keeps failures", async () => {
    const { flink, stack, program } = await start(rig, { maxJobCreationAttempts: 1 });
    flink.script.run = ({ parallelism }) =>
      parallelism === 2 ? { failsOverEvery: 1, exception: "no such topic" } : "run";
    const many = { completedCheckpoints: 3, maxRestarts: 20, timeout: "10 min" };
    assert.match(await stack.failingUp(program({ parallelism: 2, healthCheck: many })), /it restarted 2\d times/);
  });

  it("does not wait where the job takes no checkpoints", async () => {
    const { stack, program } = await start(rig, { maxJobCreationAttempts: 1, flinkConfiguration: {} });
    const upgrade = program({ parallelism: 2, healthCheck });
    const { lines } = await stack.preview(upgrade);
    assert.ok(
      lines.some(({ level, text }) => level === "warn" && /healthCheck\.completedCheckpoints is 3/.test(text)),
      lines.map(({ text }) => text).join("\n"),
    );
    assert.match(await stack.failingUp(upgrade), /it takes no checkpoints.*Rolled back/s);
  });
});

describe("the conditions JobFailing and JobUnstable of a FlinkDeployment", () => {
  const rig = useRig();

  function condition(stack: Stack, type: DeploymentCondition["type"]): DeploymentCondition {
    return stack.outputs.status.running?.conditions.find((each) => each.type === type) ?? assert.fail(type);
  }

  function failThrice(job: FakeJob | undefined): void {
    for (const each of ["first", "second", "no such topic"]) {
      job?.failAndRestart(each);
      rig.pass(1_000);
    }
  }

  it("are False for a job that has just been started", async () => {
    const { stack } = await start(rig);
    assert.equal(condition(stack, "JobFailing").status, "False");
    assert.equal(condition(stack, "JobUnstable").status, "False");
  });

  it("are seen by a refresh, change with time, and are no news in the next one", async () => {
    const { flink, stack } = await start(rig);
    failThrice(flink.activeJobs()[0]);
    await stack.refresh();
    assert.equal(condition(stack, "JobFailing").status, "True");
    assert.match(condition(stack, "JobFailing").message, /3 or more times .* Its last failure: .*no such topic/);
    const before = stack.outputs;
    rig.pass(5 * MINUTE);
    assert.deepEqual((await stack.refresh()).status, before.status);
    rig.pass(6 * MINUTE);
    await stack.refresh();
    assert.equal(condition(stack, "JobFailing").status, "False");
    assert.equal(condition(stack, "JobUnstable").status, "True");
    assert.ok(
      Date.parse(condition(stack, "JobFailing").lastTransitionTime) >
        Date.parse(condition(stack, "JobUnstable").lastTransitionTime),
    );
  });

  it("give the preview a line and are no change", async () => {
    const { flink, stack, program } = await start(rig);
    assert.deepEqual((await stack.preview(program())).lines, [], "nothing is said of a healthy one");
    failThrice(flink.activeJobs()[0]);
    const { changes, lines } = await stack.preview(program());
    assert.equal(changes, false);
    assert.deepEqual(
      lines.map(({ level, text }) => [level, text.slice(0, 64)]),
      [["warn", "JobFailing: The job restarted 3 or more times within the last 10"]],
    );
    await stack.refresh();
    assert.equal((await stack.preview(program())).changes, false, "a condition in the state is no change either");
    rig.pass(20 * MINUTE);
    assert.match((await stack.preview(program())).lines[0]?.text ?? "", /^JobUnstable: /);
  });

  it("are updated by an up that restarts nothing, and begin anew with a new job", async () => {
    const { flink, stack, program } = await start(rig);
    failThrice(flink.activeJobs()[0]);
    await stack.up(program({ labels: { team: "a" } }));
    assert.equal(condition(stack, "JobFailing").status, "True");
    await stack.up(program({ parallelism: 2 }));
    assert.equal(condition(stack, "JobFailing").status, "False");
  });

  it("are Unknown while the cluster does not answer, in an up that changes nothing as well", async () => {
    const { flink, stack, program } = await start(rig, { timeouts: { unreachable: "1 s" } });
    const gone = flink.fault({}, { status: 503, body: {} });
    await stack.up(program({ labels: { team: "a" }, timeouts: { unreachable: "1 s" } }));
    assert.equal(condition(stack, "ClusterUnreachable").status, "True");
    assert.equal(condition(stack, "JobFailing").status, "Unknown");
    gone.remove();
    await stack.refresh();
    assert.equal(condition(stack, "JobFailing").status, "False");
  });

  it("are Unknown where Flink's words are not understood, which keeps nothing from going on", async () => {
    const { flink, stack, program } = await start(rig);
    flink.fault({ path: /\/exceptions$/ }, { status: 200, body: { exceptionHistory: { entries: ["?"] } } });
    await stack.refresh();
    assert.equal(condition(stack, "JobFailing").status, "Unknown");
    await stack.up(program({ parallelism: 2 }));
    assert.equal(flink.activeJobs()[0]?.parallelism, 2);
  });
});
