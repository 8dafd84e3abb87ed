import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { SessionCluster, type FlinkClusterArgs } from "../../index";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { SUPPORTED_VERSIONS } from "../rig/flink";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import { newNamespaceName, sharedCluster } from "./sharedCluster";

const DATA = "/flink-data";

/** Little, so that several fit on the tests' one node. */
const SMALL: Omit<FlinkClusterArgs, "flinkVersion"> = {
  resources: { jobManager: { cpu: "100m", memory: "1g" }, taskManager: { cpu: "100m", memory: "1g" } },
  slotsPerTaskManager: 2,
  clusterReadyTimeout: "5 min",
};

describe("a SessionCluster under the real engine", function () {
  this.timeout(900_000);

  let client: KubernetesClient;
  let namespace: string;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
  });

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("session"));
  });

  afterEach(async () => {
    await stack.dispose();
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await client.delete(
      { apiVersion: "v1", kind: "PersistentVolume", name: namespace, namespace: undefined },
      "Background",
    );
    await client.close();
  });

  /** A namespace of the restricted standard, with a volume of the node's own and a cluster in it. */
  function programOf(args: FlinkClusterArgs): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
      const space = new k8s.core.v1.Namespace("space", { metadata: { name: namespace, labels } }, { provider });
      const claim = new k8s.core.v1.PersistentVolumeClaim(
        "data",
        {
          metadata: { name: "data", namespace: space.metadata.name },
          spec: {
            accessModes: ["ReadWriteMany"],
            storageClassName: "",
            volumeName: namespace,
            resources: { requests: { storage: "1Gi" } },
          },
        },
        { provider },
      );
      const storage = { uri: `file://${DATA}`, volume: { claim } };
      const cluster = new SessionCluster("orders", { namespace: space.metadata.name, storage, ...args }, { provider });
      return { version: cluster.flinkVersion, slots: cluster.slots, service: cluster.serviceName };
    };
  }

  /** A folder of the node as a volume that a claim of the namespace takes. */
  async function provideVolume(): Promise<void> {
    const cluster = await sharedCluster();
    const folder = `/var/lib/${namespace}`;
    await cluster.exec("mkdir", "-p", folder);
    const [node] = await client.list({ apiVersion: "v1", kind: "Node", namespace: undefined });
    const hostname = { key: "kubernetes.io/hostname", operator: "In", values: [node?.metadata.name ?? ""] };
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: namespace },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteMany"],
        storageClassName: "",
        local: { path: folder },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    };
    await client.create(volume, "tests");
  }

  const listed = (apiVersion: string, kind: string): Promise<KubernetesObject[]> =>
    client.list({ apiVersion, kind, namespace });

  for (const version of SUPPORTED_VERSIONS) {
    it(`of Flink ${version} comes up with high availability, is registered, and is destroyed leaving nothing`, async () => {
      await provideVolume();
      const program = programOf({ ...SMALL, flinkVersion: version });
      stack = await createStack({ program, prepareHome: installKubernetesProvider });
      const created = await stack.up();
      assert.equal(created.failure, undefined);
      const outputs = await stack.outputs();
      assert.deepEqual([outputs["version"]?.value, outputs["slots"]?.value], [version, 2]);
      const leaders = (await listed("v1", "ConfigMap")).filter(
        ({ metadata }) => metadata.labels?.["type"] !== undefined,
      );
      assert.notEqual(leaders.length, 0, "no leader was elected by a ConfigMap");
      const again = await stack.up();
      assert.deepEqual([again.failure, again.changes], [undefined, { same: created.changes.create }]);

      const destroyed = await stack.destroy();
      assert.equal(destroyed.failure, undefined);
      const space = { apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined };
      assert.equal(await client.get(space), undefined);
    });
  }
});
