import type { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { S3Object } from "../values/s3Address";
import { loadSdk, s3ClientOf } from "./s3Client";
import { explainS3Error, s3Status } from "./s3Errors";
import { showObject } from "./source";
import {
  stalledWords,
  stallTimeoutOf,
  store,
  validatorOf,
  withinLimits,
  type ConditionalTransferOptions,
  type Transfer,
} from "./transfer";

/**
 * Fetches an object of S3 into `target`, with its SHA-256 on the way. Region, credentials and endpoint are those that
 * the AWS SDK finds in its variables and files.
 *
 * @param validator - the ETag of an earlier answer: if the object is still the same, nothing is fetched.
 * @throws {ArtifactError} FLINK_ARTIFACT_UNREACHABLE, _NOT_FOUND, _REFUSED, _NO_S3_CLIENT. No message holds a secret.
 */
export async function downloadFromS3(
  object: S3Object,
  target: string,
  options: ConditionalTransferOptions = {},
): Promise<Transfer> {
  const stall = stallTimeoutOf(options);
  const sdk = loadSdk();
  const client = s3ClientOf(sdk, stall);
  // The SDK's own limits end with the answer's head.
  const stalled = new AbortController();
  const watchdog = setTimeout(() => stalled.abort(), stall);
  let secrets: readonly string[] = [];
  try {
    return await withinLimits(
      showObject(object),
      options,
      (error) => (stalled.signal.aborted ? stalledWords(stall) : explainS3Error(error, object, secrets)),
      async (whole) => {
        const signal = AbortSignal.any([whole, stalled.signal]);
        const onProgress: ConditionalTransferOptions["onProgress"] = (progress) => {
          watchdog.refresh();
          options.onProgress?.(progress);
        };
        try {
          const { bucket, key } = object;
          const { validator } = options;
          const condition = validator === undefined ? {} : { IfNoneMatch: validator };
          const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...condition });
          return await keep(await client.send(command, { abortSignal: signal }), target, {
            ...options,
            signal,
            onProgress,
          });
        } catch (error) {
          if (s3Status(error) === 304) return { kind: "unchanged" };
          if (s3Status(error) !== undefined) secrets = await secretsOf(client);
          throw error;
        }
      },
    );
  } finally {
    clearTimeout(watchdog);
    client.destroy();
  }
}

async function keep(
  { Body, ContentLength, ETag }: GetObjectCommandOutput,
  target: string,
  options: ConditionalTransferOptions,
): Promise<Transfer> {
  const stored = await store(Body as Readable, ContentLength, target, options);
  return { kind: "fetched", ...stored, ...validatorOf(ETag) };
}

/** What the request was signed with. */
async function secretsOf(client: S3Client): Promise<string[]> {
  const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
  return [accessKeyId, secretAccessKey, sessionToken].filter((secret) => secret !== undefined);
}
