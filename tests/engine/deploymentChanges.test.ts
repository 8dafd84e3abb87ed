import assert from "node:assert/strict";
import { FlinkDeployment, type FlinkDeploymentArgs } from "../../index";
import type { Run } from "../rig/run";
import { assertContinuous, readCounts } from "../rig/countingJob";
import type { RigStack } from "../rig/engine";
import { startRestProxy, type RestProxy } from "../rig/restProxy";
import { until } from "../rig/until";
import { Bench, lines, outputsOf, succeeded, type Wish } from "./deploymentBench";

// What users and the outside world do to a stack between two updates, on real Flink.
describe("a FlinkDeployment over several updates", function () {
  this.timeout(300_000);

  let bench: Bench;
  let proxy: RestProxy | undefined;

  before(async function () {
    this.timeout(30 * 60_000);
    bench = await Bench.start();
  });

  afterEach(async () => {
    await bench.tidy();
    await proxy?.close();
    proxy = undefined;
  });

  after(() => bench.stop());

  /** A program of several deployments. */
  function several(wishes: Record<string, Wish>): () => Promise<void> {
    return () => {
      for (const [name, wish] of Object.entries(wishes)) new FlinkDeployment(name, bench.args(name, wish), wish.opts);
      return Promise.resolve();
    };
  }

  async function urnOf(stack: RigStack, name: string): Promise<string> {
    return (await stack.exportState()).resource(name).urn;
  }

  async function jobIdOf(name: string): Promise<string> {
    return (await bench.activeJob(name)).jid;
  }

  function failed(run: Run, pattern: RegExp): void {
    assert.match(run.failure ?? "it succeeded", pattern);
  }

  it("brings a job back that somebody cancelled, and one that failed, from its newest checkpoint", async () => {
    const stack = await bench.stack(bench.program("lost"));
    succeeded(await stack.up());
    await bench.records("lost", 20);
    const first = await jobIdOf("lost");
    await bench.cancel(first);

    const seen = succeeded(await stack.refresh());
    assert.equal(seen.changes.update, 1);
    assert.equal((await outputsOf(stack, "lost")).status.state, "CANCELLED");
    const back = succeeded(await stack.cliUp());
    assert.deepEqual(back.operations("lost", "update"), ["update"]);
    assert.match(lines(back, "lost", "preview")[0] ?? "", /^plan: start job .* from checkpoint .*chk-\d+ \(/);
    const second = await jobIdOf("lost");
    assert.match((await bench.restoredFrom(second)) ?? "none", new RegExp(`${first}/chk-\\d+$`));

    const failing = { job: { tag: "b", failAfter: 50 } };
    succeeded(await stack.up({ program: bench.program("lost", failing) }));
    const third = (await outputsOf(stack, "lost")).jobId ?? "none";
    await until("the job has failed", async () => (await bench.stateOf(third)) === "FAILED");
    const refreshed = succeeded(await stack.up({ program: bench.program("lost", failing), refresh: true }));
    assert.deepEqual(refreshed.operations("lost").at(-1), "update");
    const [job] = (await outputsOf(stack, "lost")).jobs;
    assert.match(job?.restoredFrom ?? "none", new RegExp(`${third}/chk-\\d+$`));
    const ended = (await outputsOf(stack, "lost")).jobs.find(({ id }) => id === third);
    assert.equal(ended?.state, "FAILED");
  });

  it("finishes a transition that failed although a refresh came in between, and keeps the old job meanwhile", async () => {
    const stack = await bench.stack(bench.program("mended"));
    succeeded(await stack.up());
    await bench.records("mended", 20);
    const broken = await stack.up({ program: bench.program("mended", { job: { tag: "b", failAtStart: true } }) });
    failed(broken, /Rolled back: the old job runs again/);
    const errors = broken.diagnostics.filter(({ severity, urn }) => severity === "error" && urn !== undefined);
    const onRow = errors.filter(({ urn }) => urn?.endsWith("::mended")).map(({ message }) => message);
    assert.equal(onRow.length, 1, "the error is said once");
    assert.doesNotMatch(broken.failure ?? "", /\n\s+at .*\.js:\d+/, "without a stack trace");
    const kept = await jobIdOf("mended");
    const { status } = await outputsOf(stack, "mended");
    assert.equal(status.state, "FAILED");
    assert.equal(status.running?.jobId, kept);
    assert.match(status.failure?.message ?? "", /--fail-at-start/);

    succeeded(await stack.refresh());
    const goOn = succeeded(await stack.cliUp({ program: bench.program("mended", { job: { tag: "b" } }) }));
    assert.deepEqual(goOn.operations("mended", "update"), ["update"]);
    assert.equal((await outputsOf(stack, "mended")).status.state, "RUNNING");
    await bench.records("mended", 100);
    await until("the new version has written", async () => {
      return (await readCounts(bench.output("mended"))).some(({ tag }) => tag === "b");
    });
    assertContinuous(await readCounts(bench.output("mended")));
  });

  it("is what it was when the program is reverted after a failed upgrade", async () => {
    const stack = await bench.stack(bench.program("reverted"));
    succeeded(await stack.up());
    await bench.records("reverted", 20);
    failed(
      await stack.up({ program: bench.program("reverted", { job: { tag: "b", failAtStart: true } }) }),
      /Rolled back/,
    );
    const back = await jobIdOf("reverted");

    const reverted = succeeded(await stack.cliUp());
    assert.match(
      lines(reverted, "reverted", "preview").join("\n"),
      /^plan: record the change; the job is not restarted$/,
    );
    assert.equal(await jobIdOf("reverted"), back);
    const { status, jobId } = await outputsOf(stack, "reverted");
    assert.deepEqual([status.state, status.failure, jobId], ["RUNNING", undefined, back]);
    assert.equal(succeeded(await stack.cliUp()).changes.same, 4);
  });

  it("is upgraded alone when it is the target, and goes on from its own savepoint when it is replaced", async () => {
    const stack = await bench.stack(several({ east: {}, west: {} }));
    succeeded(await stack.up());
    await bench.records("west", 20);
    const before = { east: await jobIdOf("east"), west: await jobIdOf("west") };

    const changed = several({ east: { job: { tag: "b" } }, west: { job: { tag: "b" } } });
    const west = await urnOf(stack, "west");
    succeeded(await stack.up({ program: changed, target: [west] }));
    assert.equal(await jobIdOf("east"), before.east);
    const upgraded = await jobIdOf("west");
    assert.notEqual(upgraded, before.west);

    const replaced = succeeded(await stack.cliUp({ program: changed, target: [west], replace: [west] }));
    const shown = lines(replaced, "west", "preview");
    const replacement = shown.indexOf("If Pulumi replaces the deployment, which deletes it first:");
    const planned = shown.slice(replacement + 1).map((line) => line.replace(/^plan \d\/\d: /, ""));
    assert.equal(planned.length, 4, planned.join("\n"));
    const [stop = "", clean = "", upload = "", start = ""] = planned;
    assert.ok(stop.startsWith(`stop job ${upgraded} with a savepoint`), stop);
    assert.match(clean, /^delete jars/);
    assert.match(upload, /^upload /);
    assert.match(start, /^start job [0-9a-f]{32} on .* from that savepoint$/);
    const now = await jobIdOf("west");
    assert.ok(start.includes(now), `the plan ${start} names the job ${now}`);
    assert.deepEqual(
      lines(replaced, "west", "update").map((line) => /^done \d\/\d: (\w{4})/.exec(line)?.[1]),
      ["stop", "dele", "uplo", "star"],
    );
    const savepoint = lines(replaced, "west", "update")[0]?.replace(/^.*\//, "") ?? "none";
    assert.ok((await bench.restoredFrom(now))?.endsWith(savepoint));
    assertContinuous(await readCounts(bench.output("west")));
    assert.equal(await jobIdOf("east"), before.east);
  });

  it("keeps its job through a rename, and shares nothing with a new deployment of its old name", async () => {
    const old: FlinkDeploymentArgs = bench.args("first");
    const stack = await bench.stack(() => {
      new FlinkDeployment("old", old);
      return Promise.resolve();
    });
    succeeded(await stack.up());
    const { uid } = await outputsOf(stack, "old");
    const job = await jobIdOf("first");

    const renamed = (): void => void new FlinkDeployment("new", old, { aliases: [{ name: "old" }] });
    const rename = succeeded(
      await stack.cliUp({
        program: () => {
          renamed();
          return Promise.resolve();
        },
      }),
    );
    assert.equal(rename.changes.same, 4);
    assert.equal((await outputsOf(stack, "new")).uid, uid);

    succeeded(
      await stack.up({
        program: () => {
          renamed();
          new FlinkDeployment("old", bench.args("second"));
          return Promise.resolve();
        },
      }),
    );
    const namesake = await outputsOf(stack, "old");
    assert.notEqual(namesake.uid, uid);
    assert.equal(await jobIdOf("first"), job);
    assert.equal(await jobIdOf("second"), namesake.jobId);
    assert.notEqual(namesake.jobId, job);
  });

  it("is not restarted by a token that changes, and can be destroyed with the newest one", async () => {
    proxy = await startRestProxy(bench.flink.url);
    const { url } = proxy;
    const withToken = (bearerToken: string) => bench.program("token", { args: { cluster: { url, bearerToken } } });
    proxy.authorization = "Bearer first";
    const stack = await bench.stack(withToken("first"));
    succeeded(await stack.up());
    const job = await jobIdOf("token");

    proxy.authorization = "Bearer second";
    const changes = proxy.mutations.length;
    const rotated = succeeded(await stack.cliUp({ program: withToken("second") }));
    assert.match(lines(rotated, "token", "preview").join("\n"), /^plan: record the change; the job is not restarted$/);
    assert.equal(await jobIdOf("token"), job);
    assert.equal(proxy.mutations.length, changes);
    assert.equal(proxy.turnedAway, 0);

    proxy.authorization = "Bearer third";
    const refused = await stack.destroy();
    failed(refused, /401[^]*PULUMI_FLINK_BEARER_TOKEN/);
    assert.doesNotMatch(refused.failure ?? "", /Bearer second/);
    assert.equal(await jobIdOf("token"), job);
    stack.environment.PULUMI_FLINK_BEARER_TOKEN = "third";
    succeeded(await stack.destroy());
    assert.deepEqual(await bench.activeJobs("token"), []);
  });
});
