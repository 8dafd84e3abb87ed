import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { assetKind, type AssetValue } from "../artifacts/pulumiAsset";
import { WRONG_KEY } from "../checks/issues";
import { imageJarPath } from "../values/imageJar";
import { describe, fail, leaf, orUnknown, scalar, text } from "../checks/leaves";

/* Addresses and what is sent to them. No message shows a credential. */

/** The base address of a REST API. */
export function restUrl(): z.ZodType<string> {
  return text((value) => {
    const url = readUrl(value, "http://host:8081");
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      fail(`must begin with http:// or https://, not ${url.protocol}//`);
    }
    refuseUserInfo(url, "give them as basicAuth");
    if (url.search !== "" || url.hash !== "") {
      fail("must be a base address, without a query (?…) or a fragment (#…)");
    }
  });
}

const JAR_SCHEMES = ["file:", "http:", "https:", "local:"];

/** The address of a jar. */
export function jarAddress(): z.ZodType<string> {
  return text(checkJarAddress);
}

function checkJarAddress(value: string): void {
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

/** A Pulumi asset that a jar can be read from. */
export function jarAsset(): z.ZodType<AssetValue> {
  return leaf((value) => {
    const kind = assetKind(value);
    switch (kind) {
      case "file":
      case "digest":
        return value as AssetValue;
      case "remote": {
        const asset = value as AssetValue;
        checkJarAddress(asset.uri ?? "");
        return asset;
      }
      case "text":
        return fail("is a StringAsset, but a jar is not text; give a pulumi.asset.FileAsset or RemoteAsset");
      case "archive":
        return fail("is an archive; give the jar itself as a pulumi.asset.FileAsset or RemoteAsset");
      case "empty":
        return fail("is an asset without a path or an address");
      case "none":
        return fail(
          `must be a pulumi.asset.FileAsset or RemoteAsset, not ${describe(value)}; for an address use jarUri`,
        );
    }
  });
}

function readUrl(value: string, example: string): URL {
  // The value may hold a password: it is not repeated.
  if (!URL.canParse(value)) fail(`is not an address such as ${example}`);
  return new URL(value);
}

function refuseUserInfo(url: URL, instead: string): void {
  if (url.username !== "" || url.password !== "") {
    fail(`must not hold credentials (user:password@): ${instead}`);
  }
}

/** Request headers. */
export function headers(): z.ZodType<Readonly<Record<string, string>>> {
  return orUnknown(
    z.record(z.string(), scalar()).superRefine((map, context) => {
      for (const [name, value] of Object.entries(map)) {
        if (!isHeaderName(name)) {
          const message = "is not a header name: it may hold letters, digits and !#$%&'*+-.^_`|~ only";
          context.addIssue({ code: "custom", path: [name], message, params: WRONG_KEY });
        }
        const problem = headerValueProblem(value);
        if (problem !== undefined) context.addIssue({ code: "custom", path: [name], message: problem });
      }
    }),
  );
}

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name);
    return true;
  } catch {
    return false;
  }
}

function headerValueProblem(value: string): string | undefined {
  try {
    validateHeaderValue("x", value);
    return undefined;
  } catch {
    return "holds a line break or another character that a header value must not have";
  }
}

/** A text that is sent inside a header. */
export function headerSafeText(): z.ZodType<string> {
  return text((value) => {
    const problem = headerValueProblem(value);
    if (problem !== undefined) fail(problem);
  });
}

/** Whether an address is this very machine. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
