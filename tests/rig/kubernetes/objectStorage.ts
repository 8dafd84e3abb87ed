import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { obtainGoPrograms, readGoModule } from "./goModule";
import { clusterLayout } from "./layout";
import { NODE_ADDRESS } from "./namespaces";
import type { Service } from "./services";

/** Inside the namespaces only. */
const PORT = 9000;

/** An S3 store beside a cluster. */
export interface ObjectStorage {
  /** As pods reach it; buckets are named in the path. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where it is kept: a folder in here is a bucket, and a file in that an object. */
  readonly buckets: string;
}

/** The S3 server; built once, in about a minute. */
export async function obtainObjectStorageServer(log: (line: string) => void): Promise<string> {
  const module = await readGoModule("s3", ["main.go"], "github.com/versity/versitygw");
  const announcement = `building the S3 server versitygw ${module.version} with Go (once, about a minute)`;
  return path.join(await obtainGoPrograms("s3", module, announcement, log), "s3");
}

/** A store for the cluster of that folder, with keys of its own, before it is served. */
export async function prepareObjectStorage(directory: string): Promise<ObjectStorage> {
  const { buckets, bucketsMetadata } = clusterLayout(directory);
  for (const folder of [buckets, bucketsMetadata]) await fs.mkdir(folder, { recursive: true });
  return {
    endpoint: `http://${NODE_ADDRESS}:${PORT}`,
    accessKeyId: randomBytes(8).toString("hex"),
    secretAccessKey: randomBytes(20).toString("hex"),
    buckets,
  };
}

/** @param server the executable. */
export function objectStorageService(server: string, directory: string, storage: ObjectStorage): Service {
  const { buckets, bucketsMetadata } = clusterLayout(directory);
  return {
    name: "s3",
    command: [server, `${NODE_ADDRESS}:${PORT}`, buckets, bucketsMetadata],
    env: { AWS_ACCESS_KEY_ID: storage.accessKeyId, AWS_SECRET_ACCESS_KEY: storage.secretAccessKey },
  };
}
