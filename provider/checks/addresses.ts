import type { z } from "zod";
import { imageJarPath } from "../values/imageJar";
import { fail, text } from "./leaves";

/* Addresses. No message shows a credential. */

const JAR_SCHEMES = ["file:", "http:", "https:", "local:"];

/** The address of a jar. */
export function jarAddress(): z.ZodType<string> {
  return text(checkJarAddress);
}

/** @throws InvalidValueError */
export function checkJarAddress(value: string): void {
  const allowed = "allowed: file://, http://, https://, local://";
  const scheme = /^([a-z][a-z0-9+.-]+:)\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    fail(`has no scheme (${allowed}); for a file beside the program use jar: new pulumi.asset.FileAsset("path")`);
  }
  if (!JAR_SCHEMES.includes(scheme)) {
    fail(`has the scheme ${scheme}//, from which jars cannot be read; ${allowed}`);
  }
  if (scheme === "local:") {
    if (imageJarPath(value) === undefined) {
      fail('must name a jar in the image by its path, with three slashes: "local:///opt/flink/usrlib/job.jar"');
    }
    return;
  }
  const url = readUrl(value, "https://host/job.jar");
  if (scheme === "file:" && url.host !== "") {
    fail(`names the host ${JSON.stringify(url.host)}; a local file has three slashes: file:///path`);
  }
  refuseUserInfo(url, "give them as httpHeaders");
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
