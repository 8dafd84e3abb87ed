import { canonicalJson, sha256Hex } from "../values/canonicalJson";
import { packedName, type PackedName } from "../values/packedName";
import type { ArtifactInputs } from "./artifactInputs";
import { dependencySource, type ArtifactSource } from "./source";

/** A file that is packed into the job's jar. */
export interface Dependency extends PackedName {
  /** Its place in `additionalDependencies`. */
  readonly index: number;
  readonly source: ArtifactSource;
}

/** The files that checked, known inputs name, in the order of the class path. */
export function dependenciesOf(artifact: ArtifactInputs): readonly Dependency[] {
  return artifact.additionalDependencies.map((address, index) => {
    const name = packedName(address);
    if (name === undefined) throw new Error(`additionalDependencies[${index}] was not checked`);
    return { index, source: dependencySource(address, artifact), ...name };
  });
}

/** A file in the job's jar, and its content. */
export interface Packed {
  readonly entryName: string;
  readonly sha256: string;
}

/** What stands for the content of the jar with all that is packed into it; without any it is the jar's own digest. */
export function packedDigest(jarSha256: string, packed: readonly Packed[]): string {
  if (packed.length === 0) return jarSha256;
  return sha256Hex(canonicalJson([jarSha256, ...packed.map(({ entryName, sha256 }) => [entryName, sha256])]));
}
