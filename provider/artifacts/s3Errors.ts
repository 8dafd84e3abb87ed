import { redactor } from "../values/redact";
import { ArtifactError } from "./artifactError";
import { showObject } from "./source";
import type { S3Object } from "../values/s3Address";
import { messageOf } from "./transfer";

/** What the AWS SDK throws, as far as it is of use. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Only where the answer was one of S3's. */
  readonly $fault?: unknown;
  /** Where the server says that the bucket is. */
  readonly Region?: unknown;
}

/** Codes of an answer to credentials that the server does not know, or not any more. */
const WRONG_CREDENTIALS: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "InvalidToken",
  "TokenRefreshRequired",
]);
/** Codes of an answer of a bucket that is in another region than the request says. */
const WRONG_REGION: ReadonlySet<string> = new Set([
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "PermanentRedirect",
]);
/** Codes of an answer that there is no such object. */
const MISSING: ReadonlySet<string> = new Set(["NoSuchKey", "NoSuchBucket", "NoSuchVersion", "NotFound"]);
const CREDENTIALS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
/** What the SDK says where it has no region; it has no name for it. */
const NO_REGION = /^Region is missing/;

/** The status of the answer; undefined: there was none. */
export function s3Status(error: unknown): number | undefined {
  return error instanceof Error ? (error as SdkError).$metadata?.httpStatusCode : undefined;
}

/**
 * What went wrong with an object in S3.
 *
 * @param secrets - what the request was signed with: no server is to be trusted not to repeat it.
 * @returns the error, or words for one that may not be there another time.
 */
export function explainS3Error(error: unknown, object: S3Object, secrets: readonly string[]): ArtifactError | string {
  const redact = redactor(secrets);
  const name = error instanceof Error ? error.name : "";
  const status = s3Status(error);
  const said = redact(messageOf(error)).replace(/\s+/g, " ").trim();
  const refused = (why: string): ArtifactError =>
    new ArtifactError("FLINK_ARTIFACT_REFUSED", `cannot be fetched from ${showObject(object)}: ${why}`);
  if (NO_REGION.test(said)) {
    return refused("no region is set; set AWS_REGION (most servers that are not Amazon's take us-east-1)");
  }
  if (name.endsWith("ProviderError")) return refused(`the AWS SDK finds no credentials (${said}); set ${CREDENTIALS}`);
  if (status === undefined) return said;
  const isS3 = (error as SdkError).$fault !== undefined;
  const answer = `S3 answered ${status}${isS3 && /^\w+$/.test(name) ? ` (${redact(name)})` : ""}`;
  if (status === 408 || status === 429 || status >= 500) return `${answer}: ${said}`;
  if (!isS3) return refused(`${answer}, and not in S3's words: is it S3 that AWS_ENDPOINT_URL_S3 leads to?`);
  if (WRONG_REGION.has(name) || status === 301) {
    const { Region: region } = error as SdkError;
    const there = typeof region === "string" ? ` to ${JSON.stringify(redact(region.slice(0, 100)))}` : "";
    return refused(`${answer}: the bucket is in another region than the one that is set; set AWS_REGION${there}`);
  }
  if (WRONG_CREDENTIALS.has(name)) return refused(`${answer}: the credentials are not accepted; see ${CREDENTIALS}`);
  if (MISSING.has(name)) {
    const { bucket, key } = object;
    const what =
      name === "NoSuchBucket" ? `there is no bucket ${bucket}` : `there is no ${key} in the bucket ${bucket}`;
    return new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", `does not exist: ${what}`);
  }
  if (status === 403 && name !== "InvalidObjectState") {
    const why = "the credentials may not read it (s3:GetObject), or it does not exist and they may not list the bucket";
    return refused(`${answer}: ${why}`);
  }
  return refused(`${answer}: ${said}`);
}
