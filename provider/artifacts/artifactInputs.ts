import type { AssetValue } from "./pulumiAsset";

/** A job's jar as the arguments describe it, checked. */
export type ArtifactInputs = {
  readonly entryClass?: string;
  readonly mainArgs: readonly string[];
  /** Addresses of what is packed into the jar, in the order of the class path. */
  readonly additionalDependencies: readonly string[];
  readonly httpHeaders: Readonly<Record<string, string>>;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256?: string;
} & ({ readonly jar: AssetValue; readonly jarUri?: undefined } | { readonly jarUri: string; readonly jar?: undefined });
