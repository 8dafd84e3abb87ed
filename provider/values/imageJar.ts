import { sha256Hex } from "./canonicalJson";
import { percentDecoded } from "./percentDecoded";
import { uploadName } from "./uploadName";

/*
 * Jars that lie in the image of a cluster, and that artifacts name by `local:///path`. A cluster that offers one has it
 * among its uploaded jars, under a name that any deployment can tell.
 */

/** In place of a deployment in the names of jars that are for all. */
export const EVERY_DEPLOYMENT = "0".repeat(16);

const SCHEME = "local:";

/** The path in the image; undefined: the address is none of this kind, or names no jar by its path alone. */
export function imageJarPath(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname, search, hash } = new URL(address);
  const path = percentDecoded(pathname);
  return protocol === SCHEME && `${host}${search}${hash}` === "" && /^\/.+\.jar$/i.test(path) ? path : undefined;
}

/** In place of the SHA-256 of its content, which only the image knows. */
export function imageJarDigest(path: string): string {
  return sha256Hex(`${SCHEME}${path}`);
}

/** The name of its file among a cluster's uploaded jars. */
export function imageJarName(path: string): string {
  return uploadName(EVERY_DEPLOYMENT, imageJarDigest(path), path.split("/").at(-1) ?? "");
}
