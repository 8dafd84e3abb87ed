import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkApplication, type FlinkApplicationArgs, type JobRecord, type SavepointRecord } from "../../index";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import { until } from "../rig/until";
import { newNamespaceName, sharedCluster } from "./sharedCluster";
import { declareStorage, provideFolder, type SharedFolder } from "./volume";

const INSTANCE = "app.kubernetes.io/instance";

interface Outputs {
  state: string;
  jobs: JobRecord[];
  savepoints: SavepointRecord[];
}

describe("a FlinkApplication under the real engine", function () {
  this.timeout(900_000);

  let client: KubernetesClient;
  let namespace: string;
  let folder: SharedFolder;
  let output: string;
  let jar: string;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("application"));
    folder = await provideFolder(client, namespace);
    output = path.join(folder.path, "counts");
    await fs.mkdir(output);
    await fs.chmod(output, 0o777);
    stack = await createStack({ program: () => Promise.resolve(), prepareHome: installKubernetesProvider });
  });

  afterEach(async () => {
    await stack.dispose();
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await folder.remove();
    await client.close();
  });

  function programOf(tag: string, args: Partial<FlinkApplicationArgs>): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      const place = declareStorage(namespace, folder.path, provider);
      const application = new FlinkApplication(
        "orders",
        {
          ...place,
          flinkVersion: "1.20.0",
          resources: { jobManager: { cpu: "100m", memory: "1g" }, taskManager: { cpu: "100m", memory: "1g" } },
          artifact: { jar: new pulumi.asset.FileAsset(jar), mainArgs: countingArguments({ output, tag }) },
          flinkConfiguration: { "execution.checkpointing.interval": "1 s", "web.refresh-interval": 100 },
          ...args,
        },
        { provider },
      );
      const { jobs, savepoints } = application.deployment;
      return { state: application.status.state, jobs, savepoints };
    };
  }

  async function up(tag: string, args: Partial<FlinkApplicationArgs> = {}): Promise<Outputs> {
    const { failure } = await stack.up({ program: programOf(tag, args) });
    assert.equal(failure, undefined);
    const values = Object.entries(await stack.outputs()).map(([name, { value }]) => [name, value as unknown]);
    return Object.fromEntries(values) as Outputs;
  }

  const written = (tag: string) => waitForRecords(output, (lines) => lines.some((line) => line.tag === tag), 60_000);

  const pods = async (): Promise<KubernetesObject[]> => {
    const all = await client.list({ apiVersion: "v1", kind: "Pod", namespace });
    return all.filter(({ metadata }) => metadata.labels?.[INSTANCE] === "orders");
  };

  /** When the last of the pods became ready. */
  const readySince = (all: readonly KubernetesObject[]): number => {
    const times = all.map(({ status }) => {
      const { conditions } = status as { conditions: { type: string; status: string; lastTransitionTime: string }[] };
      const ready = conditions.find(({ type, status }) => type === "Ready" && status === "True");
      assert.ok(ready, "a pod is not ready");
      return Date.parse(ready.lastTransitionTime);
    });
    return Math.max(...times);
  };

  const names = (all: readonly KubernetesObject[]): string[] => all.map(({ metadata }) => metadata.name ?? "");

  it("upgrades onto warm pods, gives all back while it is suspended, and goes on, without a count lost or doubled", async () => {
    await up("v1");
    const first = await pods();
    assert.equal(first.length, 2);
    await written("v1");

    const upgraded = await up("v2");
    const [stop] = upgraded.savepoints;
    assert.equal(upgraded.jobs[0]?.restoredFrom, stop?.path);
    const gone = async (): Promise<boolean> => names(await pods()).every((name) => !names(first).includes(name));
    await until("the old pods are gone", gone, 120_000);
    const second = await pods();
    assert.equal(second.length, 2);
    const stoppedAt = Date.parse(upgraded.jobs[1]?.endTime ?? "");
    assert.ok(readySince(second) < stoppedAt, "the old job was stopped before the new pods were ready");
    await written("v2");

    const suspended = await up("v2", { state: "SUSPENDED" });
    assert.equal(suspended.state, "SUSPENDED");
    await until("no pod is left", async () => (await pods()).length === 0, 120_000);

    const resumed = await up("v3");
    assert.equal(resumed.state, "RUNNING");
    assert.equal(resumed.jobs[0]?.restoredFrom, suspended.savepoints[0]?.path);
    await written("v3");

    const destroyed = await stack.destroy({ program: programOf("v3", {}) });
    assert.equal(destroyed.failure, undefined);
    assertContinuous(await readCounts(output));
  });
});
