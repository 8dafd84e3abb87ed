import assert from "node:assert/strict";
import * as path from "node:path";
import { manifest } from "../../examples/manifest/program";
import { FlinkView } from "../rig/deploymentScene";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { exampleJar } from "../rig/exampleJar";
import { endGuarded, guardedDirectory } from "../rig/flink";
import { repositoryRoot } from "../rig/repository";
import { until } from "../rig/until";

const FLINK = "2.3.0";
const JOB = "top-speed-windowing-example";

describe("a DeploymentManifest on the real engine", function () {
  this.timeout(180_000);
  let directory: string;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
    await exampleJar(FLINK);
  });

  beforeEach(async () => {
    directory = await guardedDirectory();
    const file = path.join(repositoryRoot, "examples", "manifest", "session-mode.yaml");
    const jar = await exampleJar(FLINK);
    const program = () => Promise.resolve(manifest({ file, flinkVersion: FLINK, jar, directory }));
    stack = await createStack({ program });
  });

  afterEach(async () => {
    await stack.dispose();
    await endGuarded(directory);
  });

  it("runs the documents' own example in session mode, which is of another time, on a Flink of today", async () => {
    const warned = [
      'spec.template.spec.flinkConfiguration["state.backend"] is filesystem, which has become hashmap',
      'spec.template.spec.flinkConfiguration["high-availability"] is read by a cluster\'s processes, not by a job; it is left out',
    ];
    const preview = await stack.preview();
    assert.equal(preview.failure, undefined);
    assert.deepEqual(
      preview.messages(JOB).filter((line) => line.startsWith("spec.")),
      warned,
    );
    assert.equal((await stack.up()).failure, undefined);
    const outputs = await stack.outputs();
    assert.deepEqual(outputs.states?.value, { [JOB]: "RUNNING" });
    const view = new FlinkView(String(outputs.flink?.value));
    const [job] = await view.jobs();
    assert.equal(job?.status, "RUNNING");

    const { inputs, outputs: said } = (await stack.exportState()).resource(JOB);
    assert.equal(inputs?.jobSubmissionTimeout, "300 s");
    assert.equal(said?.parallelism, 2);
    // As the document's interval says.
    await until("a checkpoint is complete", async () => (await view.checkpoints(job?.id ?? "")) > 0);

    assert.deepEqual(Object.keys((await stack.up()).changes), ["same"]);
    assert.equal((await stack.destroy()).failure, undefined);
  });
});
