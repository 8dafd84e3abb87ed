import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { freePorts } from "../../provider/local/ports";
import { pulumiCli } from "../rig/engine";
import { LocalScene } from "../rig/localStack";

describe("a LocalCluster on the real engine", function () {
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

  it("is ready when up returns, stays as it is in the next one, and keeps its data when it is destroyed", async () => {
    const stack = await scene.stack({ program: scene.program() });
    assert.equal((await stack.up()).failure, undefined);
    const { slots, flinkVersion, directory, savepointDirectory } = await stack.outputs();
    assert.deepEqual([slots?.value, flinkVersion?.value], [2, "1.20.0"]);
    const view = await scene.view(stack);
    assert.equal((await view.get<Record<string, unknown>>("/overview"))["slots-total"], 2);
    const home = String(directory?.value);
    assert.deepEqual(await scene.incarnations(), [home]);
    assert.equal(savepointDirectory?.value, `file://${home}/savepoints`);

    assert.deepEqual((await stack.cliUp()).changes, { same: 5 });
    assert.equal((await stack.refresh()).failure, undefined);
    assert.deepEqual((await stack.cliUp()).changes, { same: 5 });

    await fs.writeFile(path.join(home, "savepoints", "kept"), "");
    const destroyed = await stack.destroy();
    assert.equal(destroyed.failure, undefined);
    assert.match(destroyed.messages("local-processes").join(), /Checkpoints, savepoints and logs stay in/);
    assert.deepEqual(await scene.running(), {});
    await fs.access(path.join(home, "savepoints", "kept"));
  });

  it("shows in refresh what died, and starts it again in up, with a refresh before it or without", async () => {
    const stack = await scene.stack({ program: scene.program() });
    assert.equal((await stack.up()).failure, undefined);
    const states = async () => {
      const { outputs } = (await stack.exportState()).resource("local-processes");
      return (outputs?.processes as { name: string; state: string }[]).map(({ name, state }) => `${name} ${state}`);
    };
    await scene.kill("taskmanager-1");
    const refreshed = await stack.refresh();
    assert.equal(refreshed.failure, undefined);
    assert.match(refreshed.messages("local-processes").join(), /Died: taskmanager-1 \(process \d+\)/);
    assert.deepEqual(await states(), ["jobmanager running", "taskmanager-1 dead"]);
    assert.equal((await stack.up()).failure, undefined);
    assert.deepEqual(await states(), ["jobmanager running", "taskmanager-1 running"]);

    const { url } = await scene.view(stack);
    await scene.kill("jobmanager", "taskmanager-1");
    const again = await stack.cliUp();
    assert.equal(again.failure, undefined);
    assert.match(
      again.messages("local-processes", "preview").join("\n"),
      /plan: start jobmanager \(process \d+ has died\), taskmanager-1 \(process \d+ has died\) again/,
    );
    assert.deepEqual(again.operations("local-processes", "update"), ["update"]);
    assert.equal((await scene.view(stack)).url, url, "at the address that jobs and people know");
    assert.deepEqual((await stack.cliUp()).changes, { same: 5 });
  });

  it("grows in place and shrinks by another cluster", async () => {
    const stack = await scene.stack({ program: scene.program() });
    assert.equal((await stack.up()).failure, undefined);
    const [home = ""] = await scene.incarnations();
    const two = scene.program({ cluster: { taskManagers: 2 } });
    const grown = await stack.up({ program: two });
    assert.equal(grown.failure, undefined);
    assert.deepEqual(grown.changes, { same: 3, update: 2 });
    assert.deepEqual(await scene.running(), { [home]: ["jobmanager", "taskmanager-1", "taskmanager-2"] });
    assert.equal((await stack.outputs()).slots?.value, 4);
    assert.deepEqual((await stack.cliUp({ program: two })).changes, { same: 5 });

    const shrunk = await stack.cliUp({ program: scene.program() });
    assert.equal(shrunk.failure, undefined);
    assert.deepEqual(shrunk.operations("local-registration", "preview").slice(0, 2), ["create-replacement", "replace"]);
    const running = await scene.running();
    assert.deepEqual(Object.values(running), [["jobmanager", "taskmanager-1"]]);
    assert.notDeepEqual(Object.keys(running), [home]);
    assert.deepEqual((await stack.cliUp({ program: scene.program() })).changes, { same: 5 });
  });

  it("is destroyed when its processes were ended by hand", async () => {
    const stack = await scene.stack({ program: scene.program() });
    assert.equal((await stack.up()).failure, undefined);
    await scene.kill("jobmanager", "taskmanager-1");
    const destroyed = await stack.destroy();
    assert.equal(destroyed.failure, undefined);
    assert.match(destroyed.messages("local-registration").join(), /The cluster's JobManager does not run any more/);
  });

  it("lives in the project's folder by default, and keeps that out of the repository", async () => {
    const stack = await scene.stack({ program: scene.program({ cluster: { directory: undefined } }) });
    try {
      assert.equal((await stack.up()).failure, undefined);
      const folder = path.join(await fs.realpath(stack.workDir), ".pulumi-flink");
      const { directory } = await stack.outputs();
      assert.equal(path.dirname(String(directory?.value)), path.join(folder, "test", "local"));
      assert.equal(await fs.readFile(path.join(folder, ".gitignore"), "utf8"), "*\n");
    } finally {
      assert.equal((await stack.destroy()).failure, undefined);
    }
  });

  it("goes on in the next up where a TaskManager did not start, also after a refresh", async () => {
    const options = path.join(scene.files, "options");
    await fs.writeFile(options, "-XX:NoSuchOption");
    const cluster = { flinkConfiguration: { "env.java.opts.taskmanager": `@${options}` } };
    const stack = await scene.stack({ program: scene.program({ cluster }) });
    const failed = await stack.up();
    assert.match(
      failed.failure ?? "",
      /taskmanager-1 of the local Flink cluster died while it started[^]*NoSuchOption/,
    );
    const [home = ""] = await scene.incarnations();
    // A refresh takes the engine's own mark of a failed create away.
    assert.equal((await stack.refresh()).failure, undefined);
    await fs.writeFile(options, "-XX:TieredStopAtLevel=1");
    const second = await stack.up();
    assert.equal(second.failure, undefined);
    assert.deepEqual(second.operations("local-processes"), ["update"]);
    assert.deepEqual(await scene.running(), { [home]: ["jobmanager", "taskmanager-1"] });
  });

  it("refuses bad arguments in the preview, all at once, by their names", async () => {
    const stack = await scene.stack({ program: scene.program() });
    const refusal = async (cluster: object) => (await stack.preview({ program: scene.program({ cluster }) })).failure;
    const many = await refusal({
      flinkVersion: "1.16.3",
      taskManagers: 0,
      slotsPerTaskManager: 1.5,
      clusterReadyTimeout: "soon",
      port: 70_000,
      flinkConfiguration: { "rest.port": 1, "parallelism.default": { not: "scalar" } },
      taskManager: 2,
    });
    for (const part of [
      /flinkVersion is wrong: Flink 1\.16\.3 is too old: 1\.17\.0 is the oldest/,
      /taskManagers must be at least 1, but is 0/,
      /slotsPerTaskManager must be a whole number, but is 1\.5/,
      /clusterReadyTimeout must be a duration/,
      /port must be at most 65535/,
      /flinkConfiguration\["parallelism\.default"\] must be a string, a number or a boolean/,
      /taskManager is not known here; did you mean taskManagers\?/,
    ]) {
      assert.match(many ?? "", part);
    }
    const version = 'flinkVersion is wrong: "1.20" is not a full Flink version: write all three numbers';
    assert.ok((await refusal({ flinkVersion: "1.20" }))?.includes(version));
    assert.match((await refusal({ flinkHome: "/nowhere" })) ?? "", /flinkVersion excludes flinkHome/);
    assert.match((await refusal({ flinkVersion: undefined })) ?? "", /flinkVersion or flinkHome is required/);
    const home = await refusal({ flinkVersion: undefined, flinkHome: "/nowhere" });
    assert.match(home ?? "", /flinkHome is wrong: flinkHome \/nowhere is no Flink distribution/);
    const reserved = await refusal({ flinkConfiguration: { "rest.port": 1 } });
    assert.match(reserved ?? "", /flinkConfiguration\["rest\.port"\] is set by the local cluster itself; use port/);
  });

  it("refuses in the preview to replace a cluster on a port that both would need", async () => {
    const [port = 0] = await freePorts(1);
    const stack = await scene.stack({ program: scene.program({ cluster: { port } }) });
    assert.equal((await stack.up()).failure, undefined);
    assert.equal((await scene.view(stack)).url, `http://127.0.0.1:${port}`);
    const changed = await stack.preview({ program: scene.program({ cluster: { port, slotsPerTaskManager: 3 } }) });
    assert.match(changed.failure ?? "", /is held by the cluster that this change replaces/);
  });
});
