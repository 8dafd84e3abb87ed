import assert from "node:assert/strict";
import { assertContinuous, findDiscontinuities, readCounts } from "../rig/countingJob";
import { startRestProxy, type RestProxy } from "../rig/restProxy";
import { until } from "../rig/until";
import { Bench, outputsOf, succeeded } from "./deploymentBench";

// A power failure of the machine that runs Pulumi, in the middle of an upgrade on real Flink.
describe("a FlinkDeployment whose Pulumi is killed", function () {
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

  for (const [when, pattern] of [
    ["while the savepoint is taken", /^POST \/jobs\/[0-9a-f]{32}\/stop$/],
    ["right after the new job was submitted", /^POST \/jars\/.*\/run$/],
  ] as const) {
    it(`goes on ${when}: one savepoint, one job, and nothing more from the provider that was left`, async () => {
      const name = pattern.source.includes("stop") ? "stopping" : "starting";
      const job = { slowSavepoint: 1500 };
      const cluster = (run: string) => ({ cluster: { url: proxy.url, headers: { "X-Run": run } } });
      const stack = await bench.stack(bench.program(name, { job, args: cluster("first") }));
      succeeded(await stack.up());
      await bench.records(name, 20);
      const before = proxy.mutations.length;
      const savepoints = (await bench.savepoints()).length;
      // The same wish, by a header that tells the provider that is left from its successor.
      const upgrade = (run: string) =>
        bench.program(name, { job: { ...job, tag: "b", slowStart: 1500 }, args: cluster(`${name} ${run}`) });

      const update = stack.up({ program: upgrade("killed") });
      await until("the request is on its way", () =>
        Promise.resolve(proxy.mutations.slice(before).some(({ what }) => pattern.test(what))),
      );
      await stack.killCli();
      const sent = proxy.mutations.length;
      assert.notEqual((await update).failure, undefined);
      const { pendingOperations } = await stack.exportState();
      assert.deepEqual(
        pendingOperations.map(({ type }) => type),
        ["updating"],
      );

      await stack.cancel();
      succeeded(await stack.up({ program: upgrade("again") }));
      const { jobId, status } = await outputsOf(stack, name);
      assert.equal(status.state, "RUNNING");
      assert.equal((await bench.activeJob(name)).jid, jobId);
      await until("the provider that was left has ended", () =>
        Promise.resolve(stack.providerProcesses().length === 0),
      );

      assert.deepEqual(
        proxy.mutations.slice(sent).filter(({ run }) => run === `${name} killed`),
        [],
        "the provider that was left changed nothing more",
      );
      const made = proxy.mutations.slice(before).map(({ what }) => what.replace(/^.*\//, ""));
      assert.deepEqual(made, ["stop", "run"]);
      assert.equal((await bench.savepoints()).length, savepoints + 1, "one savepoint");
      assert.equal((await bench.jobs(name)).length, 2);
      await until("the new job has written", async () => {
        const lines = await readCounts(bench.output(name));
        return lines.some(({ tag }) => tag === "b") && findDiscontinuities(lines).length === 0;
      });
      assertContinuous(await readCounts(bench.output(name)));
      assert.equal(succeeded(await stack.up({ program: upgrade("again") })).changes.same, 4);
    });
  }
});
