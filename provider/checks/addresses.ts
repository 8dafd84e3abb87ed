import { z } from "zod";
import { isLinkLocal } from "../values/hosts";
import { imageJarPath } from "../values/imageJar";
import { packedName } from "../values/packedName";
import { s3Object } from "../values/s3Address";
import { fail, orUnknown, text } from "./leaves";

/* Addresses. No message shows a credential. */

/** From where jars, and what is packed into them, are read. */
const FETCHED_SCHEMES = ["file:", "http:", "https:", "s3:"];

/** The address of a jar. */
export function jarAddress(): z.ZodType<string> {
  return text(checkJarAddress);
}

/** @throws InvalidValueError */
export function checkJarAddress(value: string): void {
  if (!/^local:\//i.test(value)) {
    checkFetched(value, [...FETCHED_SCHEMES, "local:"], 'use jar: new pulumi.asset.FileAsset("path")');
  } else if (imageJarPath(value) === undefined) {
    fail('must name a jar in the image by its path, with three slashes: "local:///opt/flink/usrlib/job.jar"');
  }
}

/** The addresses of what is packed into a jar. */
export function dependencyAddresses(): z.ZodType<readonly string[]> {
  return orUnknown(z.array(text(checkDependencyAddress)));
}

/** @throws InvalidValueError */
export function checkDependencyAddress(value: string): void {
  if (/^local:\//i.test(value)) {
    fail("lies in the cluster's image, from which nothing can be packed into the jar: put it into the image's lib/");
  }
  checkFetched(value, FETCHED_SCHEMES, "write its whole path, file:///path");
  if (packedName(value) === undefined) {
    fail("must end with the name of the file: it becomes a file of that name in the job's jar");
  }
}

/** The address of a file that this package's provider fetches. */
function checkFetched(value: string, schemes: readonly string[], besideProgram: string): void {
  const allowed = `allowed: ${schemes.map((name) => `${name}//`).join(", ")}`;
  const scheme = /^([a-z][a-z0-9+.-]+:)\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    fail(`has no scheme (${allowed}); for a file beside the program ${besideProgram}`);
  }
  if (!schemes.includes(scheme)) {
    fail(`has the scheme ${scheme}//, from which jars cannot be read; ${allowed}`);
  }
  if (scheme === "s3:") return checkS3(value);
  const url = readUrl(value, "https://host/job.jar");
  if (scheme === "file:" && url.host !== "") {
    fail(`names the host ${JSON.stringify(url.host)}; a local file has three slashes: file:///path`);
  }
  refuseUserInfo(url, "give them as httpHeaders");
  if (isLinkLocal(value))
    fail(`is at ${url.hostname}, an address where clouds keep credentials, and nobody keeps jars`);
}

function checkS3(value: string): void {
  if (/^s3:\/\/[^/]*@/i.test(value)) {
    fail("must not hold credentials (key:secret@): the AWS SDK finds them, in AWS_ACCESS_KEY_ID and so on");
  }
  if (s3Object(value) === undefined) fail(`must name a bucket and a file in it: "s3://bucket/path/job.jar"`);
}

/** @throws InvalidValueError */
export function readUrl(value: string, example: string): URL {
  // The value may hold a password: it is not repeated.
  if (!URL.canParse(value)) fail(`is not an address such as ${example}`);
  return new URL(value);
}

/** Addresses are shown, and credentials must not be. */
export function refuseUserInfo(url: URL, instead: string): void {
  if (url.username !== "" || url.password !== "") {
    fail(`must not hold credentials (user:password@): ${instead}`);
  }
}
