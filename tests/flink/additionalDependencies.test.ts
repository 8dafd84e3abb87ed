import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { buildDependentJob, DEPENDENT_ENTRY_CLASS, saidBy } from "../rig/dependentJob";
import { DeploymentHooks } from "../rig/deploymentHooks";
import { fileAsset, onRealFlink } from "../rig/deploymentScene";

onRealFlink("a FlinkDeployment with additional dependencies", {}, (scene) => {
  let job: string;
  let library: string;
  let folders = 0;
  before(async () => ({ job, library } = await buildDependentJob()));

  /** A deployment that is not made yet, and a file for its job. */
  async function dependent() {
    const folder = path.join(scene.flink.directory, `dependent-${++folders}`);
    const output = path.join(folder, "output");
    await fs.mkdir(output, { recursive: true });
    return {
      hooks: new DeploymentHooks(),
      name: path.join(folder, "name.txt"),
      args: (dependencies: readonly string[], artifact: object = { jar: fileAsset(job) }): object => ({
        cluster: { url: scene.flink.url },
        artifact: {
          ...artifact,
          mainArgs: [output],
          additionalDependencies: dependencies.map((file) => pathToFileURL(file).href),
        },
        flinkConfiguration: { "restart-strategy.type": "none", "execution.checkpointing.interval": "1 s" },
        maxJobCreationAttempts: 1,
      }),
      said: () => saidBy(output),
    };
  }

  it("runs a job that needs a class and a file of them, and upgrades it when the file's content changes", async () => {
    const { hooks, name, args, said } = await dependent();
    await fs.writeFile(name, "first");
    const wanted = args([library, name]);
    const first = await hooks.apply(wanted);
    assert.deepEqual(await said(), ["hello first", "hello first"]);
    assert.equal((await hooks.preview(wanted)).changes, false);

    await fs.writeFile(name, "second");
    const plan = (await hooks.preview(wanted)).lines.join("\n");
    assert.match(plan, /upload dependent\.jar with 2 additional dependencies .*\n.*stop job .* with a savepoint/);
    const second = await hooks.apply(wanted);
    assert.deepEqual(await said(), ["hello second", "hello second"]);
    assert.notEqual(second.jobId, first.jobId);
    assert.equal(second.jobs[0]?.restoredFrom, second.latestSavepoint);
    await hooks.remove();
  });

  it("does not start it without them, and says what Flink misses", async () => {
    const { hooks, args } = await dependent();
    assert.match(await hooks.fails(args([])), /NoClassDefFoundError|ClassNotFoundException/);
    assert.match(await hooks.fails(args([library])), /name\.txt is not on the class path/);
  });

  it("runs a class that only a dependency holds", async () => {
    const { hooks, name, args, said } = await dependent();
    await fs.writeFile(name, "inside out");
    await hooks.apply(args([job, name], { jar: fileAsset(library), entryClass: DEPENDENT_ENTRY_CLASS }));
    assert.deepEqual(await said(), ["hello inside out", "hello inside out"]);
    await hooks.remove();
  });
});
