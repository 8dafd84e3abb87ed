import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, type FlinkDeploymentArgs } from "../../index";
import { startRestProxy, type RestProxy } from "../rig/restProxy";
import type { RigStack } from "../rig/engine";
import { Bench, lines, succeeded } from "./deploymentBench";

/** None of these may stand in the state or in anything printed. */
const SECRETS = {
  token: "token-7f3a",
  password: "password-7f3b",
  header: "header-7f3c",
  argument: "argument-7f3d",
  setting: "setting-7f3e",
};

// What a state file and a terminal show of a deployment's secrets, on the real engine.
describe("the secrets and check failures of a FlinkDeployment", function () {
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

  /** Arguments that hold every kind of secret; `credentials` are given as plain texts. */
  function args(
    name: string,
    credentials: object,
    job: { tag?: string; failAtStart?: boolean } = {},
  ): FlinkDeploymentArgs {
    const plain = bench.args(name, { job });
    const { jarUri, mainArgs } = plain.artifact as { jarUri: string; mainArgs: string[] };
    return {
      ...plain,
      cluster: { url: proxy.url, headers: { "X-Key": SECRETS.header }, ...credentials },
      artifact: { jarUri, mainArgs: [...mainArgs, "--extra-operator", pulumi.secret(SECRETS.argument)] },
      flinkConfiguration: {
        "execution.checkpointing.interval": "100 ms",
        "restart-strategy.type": "none",
        "s3.secret-key": pulumi.secret(SECRETS.setting),
      },
    };
  }

  async function assertHidden(stack: RigStack, name: string, printed: string): Promise<void> {
    const state = await stack.exportState();
    for (const [kind, secret] of Object.entries(SECRETS)) {
      const at = state.text.indexOf(secret);
      assert.equal(at, -1, `the ${kind} is in the state: ${state.text.slice(Math.max(0, at - 300), at + 20)}`);
      assert.ok(!printed.includes(secret), `the ${kind} is printed: ${printed}`);
    }
    const { record } = state.resource(name).outputs ?? {};
    assert.deepEqual(
      Object.keys(record as object)
        .sort()
        .at(-1),
      "ciphertext",
    );
  }

  it("stand nowhere in clear, not even when an update failed half-way", async () => {
    const credentials = { bearerToken: SECRETS.token };
    const program = (job: { tag?: string; failAtStart?: boolean }) => () => {
      new FlinkDeployment("hidden", args("hidden", credentials, job));
      return Promise.resolve();
    };
    const stack = await bench.stack(program({}));
    proxy.authorization = `Bearer ${SECRETS.token}`;
    const created = succeeded(await stack.cliUp());
    await assertHidden(stack, "hidden", created.stdout);
    const broken = await stack.cliUp({ program: program({ tag: "b", failAtStart: true }) });
    assert.match(broken.failure ?? "it succeeded", /Rolled back/);
    await assertHidden(stack, "hidden", broken.failure ?? "");
    const refreshed = succeeded(await stack.refresh());
    await assertHidden(stack, "hidden", refreshed.stdout);
  });

  it("of basic authentication stand nowhere in clear, and still open the cluster for a destroy", async () => {
    const stack = await bench.stack(() => {
      const basicAuth = { username: "me", password: SECRETS.password };
      new FlinkDeployment("basic", args("basic", { basicAuth }));
      return Promise.resolve();
    });
    proxy.authorization = `Basic ${Buffer.from(`me:${SECRETS.password}`).toString("base64")}`;
    const created = succeeded(await stack.cliUp());
    await assertHidden(stack, "basic", created.stdout);
    const text = (await stack.exportState()).text;
    assert.ok(!text.includes(proxy.authorization.slice("Basic ".length)));
    succeeded(await stack.destroy());
    assert.deepEqual(await bench.activeJobs("basic"), []);
  });

  it("are not repeated by check failures, which name every mistake at once on the resource", async () => {
    const stack = await bench.stack(() => {
      const wrong = {
        ...args("wrong", { bearerToken: `${SECRETS.token}\nx` }),
        parallelism: 0,
        state: "STOPPED",
        flinkConfiguration: { "orders.secret-key": pulumi.secret({ key: SECRETS.setting }) },
        upgradeStrategy: { kind: "STATEFULL" },
        savepointTargetDirectory: "savepoints",
        timeouts: { running: "soon" },
        parallelizm: 3,
      };
      new FlinkDeployment("wrong", wrong as unknown as FlinkDeploymentArgs);
      return Promise.resolve();
    });
    const run = await stack.cliUp();
    assert.notEqual(run.failure, undefined);
    const shown = lines(run, "wrong");
    for (const property of [
      "cluster.bearerToken",
      "parallelism",
      "state",
      'flinkConfiguration["orders.secret-key"]',
      "upgradeStrategy.kind",
      "savepointTargetDirectory",
      "timeouts.running",
      "parallelizm",
    ]) {
      const about = shown.filter((line) => line.includes(`${property} `));
      assert.equal(about.length, 1, `${property} once in\n${shown.join("\n")}`);
    }
    assert.match(shown.join("\n"), /did you mean parallelism\?/);
    for (const secret of Object.values(SECRETS)) assert.ok(!(run.failure ?? "").includes(secret), run.failure);
    assert.doesNotMatch(run.failure ?? "", /\n\s+at .*\.js:\d+/);
    assert.equal(
      run.diagnostics.some(({ phase }) => phase === "update"),
      false,
      "nothing was updated",
    );
  });
});
