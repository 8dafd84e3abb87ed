import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, SessionCluster, type FlinkClusterArgs, type JobRecord } from "../../index";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import type { Run } from "../rig/run";
import { until } from "../rig/until";
import { newNamespaceName, sharedCluster } from "./sharedCluster";
import { declareStorage, provideFolder, type SharedFolder } from "./volume";

const JOBS = ["clicks", "orders"] as const;
const CLUSTER = "flink.pulumi.com/cluster";

/** By the job's name in Pulumi: its jobs, newest first. */
type Jobs = Record<(typeof JOBS)[number], JobRecord[]>;

describe("the jobs of a SessionCluster on real pods", function () {
  this.timeout(900_000);

  let client: KubernetesClient;
  let namespace: string;
  let folder: SharedFolder;
  let jar: string;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("jobs"));
    folder = await provideFolder(client, namespace);
    for (const name of JOBS) {
      await fs.mkdir(outputOf(name));
      await fs.chmod(outputOf(name), 0o777);
    }
    stack = await createStack({ program: () => Promise.resolve(), prepareHome: installKubernetesProvider });
  });

  afterEach(async () => {
    await stack.dispose();
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await folder.remove();
    await client.close();
  });

  const outputOf = (name: string): string => path.join(folder.path, `counts-${name}`);

  function programOf(memory: string, args: Partial<FlinkClusterArgs>): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      const place = declareStorage(namespace, folder.path, provider);
      const cluster = new SessionCluster(
        "shared",
        {
          ...place,
          flinkVersion: "1.20.0",
          slotsPerTaskManager: 2,
          resources: { jobManager: { cpu: "100m", memory: "1g" }, taskManager: { cpu: "100m", memory } },
          flinkConfiguration: { "web.refresh-interval": 100 },
          ...args,
        },
        { provider },
      );
      const jobs = JOBS.map((name) => {
        const deployment = new FlinkDeployment(name, {
          cluster,
          artifact: {
            jar: new pulumi.asset.FileAsset(jar),
            mainArgs: countingArguments({ output: outputOf(name), tag: name }),
          },
          flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
        });
        return [name, deployment.jobs] as const;
      });
      return { ...Object.fromEntries(jobs), service: cluster.serviceName };
    };
  }

  async function up(memory: string, args: Partial<FlinkClusterArgs> = {}): Promise<Run> {
    const run = await stack.up({ program: programOf(memory, args) });
    assert.equal(run.failure, undefined);
    return run;
  }

  async function outputs<T>(): Promise<T> {
    const values = Object.entries(await stack.outputs()).map(([name, { value }]) => [name, value as unknown]);
    return Object.fromEntries(values) as T;
  }

  const idsOf = (jobs: Jobs): (string | undefined)[] => JOBS.map((name) => jobs[name][0]?.id);

  const pods = async (): Promise<KubernetesObject[]> => {
    const all = await client.list({ apiVersion: "v1", kind: "Pod", namespace });
    return all.filter(({ metadata }) => metadata.labels?.[CLUSTER] !== undefined);
  };

  const clusterIds = async (): Promise<string[]> => [
    ...new Set((await pods()).map(({ metadata }) => metadata.labels?.[CLUSTER] ?? "")),
  ];

  it("come back by their ids when pods die or are restarted in place, and all move to a cluster that replaces theirs", async () => {
    await up("1g");
    const first = await outputs<Jobs & { service: string }>();
    const clusterId = await clusterIds();
    for (const name of JOBS) await waitForRecords(outputOf(name), (lines) => lines.length > 0, 60_000);

    const jobManager = (await pods()).find(({ metadata }) => metadata.name?.includes("-jobmanager-"));
    const { name = "" } = jobManager?.metadata ?? {};
    await client.delete({ apiVersion: "v1", kind: "Pod", name, namespace }, "Background");
    const proxy = `/api/v1/namespaces/${namespace}/services/http:${first.service}:8081/proxy`;
    const isBack = async (id = ""): Promise<boolean> =>
      /RUNNING/.test(await client.text("GET", `${proxy}/jobs/${id}/status`).catch(() => ""));
    for (const id of idsOf(first)) await until(`job ${id} is back`, () => isBack(id), 180_000);
    const { changes } = await up("1g");
    assert.deepEqual(Object.keys(changes), ["same"]);

    await up("1100m", { rollout: "IN_PLACE" });
    assert.deepEqual(await clusterIds(), clusterId);
    assert.deepEqual(idsOf(await outputs<Jobs>()), idsOf(first));
    for (const id of idsOf(first)) await until(`job ${id} is back again`, () => isBack(id), 180_000);

    await up("1200m");
    const moved = await outputs<Jobs>();
    for (const name of JOBS) {
      assert.notEqual(moved[name][0]?.id, first[name][0]?.id);
      assert.match(moved[name][0]?.restoredFrom ?? "", /\/savepoints\//);
    }
    const isReplaced = async (): Promise<boolean> => {
      const ids = await clusterIds();
      return ids.length === 1 && ids[0] !== clusterId[0];
    };
    await until("the old pods are gone", isReplaced, 120_000);

    const destroyed = await stack.destroy({ program: programOf("1200m", {}) });
    assert.equal(destroyed.failure, undefined);
    for (const name of JOBS) assertContinuous(await readCounts(outputOf(name)));
  });
});
