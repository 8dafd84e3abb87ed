import { createRequire } from "node:module";
import type * as sdk from "@aws-sdk/client-s3";
import { ArtifactError } from "./artifactError";

const PACKAGE = "@aws-sdk/client-s3";
type Sdk = typeof sdk;

/** Nothing of what it says is for a user of Pulumi. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * The AWS SDK, which is loaded only by programs that have something in S3: the program's own copy, else this package's.
 *
 * @throws {ArtifactError} FLINK_ARTIFACT_NO_S3_CLIENT
 */
export function loadSdk(): Sdk {
  const load = createRequire(__filename);
  return load(find(load)) as Sdk;
}

function find(load: NodeJS.Require): string {
  try {
    return load.resolve(PACKAGE, { paths: [process.cwd(), __dirname] });
  } catch {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NO_S3_CLIENT",
      `is in S3, which takes the AWS SDK, and that is not installed here: npm install ${PACKAGE}`,
    );
  }
}

/**
 * A client as the environment has it: region, credentials, endpoint and all else by the SDK's own variables and files.
 * At an endpoint of the user's own, buckets are in the path: few such servers have a host name for each.
 */
export function s3ClientOf({ S3Client: Client }: Sdk, connectionTimeoutMs: number): sdk.S3Client {
  const client = new Client({
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: connectionTimeoutMs },
    logger: silent,
  });
  const { endpointProvider } = client.config;
  client.config.endpointProvider = (parameters, context) =>
    endpointProvider(parameters.Endpoint === undefined ? parameters : { ...parameters, ForcePathStyle: true }, context);
  return client;
}
