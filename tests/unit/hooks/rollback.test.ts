import assert from "node:assert/strict";
import type { Arguments } from "../../rig/deploymentRuns";
import type { FakeFlink, RunOutcome } from "../../rig/fakeFlink";
import { mutations, start, useRig, type Running } from "./fixture";

const FAILS: RunOutcome = { status: "FAILED", exception: "no such topic" };
const ONCE = { maxJobCreationAttempts: 1 };

describe("the hooks of a FlinkDeployment whose new job does not come up", () => {
  const rig = useRig();

  /** The new job, with two subtasks, ends so; the old one, with one, so. */
  function script(flink: FakeFlink, news: RunOutcome, olds: RunOutcome = "run"): void {
    flink.script.run = ({ parallelism }) => (parallelism === 2 ? news : olds);
  }

  async function failing(changes: Arguments = {}, news = FAILS, olds?: RunOutcome) {
    const running = await start(rig, { ...ONCE, ...changes });
    const [old] = running.flink.activeJobs();
    assert.ok(old);
    script(running.flink, news, olds);
    return { ...running, old, upgrade: running.program({ parallelism: 2 }) };
  }

  /** The savepoint of the stop is recorded, no job runs, and the next up goes on from `from`. */
  async function goesOnFrom(from: string, { flink, stack }: Running, upgrade: Arguments): Promise<void> {
    assert.deepEqual(flink.activeJobs(), []);
    const { status, record } = stack.outputs;
    assert.equal(status.state, "FAILED");
    assert.equal(status.running, undefined);
    assert.notEqual(record.transition, undefined);
    const { changes, lines } = await stack.preview(upgrade);
    assert.equal(changes, true);
    const plan = lines.map(({ text }) => text).filter((text) => text.startsWith("plan"));
    assert.ok(
      plan.some((line) => line.includes("start job") && line.includes(from)),
      plan.join("\n"),
    );
    assert.equal(
      plan.some((line) => line.includes("stop job")),
      false,
    );
    flink.script.run = () => "run";
    await stack.up(upgrade);
    const [now, ...others] = flink.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(now?.parallelism, 2);
    assert.equal(now?.submission?.savepointPath, from);
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal((await stack.preview(upgrade)).changes, false);
  }

  it("name the root cause although Flink's cache still holds the job as it was while it was FAILING", async () => {
    const { flink, stack, program } = await start(rig, ONCE, { version: "2.3.0" });
    flink.refreshIntervalMs = 3_000;
    script(flink, { ...FAILS, failing: 2 });
    const message = await stack.failingUp(program({ parallelism: 2 }));
    assert.match(message, /did not come up in 1 attempt: job \w+ ended FAILED: .*no such topic.*Rolled back/);
  });

  it("cancel the new job that does not run in time, and only then bring the old one back", async () => {
    const { flink, stack, old, upgrade } = await failing({ timeouts: { running: "1 s" } }, "stuck");
    const message = await stack.failingUp(upgrade);
    assert.match(message, /0 of \d tasks running after timeouts\.running and was cancelled.*Rolled back/);
    const [back, ...others] = flink.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(back?.parallelism, 1);
    assert.equal(back?.submission?.savepointPath, old.latestState?.path);
    const tried = [...flink.jobs.values()].find(({ parallelism }) => parallelism === 2);
    assert.equal(tried?.status, "CANCELED");
    assert.deepEqual(
      mutations(flink)
        .slice(-3)
        .map((each) => each.replace(/^(\w+) .*?(\/run)?$/, "$1$2")),
      ["POST/run", "PATCH", "POST/run"],
    );
  });

  it("tell the truth in the preview after a rollback: the old job runs, and is upgraded anew", async () => {
    const { flink, stack, program, old, upgrade } = await failing();
    await stack.failingUp(upgrade);
    const [back] = flink.activeJobs();
    assert.ok(back);
    const again = await stack.preview(upgrade);
    assert.equal(again.changes, true);
    const plan = again.lines.map(({ text }) => text);
    assert.ok(
      plan.some((line) => line.includes(`stop job ${back.id} with a savepoint`)),
      plan.join("\n"),
    );
    assert.ok(plan.some((line) => line.includes("roll back to the old job")));
    // Back to the old arguments: the job that was brought back is what is asked for.
    const stay = await stack.preview(program());
    assert.equal(
      stay.lines.some(({ text }) => text.includes("stop job")),
      false,
    );
    await stack.up(program());
    assert.deepEqual(
      flink.activeJobs().map(({ id }) => id),
      [back.id],
    );
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("name both causes and the savepoint when the old job does not come up either, and go on from it later", async () => {
    const running = await failing({}, FAILS, { reject: "the old topic is gone, too" });
    const { stack, old, upgrade } = running;
    const message = await stack.failingUp(upgrade);
    const savepoint = old.latestState?.path ?? assert.fail();
    assert.match(message, /no such topic.*Rolling back to the old job failed too: .*the old topic is gone, too/s);
    assert.ok(message.includes(`The state is safe: ${savepoint}`), message);
    assert.match(message, /FLINK_ROLLBACK_FAILED/);
    assert.equal(stack.outputs.latestSavepoint, savepoint);
    await goesOnFrom(savepoint, running, upgrade);
    assert.equal(running.flink.storage.repeated(old.lineage), 0);
  });

  it("name both causes and the savepoint when the old cluster does not answer any more, and go on later", async () => {
    const running = await start(rig, { ...ONCE, timeouts: { unreachable: "50 ms" } });
    const { flink, stack, program } = running;
    const [old] = flink.activeJobs();
    assert.ok(old);
    const other = await rig.flink({ storage: flink.storage });
    const { url } = flink;
    let gone: { remove: () => void } | undefined;
    other.script.run = () => {
      // It goes away while the new job is tried.
      gone ??= flink.fault({}, { status: 503, body: {} });
      return FAILS;
    };
    const upgrade = program({ parallelism: 2, cluster: { url: other.url } });
    const message = await stack.failingUp(upgrade);
    const savepoint = old.latestState?.path ?? assert.fail();
    assert.match(message, /no such topic/);
    assert.ok(message.includes(savepoint), message);
    assert.ok(message.includes(new URL(url).host), "the cluster that did not answer is named");
    assert.equal(stack.outputs.latestSavepoint, savepoint);
    assert.equal(stack.outputs.status.state, "FAILED");

    other.script.run = () => "run";
    assert.match(await stack.failingUp(upgrade), /does not answer.*If that cluster is gone for good, give its job up/);
    assert.deepEqual(other.activeJobs(), [], "the old job may run there");
    gone?.remove();
    await stack.up(upgrade);
    const [now, ...others] = other.activeJobs();
    assert.deepEqual(others, []);
    assert.equal(now?.submission?.savepointPath, savepoint);
    assert.equal(stack.outputs.status.state, "RUNNING");
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("say before that no rollback is possible where the old jar is gone, and name the savepoint", async () => {
    const running = await failing();
    const { flink, stack, old, program } = running;
    const [jar] = flink.jars;
    await fetch(`${flink.url}/jars/${jar?.id ?? ""}`, { method: "DELETE" });
    const upgrade = program({ parallelism: 2, artifact: { jarUri: await rig.jar("second") } });
    const { lines } = await stack.preview(upgrade);
    assert.ok(
      lines.some(
        ({ level, text }) => level === "warn" && /No rollback is possible .*no longer holds the old jar/.test(text),
      ),
      lines.map(({ text }) => text).join("\n"),
    );
    const message = await stack.failingUp(upgrade);
    const savepoint = old.latestState?.path ?? assert.fail();
    assert.match(message, /no such topic.*No job runs now/s);
    assert.ok(message.includes(`The state is safe: ${savepoint}`), message);
    await goesOnFrom(savepoint, running, upgrade);
  });

  it("name the savepoint where rollback is switched off", async () => {
    const running = await failing({ rollback: false });
    const { stack, old, program } = running;
    const upgrade = program({ parallelism: 2 });
    const { lines } = await stack.preview(upgrade);
    assert.equal(
      lines.some(({ text }) => /roll ?back/i.test(text)),
      false,
    );
    const message = await stack.failingUp(upgrade);
    const savepoint = old.latestState?.path ?? assert.fail();
    assert.ok(message.includes(`The state is safe: ${savepoint}`), message);
    await goesOnFrom(savepoint, running, upgrade);
  });

  it("keep the state of a try that had completed checkpoints, and name both choices and what each repeats", async () => {
    const running = await failing({ timeouts: { running: "1 s" } }, "stuck");
    const { flink, stack, old, upgrade } = running;
    flink.script.run = ({ parallelism }) => (parallelism === 2 ? "stuck" : "run");
    const upgrading = stack.failingUp(upgrade);
    while (flink.submissions.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const tried = flink.activeJobs().find(({ parallelism }) => parallelism === 2);
    tried?.checkpoint();
    const message = await upgrading;
    const savepoint = old.latestState?.path ?? assert.fail();
    const kept = tried?.latestState?.path ?? assert.fail();
    assert.match(message, /nothing was rolled back and its state is kept/);
    assert.match(message, /Choose: mend it and run `pulumi up` again: .* repeats only what came after that checkpoint/);
    assert.ok(message.includes(kept), message);
    assert.ok(message.includes(`Or go back: set initialSavepointPath to ${savepoint}`), message);
    assert.match(message, /everything since that snapshot is done again/);
    assert.equal(
      stack.outputs.events.some(({ reason }) => reason === "Rollback"),
      false,
    );
    await goesOnFrom(kept, running, upgrade);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("bring a STATELESS job back from the checkpoint that its cancelling left", async () => {
    const { flink, stack, old, upgrade } = await failing({ upgradeStrategy: { kind: "STATELESS" } });
    const message = await stack.failingUp(upgrade);
    assert.match(message, /no such topic.*Rolled back/s);
    assert.equal(old.status, "CANCELED");
    const [back] = flink.activeJobs();
    assert.equal(back?.parallelism, 1);
    assert.equal(back?.submission?.savepointPath, old.latestState?.path);
    assert.equal(flink.storage.repeated(old.lineage), 0);
    flink.script.run = () => "run";
    await stack.up(upgrade);
    assert.equal(flink.activeJobs()[0]?.parallelism, 2);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("roll back across Flink versions, onto the cluster of the old one", async () => {
    const running = await start(rig, ONCE, { version: "1.20.0" });
    const { flink, stack, program } = running;
    const [old] = flink.activeJobs();
    assert.ok(old);
    const other = await rig.flink({ storage: flink.storage, version: "2.3.0" });
    script(other, FAILS);
    const upgrade = program({ parallelism: 2, cluster: { url: other.url } });
    const message = await stack.failingUp(upgrade);
    assert.match(
      message,
      new RegExp(`no such topic.*Rolled back: the old job runs again as \\w+ on ${flink.url}`, "s"),
    );
    assert.deepEqual(other.activeJobs(), []);
    const [back] = flink.activeJobs();
    assert.equal(back?.submission?.savepointPath, old.latestState?.path);
    assert.ok(stack.outputs.webInterfaceUrl?.startsWith(flink.url), "the record speaks of the old cluster");
    other.script.run = () => "run";
    await stack.up(upgrade);
    assert.deepEqual(flink.activeJobs(), []);
    assert.equal(other.activeJobs().length, 1);
    assert.equal(flink.storage.repeated(old.lineage), 0);
  });

  it("leave everything to the next up when the engine goes away before the rollback", async () => {
    const { flink, stack, old, upgrade } = await failing();
    rig.muteConsole();
    flink.script.run = ({ parallelism }) => {
      if (parallelism === 2) stack.engine.close();
      return parallelism === 2 ? FAILS : "run";
    };
    await stack.failingUp(upgrade);
    assert.equal(flink.submissions.length, 2, "the old job is not started by a process that nobody waits for");
    assert.deepEqual(flink.activeJobs(), []);
    flink.script.run = () => "run";
    await rig.anotherEngine(stack);
    await stack.up(upgrade);
    assert.equal(flink.activeJobs()[0]?.submission?.savepointPath, old.latestState?.path);
  });
});
