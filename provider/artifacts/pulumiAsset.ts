/** How a Pulumi asset looks in a provider's hook: a plain object that carries a signature. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7";

/**
 * A `pulumi.asset.Asset` as a hook receives it. `hash` is the SHA-256 of its content (the engine computes it). `check`,
 * `create` and `update` get the whole of it; `diff` (its new inputs too) and `delete` get the hash alone.
 */
export interface AssetValue {
  readonly [SIGNATURE_KEY]: typeof ASSET_SIGNATURE;
  readonly hash?: string;
  readonly path?: string;
  readonly text?: string;
  readonly uri?: string;
}

/**
 * What kind of Pulumi asset a value is, if it is one at all. `digest`: only the hash of its content is left, as in what
 * `diff` and `delete` get.
 */
export type AssetKind = "file" | "remote" | "text" | "digest" | "empty" | "archive" | "none";

/** Whether the value is an asset (not an archive) as hooks receive it. */
export function isAssetValue(value: unknown): value is AssetValue {
  return signatureOf(value) === ASSET_SIGNATURE;
}

export function assetKind(value: unknown): AssetKind {
  if (signatureOf(value) === ARCHIVE_SIGNATURE) return "archive";
  if (!isAssetValue(value)) return "none";
  if (isText(value.path)) return "file";
  if (isText(value.uri)) return "remote";
  if (isText(value.text)) return "text";
  return isText(value.hash) ? "digest" : "empty";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function signatureOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[SIGNATURE_KEY] : undefined;
}
