import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { FlinkClusterArgs } from "../../index";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { referenceOf, type KubernetesClient, type KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import type { Run } from "../rig/run";
import { until } from "../rig/until";
import { newNamespaceName, sharedCluster } from "./sharedCluster";
import { declareStorage, provideFolder, type AccessMode, type SharedFolder } from "./volume";

const CLUSTER = "flink.pulumi.com/cluster";
const COMPONENT = "app.kubernetes.io/component";
const FIRST_TIME_MS = 30 * 60_000;

/** Little, so that several fit on the tests' one node. */
export const SMALL = { jobManager: { cpu: "100m", memory: "1g" }, taskManager: { cpu: "100m", memory: "1g" } };

/** Where a program puts its cluster: arguments of the cluster, and the options of its component. */
export interface Place {
  readonly args: Pick<FlinkClusterArgs, "namespace" | "storage" | "clusterReadyTimeout">;
  readonly opts: { readonly provider: k8s.Provider };
}

/** What the engine and its plugins need; it takes minutes the first time on a machine. */
before(async function () {
  this.timeout(FIRST_TIME_MS);
  await pulumiCli();
});

/** A stack whose Flink runs on pods of a namespace of its own, with a folder that they share with the test. */
export class PodsStack {
  private constructor(
    readonly client: KubernetesClient,
    readonly namespace: string,
    readonly folder: SharedFolder,
    readonly stack: RigStack,
  ) {}

  static async open(prefix: string): Promise<PodsStack> {
    const { client, name } = await newNamespaceName(prefix);
    const folder = await provideFolder(client, name);
    const stack = await createStack({ program: () => Promise.resolve(), prepareHome: installKubernetesProvider });
    return new PodsStack(client, name, folder, stack);
  }

  async dispose(): Promise<void> {
    await this.stack.dispose();
    await this.client.delete(this.space, "Background");
    await this.folder.remove();
    await this.client.close();
  }

  get space() {
    return { apiVersion: "v1", kind: "Namespace", name: this.namespace, namespace: undefined };
  }

  /** A folder that jobs write to. */
  async makeOutput(name: string): Promise<string> {
    const output = path.join(this.folder.path, name);
    await fs.mkdir(output);
    await fs.chmod(output, 0o777);
    return output;
  }

  /** A program with a namespace of the restricted standard and a claim for the folder, and what `declare` adds. */
  program(declare: (place: Place) => Record<string, unknown>, accessMode: AccessMode = "ReadWriteMany"): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      const args = declareStorage(this.namespace, this.folder.path, provider, accessMode);
      // Nobody waits in vain for long, but a busy machine takes its time.
      return declare({ args: { ...args, clusterReadyTimeout: "10 min" }, opts: { provider } });
    };
  }

  /** An update that succeeds. */
  async up(program: PulumiFn): Promise<Run> {
    const run = await this.stack.up({ program });
    if (run.failure !== undefined) assert.fail(`${run.failure}\n${await this.describePods()}`);
    return run;
  }

  async outputs<T>(): Promise<T> {
    const values = Object.entries(await this.stack.outputs()).map(([name, { value }]) => [name, value as unknown]);
    return Object.fromEntries(values) as T;
  }

  async destroy(program: PulumiFn): Promise<void> {
    const { failure } = await this.stack.destroy({ program });
    assert.ok(failure === undefined, failure);
  }

  /** What the Flink behind a Service answers, through the API server's proxy. */
  async ask<T>(service: string, page: string): Promise<T> {
    const proxy = `/api/v1/namespaces/${this.namespace}/services/http:${service}:8081/proxy`;
    return JSON.parse(await this.client.text("GET", `${proxy}${page}`)) as T;
  }

  /** The ids of the clusters of which high availability keeps anything in Kubernetes. */
  async rememberedClusters(): Promise<string[]> {
    const maps = { apiVersion: "v1", kind: "ConfigMap", namespace: this.namespace };
    const kept = await this.client.list(maps, { labelSelector: "configmap-type=high-availability" });
    return [...new Set(kept.map(({ metadata }) => metadata.labels?.["app"] ?? ""))];
  }

  /** Whether a job runs, as far as its Flink answers. */
  async isRunning(service: string, jobId: string | undefined): Promise<boolean> {
    const page = `/jobs/${jobId}/status`;
    return (await this.ask<{ status?: string }>(service, page).catch(() => undefined))?.status === "RUNNING";
  }

  /** The ids of the jobs that run, in order. */
  async runningJobs(service: string): Promise<string[]> {
    const { jobs } = await this.ask<{ jobs: { id: string; status: string }[] }>(service, "/jobs");
    return jobs.flatMap(({ id, status }) => (status === "RUNNING" ? [id] : [])).sort();
  }

  /** Deletes the JobManager's pod, as a node that fails does, and waits until it is gone. */
  async endJobManager(): Promise<void> {
    const pod = (await this.pods()).find(({ metadata }) => metadata.labels?.[COMPONENT] === "jobmanager");
    assert.ok(pod !== undefined, "there is no JobManager");
    const reference = referenceOf(pod);
    await this.client.delete(reference, "Background");
    const isGone = async (): Promise<boolean> => (await this.client.get(reference))?.metadata.uid !== pod.metadata.uid;
    await until("the JobManager's pod is gone", isGone);
  }

  /** What can be seen of Flink's pods when something went wrong. */
  private async describePods(): Promise<string> {
    const described = (await this.pods()).map(async ({ metadata, status }) => {
      const log = `/api/v1/namespaces/${this.namespace}/pods/${metadata.name}/log`;
      const tail = await this.client.text("GET", log, { query: { tailLines: "30" } }).catch(String);
      return `==> ${metadata.name} ${JSON.stringify(status)}\n${tail}`;
    });
    return (await Promise.all(described)).join("\n");
  }

  /** Flink's pods. */
  async pods(): Promise<KubernetesObject[]> {
    const all = await this.client.list({ apiVersion: "v1", kind: "Pod", namespace: this.namespace });
    return all.filter(({ metadata }) => metadata.labels?.[CLUSTER] !== undefined);
  }

  /** Flink's pods, and how often the containers of each have started. */
  async podStarts(): Promise<string[]> {
    const all = await this.pods();
    return all.map(({ metadata, status }) => `${metadata.name} ${JSON.stringify(restarts(status))}`).sort();
  }

  /** The ids of the clusters that have pods. */
  async clusterIds(): Promise<string[]> {
    return [...new Set((await this.pods()).map(({ metadata }) => metadata.labels?.[CLUSTER] ?? ""))];
  }
}

function restarts(status: unknown): number[] {
  const { containerStatuses = [] } = status as { containerStatuses?: { restartCount: number }[] };
  return containerStatuses.map(({ restartCount }) => restartCount);
}
