import assert from "node:assert/strict";
import { Bench, lines, outputsOf, succeeded } from "./deploymentBench";

const DEFAULTS = "flink:deploymentDefaults";

describe("the defaults in a stack's configuration on the real engine", function () {
  this.timeout(180_000);
  let bench: Bench;

  before(async function () {
    this.timeout(30 * 60_000);
    bench = await Bench.start();
  });
  afterEach(() => bench.tidy());
  after(() => bench.stop());

  const json = (defaults: object): string => JSON.stringify(defaults);

  it("are what the outputs show beside those that are built in, and a change of one is a change of the deployment", async () => {
    const name = "defaults";
    const stack = await bench.stack(bench.program(name, { args: { maxJobCreationAttempts: 2 } }), {
      config: { [DEFAULTS]: { value: json({ maxEvents: 20, maxJobCreationAttempts: 3, labels: { tier: "1" } }) } },
    });
    succeeded(await stack.up());
    const first = await outputsOf(stack, name);
    assert.deepEqual([first.maxEvents, first.maxJobCreationAttempts, first.labels], [20, 2, { tier: "1" }]);
    assert.deepEqual([first.parallelism, first.savepointFormatType, first.timeouts.running], [1, "CANONICAL", "5 min"]);

    await stack.setConfig(DEFAULTS, json({ maxEvents: 30 }));
    const recorded = succeeded(await stack.cliUp());
    assert.deepEqual(recorded.operations(name, "preview"), ["update"]);
    assert.deepEqual(
      lines(recorded, name, "preview").filter((line) => line.startsWith("plan")),
      ["plan: record the change; the job is not restarted"],
    );
    const second = await outputsOf(stack, name);
    assert.deepEqual([second.maxEvents, second.labels, second.jobId], [30, {}, first.jobId]);

    await stack.setConfig(DEFAULTS, json({ parallelism: 2 }));
    const upgraded = succeeded(await stack.cliUp());
    assert.match(
      lines(upgraded, name, "preview").join("\n"),
      new RegExp(`plan 1/2: stop job ${first.jobId} with a savepoint\nplan 2/2: start job`),
    );
    const third = await outputsOf(stack, name);
    assert.equal(third.parallelism, 2);
    assert.notEqual(third.jobId, first.jobId);
    assert.equal(third.jobs[0]?.restoredFrom, third.latestSavepoint);
    assert.deepEqual(Object.keys(succeeded(await stack.up()).changes), ["same"]);
    succeeded(await stack.destroy());
  });

  it("are refused in a preview by their keys, with nothing done", async () => {
    const stack = await bench.stack(bench.program("refused"), {
      config: { [DEFAULTS]: { value: json({ paralelism: 2 }) } },
    });
    const { failure = "", steps } = await stack.preview();
    assert.match(
      failure,
      /flink:deploymentDefaults\.paralelism is no argument of a FlinkDeployment .*; did you mean parallelism\?/,
    );
    assert.deepEqual(
      steps.filter(({ urn }) => urn.includes("FlinkDeployment")),
      [],
    );
  });

  it("are hidden in the state where they are secret", async () => {
    const name = "hidden";
    const flinkConfiguration = { "execution.checkpointing.interval": "100 ms", "orders.password": "hunter2" };
    const program = bench.program(name, { args: { flinkConfiguration: {} } });
    const stack = await bench.stack(program, {
      config: { [DEFAULTS]: { value: json({ flinkConfiguration }), secret: true } },
    });
    succeeded(await stack.up());
    assert.doesNotMatch((await stack.exportState()).text, /hunter2/);
    succeeded(await stack.destroy());
  });
});
