import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, Savepoint, type SavepointArgs } from "../../index";
import type { SavepointOutputs } from "../../provider/savepoint/inputs";
import type { RigStack } from "../rig/engine";
import { Bench, lines, succeeded, type Wish } from "./deploymentBench";

// A Savepoint between two deployments of one program, on real Flink.
describe("a Savepoint on the real engine", function () {
  this.timeout(300_000);

  let bench: Bench;

  before(async function () {
    this.timeout(30 * 60_000);
    bench = await Bench.start();
  });

  afterEach(() => bench.tidy());

  after(() => bench.stop());

  interface Program {
    readonly origin?: Wish;
    readonly savepoint?: SavepointArgs;
    /** A deployment that starts from it. */
    readonly copy?: Wish;
  }

  function program({ origin = {}, savepoint, copy }: Program): PulumiFn {
    return () => {
      const deployment = new FlinkDeployment("origin", bench.args("origin", origin));
      const { events, jobs, savepoints } = deployment;
      const outputs = { events, jobs, savepoints };
      if (savepoint === undefined) return Promise.resolve(outputs);
      const { path } = new Savepoint("nightly", { deployment, disposeOnDelete: true, ...savepoint });
      if (copy !== undefined) {
        const args = { ...copy.args, initialSavepointPath: path };
        new FlinkDeployment("copy", bench.args("copy", { ...copy, args }));
      }
      return Promise.resolve({ ...outputs, path });
    };
  }

  async function outputsOf(stack: RigStack): Promise<SavepointOutputs> {
    return (await stack.exportState()).resource("nightly").outputs as unknown as SavepointOutputs;
  }

  function isThere(path: string): boolean {
    return existsSync(fileURLToPath(path));
  }

  it("is taken of the deployment's job, starts another one, is replaced by its triggers, and goes with the stack", async () => {
    const first = program({ savepoint: { triggers: [1] }, copy: {} });
    const stack = await bench.stack(first);
    const created = succeeded(await stack.cliUp());
    assert.deepEqual(lines(created, "nightly", "preview"), [
      `plan: take a savepoint of the job that the deployment then runs on ${bench.flink.url}; the job goes on`,
    ]);
    const origin = await bench.activeJob("origin");
    const { path, jobId, sizeBytes = 0, time } = await outputsOf(stack);
    assert.equal(jobId, origin.jid);
    assert.ok(isThere(path) && sizeBytes > 0 && time !== undefined);
    assert.equal((await stack.outputs())["path"]?.value, path);
    const copy = await bench.activeJob("copy");
    assert.equal(await bench.restoredFrom(copy.jid), path);
    assert.equal((await stack.cliUp()).changes.same, 9);

    // The job moves on: that alone takes nothing.
    const upgraded = program({ origin: { job: { tag: "b" } }, savepoint: { triggers: [1] }, copy: {} });
    const moved = succeeded(await stack.cliUp({ program: upgraded }));
    assert.deepEqual(moved.operations("nightly", "update"), ["same"]);
    assert.equal((await outputsOf(stack)).path, path);

    const again = program({ origin: { job: { tag: "b" } }, savepoint: { triggers: [2] }, copy: {} });
    const replaced = succeeded(await stack.cliUp({ program: again }));
    const order = replaced.steps
      .filter(
        ({ phase, urn, op }) => phase === "update" && /nightly|copy$/.test(urn) && !["same", "replace"].includes(op),
      )
      .map(({ op, urn }) => `${op} ${urn.slice(urn.lastIndexOf(":") + 1)}`);
    assert.deepEqual(order, [
      "create-replacement nightly-identity",
      "create-replacement nightly",
      "update copy",
      "delete-replaced nightly",
      "delete-replaced nightly-identity",
    ]);
    assert.match(
      lines(replaced, "nightly", "preview").join("\n"),
      /another savepoint, for triggers changed; then dispose of/,
    );
    const renewed = await outputsOf(stack);
    assert.equal(renewed.jobId, (await bench.activeJob("origin")).jid);
    assert.deepEqual([isThere(path), isThere(renewed.path)], [false, true]);
    assert.equal((await bench.activeJob("copy")).jid, copy.jid, "another path alone restarts nothing");

    const { events, jobs, savepoints } = await stack.outputs();
    assert.deepEqual([events?.secret, jobs?.secret, savepoints?.secret], [false, false, false]);
    const reasons = (events?.value as { reason: string }[]).map(({ reason }) => reason);
    for (const reason of ["Upload", "Submit", "SpecChanged", "Snapshot", "JobStatusChanged"]) {
      assert.ok(reasons.includes(reason), `${reason} is not among ${reasons.join(", ")}`);
    }

    const destroyed = succeeded(await stack.destroy());
    assert.match(lines(destroyed, "nightly").join("\n"), new RegExp(`disposed of savepoint ${renewed.path}`));
    assert.equal(isThere(renewed.path), false);
  });

  it("keeps what --replace gives again, and refreshes to itself", async () => {
    const stack = await bench.stack(program({ savepoint: {} }));
    succeeded(await stack.up());
    const { path } = await outputsOf(stack);
    assert.equal(succeeded(await stack.refresh()).changes.update, undefined);
    const { urn } = (await stack.exportState()).resource("nightly");
    succeeded(await stack.up({ replace: [urn] }));
    const { path: replaced } = await outputsOf(stack);
    assert.ok(isThere(replaced));
    assert.equal(replaced, path, "for as long as Flink remembers its trigger");
  });

  it("fails in words where there is no job, and is made once there is", async () => {
    const suspended = program({ origin: { args: { state: "SUSPENDED" } }, savepoint: {} });
    const stack = await bench.stack(suspended);
    const refused = await stack.cliUp();
    assert.match(
      refused.failure ?? "",
      /No savepoint can be taken: the deployment has no active job.*FLINK_JOB_NOT_RUNNING/s,
    );
    assert.doesNotMatch(refused.failure ?? "", /\n\s+at .*\.js:\d+/, "without a stack trace");
    succeeded(await stack.cliUp({ program: program({ savepoint: {} }) }));
    assert.ok(isThere((await outputsOf(stack)).path));
  });

  it("keeps the credentials of its cluster out of the state's clear text", async () => {
    const cluster = { url: bench.flink.url, headers: { "X-Key": "hunter2-of-the-cluster" } };
    const stack = await bench.stack(program({ origin: { args: { cluster } }, savepoint: {} }));
    const run = succeeded(await stack.cliUp());
    assert.doesNotMatch(run.stdout + run.eventLog, /hunter2-of-the-cluster/);
    assert.doesNotMatch((await stack.exportState()).text, /hunter2-of-the-cluster/);
    assert.match((await stack.exportState({ showSecrets: true })).text, /hunter2-of-the-cluster/);
  });
});
