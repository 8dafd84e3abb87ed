import { canonicalJson, sha256Hex } from "../values/canonicalJson";

/** How many hexadecimal digits tell two configurations apart. */
const DIGITS = 16;

/** What identifies a cluster by what it is made of: known in a preview wherever the parts are. */
export function fingerprintOf(parts: Readonly<Record<string, unknown>>): string {
  return sha256Hex(canonicalJson(parts)).slice(0, DIGITS);
}
