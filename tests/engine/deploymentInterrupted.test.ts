import assert from "node:assert/strict";
import { assertContinuous, findDiscontinuities, readCounts } from "../rig/countingJob";
import { startRestProxy, type RestProxy } from "../rig/restProxy";
import { until } from "../rig/until";
import { Bench, outputsOf, succeeded } from "./deploymentBench";

// Ctrl-C, once, in the middle of an upgrade on real Flink.
describe("a FlinkDeployment whose Pulumi is interrupted", function () {
  this.timeout(300_000);

  let bench: Bench;
  let proxy: RestProxy;

  before(async function () {
    this.timeout(30 * 60_000);
    bench = await Bench.start();
    proxy = await startRestProxy(bench.flink.url);
  });

  afterEach(() => bench.tidy());

  after(async () => {
    await proxy.close();
    await bench.stop();
  });

  it("is told meanwhile how a savepoint of 20 s goes, and then succeeds", async () => {
    const job = { slowSavepoint: 20_000 };
    const stack = await bench.stack(bench.program("patient", { job }));
    succeeded(await stack.up());
    await bench.records("patient", 20);
    const run = succeeded(await stack.up({ program: bench.program("patient", { job: { tag: "b" } }) }));
    const told = run.messages("patient").filter((line) => /^savepoint of job \w+ in progress/.test(line));
    assert.ok(told.length >= 5, told.join("\n"));
    assert.equal((await bench.activeJob("patient")).jid, (await outputsOf(stack, "patient")).jobId);
  });

  for (const [name, when, pattern, slow] of [
    ["stopping", "while the savepoint is taken", /\/stop$/, { slowSavepoint: 20_000 }],
    ["starting", "while it waits for the new job", /\/run$/, { slowStart: 20_000 }],
  ] as const) {
    it(`saves what was done ${when}, at once, and the next up goes on: one savepoint, one job`, async () => {
      const args = { cluster: { url: proxy.url } };
      // What is slow in the upgrade alone: the savepoint of the old job, or the start of the new one.
      const old = "slowSavepoint" in slow ? slow : {};
      const stack = await bench.stack(bench.program(name, { job: old, args }));
      succeeded(await stack.up());
      await bench.records(name, 20);
      const before = proxy.mutations.length;
      const savepoints = (await bench.savepoints()).length;
      const upgrade = bench.program(name, { job: { tag: "b", ...("slowStart" in slow ? slow : {}) }, args });

      const ctrlC = new AbortController();
      const update = stack.up({ program: upgrade, signal: ctrlC.signal });
      await until("the request is on its way", () =>
        Promise.resolve(proxy.mutations.slice(before).some(({ what }) => pattern.test(what))),
      );
      ctrlC.abort();
      const { failure } = await update;
      assert.match(failure ?? "it succeeded", /FLINK_INTERRUPTED/);
      const { pendingOperations } = await stack.exportState();
      assert.deepEqual(pendingOperations, [], "the engine has saved the outcome");
      const { status, latestSavepoint } = await outputsOf(stack, name);
      assert.equal(status.state, "TRANSITIONING");
      if (name === "starting") assert.match(latestSavepoint ?? "", /savepoint-/);

      succeeded(await stack.up({ program: upgrade }));
      const after = await outputsOf(stack, name);
      assert.equal(after.status.state, "RUNNING");
      assert.equal((await bench.activeJob(name)).jid, after.jobId);
      const made = proxy.mutations.slice(before).map(({ what }) => what.replace(/^.*\//, ""));
      assert.deepEqual(made, ["stop", "run"]);
      assert.equal((await bench.savepoints()).length, savepoints + 1, "one savepoint");
      await until("the new job has written", async () => {
        const lines = await readCounts(bench.output(name));
        return lines.some(({ tag }) => tag === "b") && findDiscontinuities(lines).length === 0;
      });
      assertContinuous(await readCounts(bench.output(name)));
      assert.equal(succeeded(await stack.up({ program: upgrade })).changes.same, 4);
    });
  }
});
