import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { freePorts } from "../../provider/local/ports";
import { obtainObjectStorageServer } from "./kubernetes/objectStorage";
import { startTied, type TiedProcess } from "./tiedProcess";
import { until } from "./until";

/** A real S3 server on the loopback interface, with keys of its own. */
export interface S3Server {
  /** The variables by which the AWS SDK finds it, and gets in. */
  readonly environment: Readonly<Record<string, string>>;
  readonly endpoint: string;
  makeBucket(name: string): Promise<void>;
  put(bucket: string, key: string, content: Buffer | string): Promise<void>;
  /** Ends it; nothing of it is left. */
  stop(): Promise<void>;
}

const ATTEMPTS = 3;
/** The region that the server says it is in. */
const REGION = "us-east-1";

/** Starts a server without buckets. It ends with this process, however this process ends. */
export async function startS3Server(): Promise<S3Server> {
  const program = await obtainObjectStorageServer(() => {});
  const keys = {
    AWS_ACCESS_KEY_ID: randomBytes(10).toString("hex"),
    AWS_SECRET_ACCESS_KEY: randomBytes(20).toString("hex"),
  };
  for (let attempt = 1; ; attempt++) {
    const directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-s3-"));
    const [port = 0] = await freePorts(1);
    const endpoint = `http://127.0.0.1:${port}`;
    const server = await startServer(program, `127.0.0.1:${port}`, directory, keys);
    try {
      await until("the S3 server answers", async () => {
        const log = await server.log();
        if (log.includes("address already in use")) throw new Error(log);
        return await answers(endpoint);
      });
    } catch (error) {
      await server.stop();
      // Another process may have taken the port.
      if (attempt < ATTEMPTS) continue;
      throw error;
    }
    const client = new S3Client({
      endpoint,
      region: REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY },
    });
    return {
      endpoint,
      environment: { ...keys, AWS_REGION: REGION, AWS_ENDPOINT_URL_S3: endpoint },
      makeBucket: async (Bucket) => void (await client.send(new CreateBucketCommand({ Bucket }))),
      put: async (Bucket, Key, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key, Body }))),
      stop: async () => {
        client.destroy();
        await server.stop();
      },
    };
  }
}

async function startServer(
  program: string,
  address: string,
  directory: string,
  keys: Readonly<Record<string, string>>,
): Promise<TiedProcess> {
  const [buckets, metadata] = [path.join(directory, "buckets"), path.join(directory, "metadata")];
  for (const folder of [buckets, metadata]) await fs.mkdir(folder);
  return startTied(directory, [program, address, buckets, metadata], keys);
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await (await fetch(endpoint)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
