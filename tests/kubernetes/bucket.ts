import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { FlinkStorage } from "../../index";
import type { ObjectStorage } from "../rig/kubernetes";
import { sharedCluster } from "./sharedCluster";

/** A bucket of the S3 store beside the tests' Kubernetes. */
export class Bucket {
  private constructor(
    readonly name: string,
    readonly store: ObjectStorage,
  ) {}

  /** That of this name, made unless it is there. */
  static async make(name: string): Promise<Bucket> {
    const { objectStorage } = await sharedCluster();
    await fs.mkdir(path.join(objectStorage.buckets, name), { recursive: true });
    return new Bucket(name, objectStorage);
  }

  /** Keys of the objects whose key begins with `<folder>/`. */
  async keys(folder: string): Promise<string[]> {
    const root = path.join(this.store.buckets, this.name);
    const entries = await fs.readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile());
    return files.map((file) => path.relative(root, path.join(file.parentPath, file.name)));
  }

  /** Keys of the metadata of completed savepoints in a folder. */
  async savepoints(folder = "flink/savepoints"): Promise<string[]> {
    return (await this.keys(folder)).filter((key) => key.endsWith("/_metadata"));
  }

  /** Storage in this bucket, with its keys in a Secret that is made by the program. */
  declareStorage(scheme: "s3" | "s3a", namespace: pulumi.Input<string>, provider: k8s.Provider): FlinkStorage {
    const { endpoint, accessKeyId, secretAccessKey } = this.store;
    const keys = new k8s.core.v1.Secret(
      "keys",
      { metadata: { namespace }, stringData: { accessKeyId, secretAccessKey } },
      { provider },
    );
    return {
      uri: `${scheme}://${this.name}/flink`,
      endpoint,
      pathStyleAccess: true,
      credentials: { secretName: keys.metadata.name },
    };
  }
}
