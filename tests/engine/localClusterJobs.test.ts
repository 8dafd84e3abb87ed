import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkEndpoint, LocalClusterArgs } from "../../index";
import { assertContinuous, rangesByTag, type CountedLine } from "../rig/countingJob";
import type { FlinkView } from "../rig/deploymentScene";
import { pulumiCli, type RigStack } from "../rig/engine";
import { LocalScene } from "../rig/localStack";
import { until } from "../rig/until";

const OTHER: Partial<LocalClusterArgs> = { slotsPerTaskManager: 3 };

describe("the jobs of a LocalCluster on the real engine", function () {
  this.timeout(300_000);
  let scene: LocalScene;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
  });

  beforeEach(async () => {
    scene = await LocalScene.open();
  });

  afterEach(async () => {
    await scene.close();
  });

  async function up(stack: RigStack, program?: pulumi.automation.PulumiFn): Promise<void> {
    assert.equal((await stack.up(program === undefined ? {} : { program })).failure, undefined);
  }

  async function active(view: FlinkView): Promise<string[]> {
    return (await view.jobs()).filter(({ status }) => status === "RUNNING").map(({ id }) => id);
  }

  /** Waits until a version of the job has committed something. */
  async function written(tag: string): Promise<CountedLine[]> {
    let lines: CountedLine[] = [];
    await until(`records of ${tag} are committed`, async () => {
      lines = await scene.counts();
      return rangesByTag(lines)[tag] !== undefined;
    });
    return lines;
  }

  for (const [from, to] of [
    [{ flinkVersion: "1.20.0" }, { flinkVersion: "1.20.0", ...OTHER }],
    [{ flinkVersion: "2.3.0" }, { flinkVersion: "2.3.0", flinkConfiguration: { "parallelism.default": 1 } }],
  ] satisfies [LocalClusterArgs, LocalClusterArgs][]) {
    it(`move with their state when the configuration changes (${from.flinkVersion}): the new cluster first, the old one last`, async () => {
      const stack = await scene.stack({ program: scene.program({ cluster: from, job: { tag: "v1" } }) });
      await up(stack);
      await written("v1");
      const [old = ""] = await scene.incarnations();
      const moved = await stack.cliUp({ program: scene.program({ cluster: to, job: { tag: "v1" } }) });
      assert.equal(moved.failure, undefined);
      assert.match(moved.messages("counts", "preview").join("\n"), /stop job [0-9a-f]{32} with a savepoint/);
      const order = moved.steps
        .filter(
          ({ phase, op }) => phase === "update" && ["create-replacement", "update", "delete-replaced"].includes(op),
        )
        .map(({ op, urn }) => `${op} ${urn.slice(urn.lastIndexOf(":") + 1)}`);
      assert.deepEqual(order, [
        "create-replacement local-identity",
        "create-replacement local-processes",
        "create-replacement local-registration",
        "update counts-clusters",
        "update counts",
        "delete-replaced local-registration",
        "delete-replaced local-processes",
        "delete-replaced local-identity",
      ]);
      const running = await scene.running();
      assert.equal(Object.keys(running).length, 1);
      assert.notDeepEqual(Object.keys(running), [old]);
      const before = (await scene.counts()).length;
      await until("the job goes on", async () => (await scene.counts()).length > before);
      assert.deepEqual((await stack.cliUp({ program: scene.program({ cluster: to, job: { tag: "v1" } }) })).changes, {
        same: 8,
      });
      assert.equal((await stack.destroy()).failure, undefined);
      assertContinuous(await scene.counts());
      assert.deepEqual(await scene.running(), {});
    });
  }

  it("keep their cluster when their move fails, and in a second up --continue-on-error too", async () => {
    const stack = await scene.stack({ program: scene.program({ job: { tag: "v1" } }) });
    await up(stack);
    await written("v1");
    const [old = ""] = await scene.incarnations();
    const bad = scene.program({ cluster: OTHER, job: { tag: "v2", mainThrows: true } });
    const first = await stack.up({ program: bad });
    assert.match(first.failure ?? "", /Rolled back/);
    const second = await stack.up({ program: bad, continueOnError: true });
    assert.match(second.failure ?? "", /FLINK_CLUSTER_BUSY|is not deleted: a job runs on it/);
    assert.equal(Object.keys(await scene.running()).length, 2);
    assert.ok((await scene.running())[old] !== undefined);
    await up(stack, scene.program({ cluster: OTHER, job: { tag: "v3" } }));
    await written("v3");
    assert.deepEqual(Object.keys(await scene.running()).includes(old), false);
    assert.equal((await stack.destroy()).failure, undefined);
    assertContinuous(await scene.counts());
  });

  it("come back from their newest checkpoint when the JobManager died, or every process", async () => {
    const stack = await scene.stack({ program: scene.program({ job: { tag: "v1" } }) });
    await up(stack);
    await written("v1");
    for (const dead of [["jobmanager"], ["jobmanager", "taskmanager-1"]] as const) {
      const [jobId = ""] = await active(await scene.view(stack));
      await scene.kill(...dead);
      const again = await stack.cliUp();
      assert.equal(again.failure, undefined);
      for (const phase of ["preview", "update"] as const) {
        const lines = again.messages("counts", phase).join("\n");
        assert.match(lines, new RegExp(`start(ed)? job [0-9a-f]{32} .* from .*/checkpoints/${jobId}/chk-`), lines);
      }
      assert.equal((await active(await scene.view(stack))).length, 1);
      const before = (await scene.counts()).length;
      await until("the job goes on", async () => (await scene.counts()).length > before);
    }
    assert.equal((await stack.destroy()).failure, undefined);
    assertContinuous(await scene.counts());
  });

  it("of another stack move in three ups, and the cluster waits for them", async () => {
    const platform = await scene.stack({ name: "platform", program: scene.program() });
    await up(platform);
    const [old = ""] = await scene.incarnations();
    const program = () => {
      const reference = new pulumi.StackReference("organization/rig/platform");
      scene.deployment(reference.requireOutput("endpoint") as pulumi.Output<FlinkEndpoint>, { tag: "v1" });
      return Promise.resolve();
    };
    const application = await scene.stack({ name: "application", program });
    await up(application);
    await written("v1");
    const [jobId = ""] = await active(await scene.view(platform));

    const refused = await platform.up({ program: scene.program({ cluster: OTHER }) });
    assert.match(refused.failure ?? "", new RegExp(`a job runs on it\\.[^]*job ${jobId} "counting" \\(RUNNING\\)`));
    assert.match(refused.failure ?? "", /run `pulumi up` in that stack/);
    assert.equal(Object.keys(await scene.running()).length, 2);
    await up(application);
    await up(platform, scene.program({ cluster: OTHER }));
    assert.equal(Object.keys(await scene.running()).includes(old), false);
    assert.equal((await active(await scene.view(platform))).length, 1);
    assert.equal((await application.destroy()).failure, undefined);
    assertContinuous(await scene.counts());
    assert.equal((await platform.destroy()).failure, undefined);
  });

  it("that no stack knows keep the cluster, until they are given up by their ids", async () => {
    const stack = await scene.stack({ program: scene.program() });
    await up(stack);
    const first = await scene.submit(await scene.view(stack));
    const refused = await stack.up({ program: scene.program({ cluster: OTHER }) });
    assert.match(refused.failure ?? "", new RegExp(`PULUMI_FLINK_ABANDON_JOBS=${first} pulumi up`));
    assert.equal(Object.keys(await scene.running()).length, 2);
    const program = scene.program({ cluster: { ...OTHER, forceCancellationOf: [first] } });
    const forced = await stack.up({ program });
    assert.equal(forced.failure, undefined);
    assert.match(forced.messages("local-registration").join(), new RegExp(`job ${first} .* ends with its cluster`));
    assert.equal(Object.keys(await scene.running()).length, 1);

    const second = await scene.submit(await scene.view(stack));
    assert.match((await stack.destroy()).failure ?? "", /is not deleted: a job runs on it/);
    assert.equal(Object.keys(await scene.running()).length, 1);
    stack.environment.PULUMI_FLINK_ABANDON_JOBS = second;
    assert.equal((await stack.destroy()).failure, undefined);
    assert.deepEqual(await scene.running(), {});
  });
});
