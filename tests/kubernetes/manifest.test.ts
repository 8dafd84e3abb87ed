import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { DeploymentManifest, type FlinkApplication } from "../../index";
import { buildCountingJob } from "../rig/countingJob";
import { exampleJar } from "../rig/exampleJar";
import { repositoryRoot } from "../rig/repository";
import { startS3Server, type S3Server } from "../rig/s3Server";
import { until } from "../rig/until";
import { Bucket } from "./bucket";
import { PodsStack } from "./podsStack";

const FLINK = "1.20.0";
const KEYS = "store-keys";
const TARGETS = ["default", "57b4c290-73ad-11e7-8cf7-a6006ad3dba0"];

interface Outputs {
  readonly state: string;
  readonly service: string;
}

interface Process {
  readonly name: string;
  readonly env?: { readonly name: string; readonly value?: string }[];
}

describe("the documents in application mode of examples/manifest", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let bucket: Bucket;
  let dependencies: S3Server;

  before(async function () {
    this.timeout(30 * 60_000);
    await exampleJar(FLINK);
    dependencies = await startS3Server();
    await dependencies.makeBucket("mybucket");
    await dependencies.put("mybucket", "some_additional_library.jar", await fs.readFile(await buildCountingJob()));
    await dependencies.put("mybucket", "some_additional_resources", "of the example");
  });
  after(() => dependencies?.stop());

  beforeEach(async () => {
    pods = await PodsStack.open("manifest");
    bucket = await Bucket.make(pods.namespace);
    Object.assign(pods.stack.environment, dependencies.environment);
    await pods.stack.setConfig("flink:deploymentDefaults", JSON.stringify(defaults()));
  });
  afterEach(() => pods.dispose());

  /** What the platform has in its own configuration; and a share of a processor that two of them can give. */
  function defaults() {
    return {
      storage: {
        uri: `s3://${bucket.name}/flink`,
        endpoint: bucket.store.endpoint,
        pathStyleAccess: true,
        credentials: { secretName: KEYS },
      },
      kubernetes: {
        podTemplate: {
          spec: { containers: [{ name: "flink-main-container", resources: { requests: { cpu: "100m" } } }] },
        },
      },
    };
  }

  async function program(file: string, jarUri: string): Promise<PulumiFn> {
    const jar = await exampleJar(FLINK);
    return pods.program(({ args: { namespace }, opts: { provider } }) => {
      const { accessKeyId, secretAccessKey } = bucket.store;
      const keys = new k8s.core.v1.Secret(
        KEYS,
        { metadata: { name: KEYS, namespace }, stringData: { accessKeyId, secretAccessKey } },
        { provider },
      );
      const { applications } = new DeploymentManifest(
        "documents",
        {
          file: path.join(repositoryRoot, "examples", "manifest", file),
          flinkVersion: FLINK,
          jars: { [jarUri]: new pulumi.asset.FileAsset(jar) },
          deploymentTargets: Object.fromEntries(TARGETS.map((target) => [target, { namespace, provider }])),
        },
        { dependsOn: [keys] },
      );
      const [application] = Object.values<FlinkApplication>(applications);
      return { state: application?.status.state, service: application?.cluster?.serviceName };
    });
  }

  /** Runs it to RUNNING, and finds nothing to do then. */
  async function run(documents: PulumiFn): Promise<Outputs> {
    await pods.up(documents);
    assert.deepEqual(Object.keys((await pods.up(documents)).changes), ["same"]);
    const outputs = await pods.outputs<Outputs>();
    assert.equal(outputs.state, "RUNNING");
    assert.equal((await pods.runningJobs(outputs.service)).length, 1);
    return outputs;
  }

  async function processes(): Promise<Process[]> {
    const all = await pods.pods();
    return all.flatMap(({ spec }) => (spec as { containers: Process[] }).containers);
  }

  it("Ververica Platform's runs with its resources, variables and dependencies, and takes its checkpoints", async () => {
    const documents = await program(
      "application-mode.yaml",
      "https://repo.example.org/flink-examples-streaming_2.12-1.12.7-TopSpeedWindowing.jar",
    );
    const { service } = await run(documents);
    const all = await processes();
    assert.equal(all.length, 3, "a JobManager and two TaskManagers");
    for (const { env = [] } of all) assert.ok(env.some(({ name, value }) => name === "KEY" && value === "VALUE"));
    const [job = ""] = await pods.runningJobs(service);
    await until(
      "a checkpoint is complete",
      async () => {
        const { counts } = await pods.ask<{ counts: { completed: number } }>(service, `/jobs/${job}/checkpoints`);
        return counts.completed > 0;
      },
      60_000,
    );
    await pods.destroy(documents);
    assert.equal((await bucket.savepoints()).length, 1);
  });

  it("Application Manager's runs, and its savepoint is where the document says", async () => {
    const named = await Bucket.make("flink");
    const before = (await named.savepoints("savepoints")).length;
    const documents = await program(
      "application-manager.yaml",
      "https://repo.example.org/flink-examples-streaming_2.11-1.6.0-TopSpeedWindowing.jar",
    );
    await run(documents);
    assert.equal((await processes()).length, 3, "a JobManager and two TaskManagers");
    await pods.destroy(documents);
    assert.equal((await named.savepoints("savepoints")).length - before, 1);
  });
});
