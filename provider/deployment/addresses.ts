import { validateHeaderName, validateHeaderValue } from "node:http";
import { z } from "zod";
import { assetKind, type AssetValue } from "../artifacts/pulumiAsset";
import { checkJarAddress, readUrl, refuseUserInfo } from "../checks/addresses";
import { WRONG_KEY } from "../checks/issues";
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
        const unread = /^(?:s3|local):\/\//i.exec(asset.uri ?? "")?.[0].toLowerCase();
        if (unread !== undefined) fail(`is a RemoteAsset at ${unread}, which Pulumi does not read; give it as jarUri`);
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
