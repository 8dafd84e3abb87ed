import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment } from "../../index";
import { assertContinuous, readCounts } from "../rig/countingJob";
import { startRestProxy, type RestProxy } from "../rig/restProxy";
import type { Run } from "../rig/run";
import { Bench, lines, outputsOf, succeeded } from "./deploymentBench";

/** A throwaway resource whose address is known only once it is made. Serialized as text. */
class LateAddress extends pulumi.dynamic.Resource {
  declare readonly url: pulumi.Output<string>;

  constructor(name: string, address: string) {
    const provider: pulumi.dynamic.ResourceProvider = {
      create: (inputs: { address: string }) => Promise.resolve({ id: "late", outs: { url: inputs.address } }),
    };
    super(provider, name, { address, url: undefined }, {}, "test", "LateAddress");
  }
}

// What a preview says is what an update does, on real Flink.
describe("the plan of a FlinkDeployment", function () {
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

  /** Fails unless every step was printed once as planned and once as done, in the same order. */
  function assertCarriedOut(run: Run, name: string, steps: RegExp[]): void {
    succeeded(run);
    const planned = lines(run, name, "preview").filter((line) => line.startsWith("plan"));
    const done = lines(run, name, "update");
    const numbers = steps.map((_, index) => (steps.length === 1 ? ":" : ` ${index + 1}/${steps.length}:`));
    assert.deepEqual(
      planned.map((line) => line.slice("plan".length, line.indexOf(":") + 1)),
      numbers,
      planned.join("\n"),
    );
    assert.deepEqual(
      done.map((line) => line.slice("done".length, line.indexOf(":") + 1)),
      numbers,
      done.join("\n"),
    );
    for (const [index, step] of steps.entries()) {
      const [plan, end] = [planned[index] ?? "", done[index] ?? ""];
      assert.match(plan, step);
      const [planWord = "", doneWord = ""] = [plan, end].map((line) => line.replace(/^[^:]*: /, ""));
      // "stop job X …" and "stopped job X …": the same verb, and the same job if the plan knows it.
      assert.equal(doneWord.slice(0, 4), planWord.slice(0, 4), `${plan}\n${end}`);
      const id = /[0-9a-f]{32}/.exec(plan)?.[0];
      assert.ok(id === undefined || end.includes(id), `${plan}\n${end}`);
    }
  }

  it("is printed once in the preview, and each of its steps is reported as done once", async () => {
    const stack = await bench.stack(bench.program("plan"));
    assertCarriedOut(await stack.cliUp(), "plan", [
      /upload counting\.jar \(sha256 [0-9a-f]{12}\) to http/,
      /start the job on http.* empty \(it is the first start\)/,
    ]);
    await bench.records("plan", 20);
    const first = await bench.activeJob("plan");

    const nothing = succeeded(await stack.cliUp());
    assert.deepEqual(nothing.messages("plan"), []);
    assert.equal(nothing.changes.same, 4);

    const upgrade = await stack.cliUp({ program: bench.program("plan", { job: { tag: "b" } }) });
    assertCarriedOut(upgrade, "plan", [/stop job .* with a savepoint/, /start job .* from that savepoint/]);
    const second = await bench.activeJob("plan");
    assert.ok(lines(upgrade, "plan", "preview").join("\n").includes(second.jid), "the plan names the new job");
    const [savepoint] = await bench.savepoints();
    assert.ok(lines(upgrade, "plan", "update")[0]?.endsWith(savepoint ?? "none"));
    assert.ok((await bench.restoredFrom(second.jid))?.endsWith(savepoint ?? "none"));
    assert.equal(await bench.stateOf(first.jid), "FINISHED");

    const suspended = bench.program("plan", { job: { tag: "b" }, args: { state: "SUSPENDED" } });
    assertCarriedOut(await stack.cliUp({ program: suspended }), "plan", [/stop job .* with a savepoint/]);
    assert.deepEqual(await bench.activeJobs("plan"), []);

    const resume = await stack.cliUp({ program: bench.program("plan", { job: { tag: "c" } }) });
    assertCarriedOut(resume, "plan", [/start job .* from savepoint .*savepoint-\S+ \(.* old\)/]);

    const { onDeletePlan } = await outputsOf(stack, "plan");
    assert.match(onDeletePlan, /^stop job [0-9a-f]{32} with a savepoint/);
    const destroyed = succeeded(await stack.destroy());
    const last = (await bench.savepoints()).find((name) => lines(destroyed, "plan").some((l) => l.endsWith(name)));
    assert.ok(
      last !== undefined,
      `a lasting line holds the path of the last savepoint: ${lines(destroyed, "plan").join("; ")}`,
    );
    assert.deepEqual(await bench.activeJobs("plan"), []);
    const { files } = await bench.get<{ files: unknown[] }>("/jars");
    assert.deepEqual(files, [], "no jar is left");
    const tags = assertContinuous(await readCounts(bench.output("plan")));
    assert.deepEqual(Object.keys(tags).sort(), ["a", "b", "c"]);
  });

  it("restarts nothing for a change of policy, nor for one that waits under NONE, which is no eternal difference", async () => {
    const stack = await bench.stack(bench.program("policy"));
    succeeded(await stack.up());
    const before = await bench.activeJob("policy");

    const args = { labels: { team: "a" }, timeouts: { running: "4 min" }, maxEvents: 7 };
    assertCarriedOut(await stack.cliUp({ program: bench.program("policy", { args }) }), "policy", [
      /record the change; the job is not restarted/,
    ]);

    const none = bench.program("policy", { job: { tag: "b" }, args: { upgradeStrategy: { kind: "NONE" } } });
    const waiting = await stack.cliUp({ program: none });
    assertCarriedOut(waiting, "policy", [/record the change; the job keeps running as it is/]);
    assert.match(lines(waiting, "policy", "preview")[0] ?? "", /^upgradeStrategy is NONE and job .* is RUNNING/);
    assert.match((await outputsOf(stack, "policy")).status.pendingUpgrade ?? "", /NONE/);

    const again = succeeded(await stack.cliUp({ program: none }));
    assert.equal(again.changes.same, 4);
    assert.deepEqual(again.messages("policy"), []);
    assert.equal((await bench.activeJob("policy")).jid, before.jid);
  });

  it("is told for a cluster that is still to be made", async () => {
    const program = () => {
      const { url } = new LateAddress("address", bench.flink.url);
      new FlinkDeployment("early", bench.args("early", { args: { cluster: { url } } }));
      return Promise.resolve();
    };
    const stack = await bench.stack(program);
    assertCarriedOut(await stack.cliUp(), "early", [
      /upload counting\.jar .* to the new cluster/,
      /start the job on the new cluster empty/,
    ]);
    await bench.activeJob("early");
  });

  it("is told in bounded time when the cluster does not answer, and without asking it where that is not wanted", async () => {
    proxy = await startRestProxy(bench.flink.url);
    const cluster = { url: proxy.url };
    const stack = await bench.stack(bench.program("silent", { args: { cluster } }));
    succeeded(await stack.up());
    const { jid } = await bench.activeJob("silent");
    const program = bench.program("silent", { job: { tag: "b" }, args: { cluster } });

    proxy.silent = true;
    const begun = Date.now();
    const blind = succeeded(await stack.preview({ program }));
    assert.ok(Date.now() - begun < 40_000);
    assert.match(lines(blind, "silent").join("\n"), /did not answer within 5 s/);

    const same = succeeded(await stack.preview());
    assert.equal(same.changes.same, 4);
    assert.match(lines(same, "silent").join("\n"), /does not answer .*; nothing is changed/);

    await stack.setConfig("flink:observeInPreview", "false");
    const asked = proxy.requests;
    const unseen = succeeded(await stack.preview({ program }));
    assert.equal(proxy.requests, asked);
    assert.match(lines(unseen, "silent").join("\n"), /flink:observeInPreview is false/);
    assert.match(lines(unseen, "silent").join("\n"), new RegExp(`stop job ${jid} with a savepoint`));
  });
});
