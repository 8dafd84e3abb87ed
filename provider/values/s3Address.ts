/** An object in S3. */
export interface S3Object {
  readonly bucket: string;
  /** As it is written: nothing in it is decoded. */
  readonly key: string;
}

/** What every bucket's name looks like, the old ones and those of other servers included. */
const BUCKET = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])?$/;

/** Reads `s3://bucket/key`; undefined: it names no object. */
export function s3Object(address: string): S3Object | undefined {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/is.exec(address) ?? [];
  return BUCKET.test(bucket) && !key.endsWith("/") && !/\p{Cc}/u.test(key) ? { bucket, key } : undefined;
}
