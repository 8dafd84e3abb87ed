import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { SessionCluster, type FlinkClusterArgs } from "../../index";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { SUPPORTED_VERSIONS } from "../rig/flink";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import { newNamespaceName, sharedCluster } from "./sharedCluster";
import { declareStorage, provideFolder, type SharedFolder } from "./volume";

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
  let folder: SharedFolder;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
  });

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("session"));
    folder = await provideFolder(client, namespace);
  });

  afterEach(async () => {
    await stack.dispose();
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await folder.remove();
    await client.close();
  });

  /** A cluster in a namespace of the restricted standard, with a volume. */
  function programOf(args: FlinkClusterArgs): PulumiFn {
    return async () => {
      const { kubeconfig } = await sharedCluster();
      const provider = new k8s.Provider("there", { kubeconfig });
      const place = declareStorage(namespace, folder.path, provider);
      const cluster = new SessionCluster("orders", { ...place, ...args }, { provider });
      return { version: cluster.flinkVersion, slots: cluster.slots, service: cluster.serviceName };
    };
  }

  const listed = (apiVersion: string, kind: string): Promise<KubernetesObject[]> =>
    client.list({ apiVersion, kind, namespace });

  for (const version of SUPPORTED_VERSIONS) {
    it(`of Flink ${version} comes up with high availability, is registered, and is destroyed leaving nothing`, async () => {
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
