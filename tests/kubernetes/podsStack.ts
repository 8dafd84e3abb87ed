import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { FlinkClusterArgs } from "../../index";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import type { Run } from "../rig/run";
import { newNamespaceName, sharedCluster } from "./sharedCluster";
import { declareStorage, provideFolder, type SharedFolder } from "./volume";

const CLUSTER = "flink.pulumi.com/cluster";
const FIRST_TIME_MS = 30 * 60_000;

/** Little, so that several fit on the tests' one node. */
export const SMALL = { jobManager: { cpu: "100m", memory: "1g" }, taskManager: { cpu: "100m", memory: "1g" } };

/** Where a program puts its cluster: arguments of the cluster, and the options of its component. */
export interface Place {
  readonly args: Pick<FlinkClusterArgs, "namespace" | "storage">;
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
  program(declare: (place: Place) => Record<string, unknown>): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      return declare({ args: declareStorage(this.namespace, this.folder.path, provider), opts: { provider } });
    };
  }

  /** An update that succeeds. */
  async up(program: PulumiFn): Promise<Run> {
    const run = await this.stack.up({ program });
    assert.equal(run.failure, undefined);
    return run;
  }

  async outputs<T>(): Promise<T> {
    const values = Object.entries(await this.stack.outputs()).map(([name, { value }]) => [name, value as unknown]);
    return Object.fromEntries(values) as T;
  }

  async destroy(program: PulumiFn): Promise<void> {
    const { failure } = await this.stack.destroy({ program });
    assert.equal(failure, undefined);
  }

  /** Flink's pods. */
  async pods(): Promise<KubernetesObject[]> {
    const all = await this.client.list({ apiVersion: "v1", kind: "Pod", namespace: this.namespace });
    return all.filter(({ metadata }) => metadata.labels?.[CLUSTER] !== undefined);
  }

  /** The ids of the clusters that have pods. */
  async clusterIds(): Promise<string[]> {
    return [...new Set((await this.pods()).map(({ metadata }) => metadata.labels?.[CLUSTER] ?? ""))];
  }
}
