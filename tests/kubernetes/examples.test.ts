import assert from "node:assert/strict";
import * as path from "node:path";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import type { Run } from "../rig/run";
import { Bucket } from "./bucket";
import { newNamespaceName, sharedCluster } from "./sharedCluster";

const PROJECT = "example";
const FIRST_TIME_MS = 30 * 60_000;

describe("the examples for Kubernetes", function () {
  this.timeout(600_000);

  let stack: RigStack | undefined;
  let bucket: Bucket;

  before(async function () {
    this.timeout(FIRST_TIME_MS);
    await pulumiCli();
  });

  beforeEach(async () => {
    const { client, name } = await newNamespaceName("example");
    await client.close();
    bucket = await Bucket.make(name);
  });

  afterEach(() => stack?.dispose());

  /** The folder of the counts, and the example as its README sets it up, for the counting job and the tests' store. */
  async function open(example: string): Promise<{ example: RigStack; counts: string }> {
    const { kubeconfig } = await sharedCluster();
    const { endpoint, accessKeyId, secretAccessKey, buckets } = bucket.store;
    const [, , ...rest] = countingArguments({ output: "/" });
    const config = {
      jar: await buildCountingJob(),
      mainArgs: ["--output", `s3a://${bucket.name}/counts`, ...rest].join(" "),
      storage: `s3a://${bucket.name}/flink`,
      storageEndpoint: endpoint,
      storagePathStyle: "true",
      accessKeyId,
    };
    stack = await createStack({
      project: PROJECT,
      prepareHome: installKubernetesProvider,
      program: () => Promise.resolve(runExample(example)),
      config: {
        ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`${PROJECT}:${key}`, { value }])),
        [`${PROJECT}:secretAccessKey`]: { value: secretAccessKey, secret: true },
        "kubernetes:kubeconfig": { value: kubeconfig },
      },
    });
    return { example: stack, counts: path.join(buckets, bucket.name, "counts") };
  }

  it("kubernetes-application runs, changes nothing in the next up, and is suspended, resumed and destroyed", async () => {
    const { example, counts } = await open("kubernetes-application");
    succeeded(await example.up());
    assert.equal((await example.outputs())["state"]?.value, "RUNNING");
    assert.deepEqual(Object.keys((await example.up()).changes), ["same"]);
    await waitForRecords(counts, (lines) => lines.length > 0, 60_000);

    await example.setConfig(`${PROJECT}:state`, "SUSPENDED");
    succeeded(await example.up());
    const { state, latestSavepoint } = await example.outputs();
    assert.equal(state?.value, "SUSPENDED");
    assert.match(String(latestSavepoint?.value), new RegExp(`^s3a://${bucket.name}/flink/savepoints/`));
    const suspended = (await readCounts(counts)).length;
    await example.setConfig(`${PROJECT}:state`, "RUNNING");
    succeeded(await example.up());
    await waitForRecords(counts, (lines) => lines.length > suspended, 60_000);

    succeeded(await example.destroy());
    assertContinuous(await readCounts(counts));
  });

  it("kubernetes-session runs both jobs on one cluster, and is destroyed with a savepoint of each", async () => {
    const { example } = await open("kubernetes-session");
    succeeded(await example.up());
    assert.equal((await example.outputs())["slots"]?.value, 2);
    succeeded(await example.destroy());
    assert.equal((await bucket.savepoints()).length, 2);
  });
});

function succeeded({ failure }: Run): void {
  assert.ok(failure === undefined, failure);
}

/** Runs the program anew, and gives what it exports. */
function runExample(example: string): Record<string, unknown> {
  const file = path.join(__dirname, "../../examples", example, "index.js");
  delete require.cache[file];
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return { ...(require(file) as Record<string, unknown>) };
}
