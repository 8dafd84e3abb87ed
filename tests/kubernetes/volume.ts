import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { ExtraVolume, FlinkStorage } from "../../index";
import type { KubernetesClient } from "../rig/kubernetes/client";

/** What a claim asks for; the tests' one node mounts either way. */
export type AccessMode = "ReadWriteMany" | "ReadWriteOnce";

const CLAIM = "data";

/** A folder of this machine that pods of a namespace can mount, and where they find it under the same path. */
export interface SharedFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes the folder, and a volume of it that one claim of the namespace takes. */
export async function provideFolder(client: KubernetesClient, namespace: string): Promise<SharedFolder> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-volume-"));
  // Flink's user in the pods is another one.
  await fs.chmod(folder, 0o777);
  const [node] = await client.list({ apiVersion: "v1", kind: "Node", namespace: undefined });
  const hostname = { key: "kubernetes.io/hostname", operator: "In", values: [node?.metadata.name ?? ""] };
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: namespace },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteMany", "ReadWriteOnce"],
      storageClassName: "",
      local: { path: folder },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
    },
  };
  await client.create(volume, "tests");
  return {
    path: folder,
    remove: async () => {
      const reference = { apiVersion: "v1", kind: "PersistentVolume", name: namespace, namespace: undefined };
      await client.delete(reference, "Background");
      // Where a test has failed, pods may write to it for some seconds yet.
      await fs.rm(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 50 });
    },
  };
}

/** A namespace of the restricted standard with a claim for the folder: the namespace's name, and the storage. */
export function declareStorage(namespace: string, folder: string, provider: k8s.Provider, accessMode: AccessMode) {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const space = new k8s.core.v1.Namespace("space", { metadata: { name: namespace, labels } }, { provider });
  const claim = new k8s.core.v1.PersistentVolumeClaim(
    "data",
    {
      metadata: { name: CLAIM, namespace: space.metadata.name },
      spec: {
        accessModes: [accessMode],
        storageClassName: "",
        volumeName: namespace,
        resources: { requests: { storage: "1Gi" } },
      },
    },
    { provider },
  );
  const storage: FlinkStorage = { uri: `file://${folder}`, volume: { claim } };
  return { namespace: space.metadata.name, storage };
}

/** The same folder in the pods of a cluster whose storage is elsewhere. */
export function folderVolume(folder: string): ExtraVolume {
  return { name: "folder", source: { persistentVolumeClaim: { claimName: CLAIM } }, mountPath: folder };
}
