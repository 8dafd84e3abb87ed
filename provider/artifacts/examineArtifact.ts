import { imageJarDigest, imageJarPath } from "../values/imageJar";
import { ArtifactError } from "./artifactError";
import type { ArtifactInputs } from "./artifactInputs";
import { dependenciesOf, packedDigest, type Dependency, type Packed } from "./dependencies";
import { holdsClass, inspectJar, type JarFacts } from "./jar";
import { digestAt, examine, type FileFacts } from "./learned";
import { assetKind } from "./pulumiAsset";
import { refuseOtherContent } from "./requirements";
import { sourceOf } from "./source";
import type { TransferOptions } from "./transfer";

/** What is known of a jar without keeping it. */
export interface ArtifactFacts extends FileFacts, JarFacts {}

/**
 * Reads a jar where it is and says what it holds. The inputs must be checked and known. A local jar is read each time; one on
 * a server is fetched again only if the server has another one, and not at all if `artifact.sha256` is already known.
 *
 * @throws {ArtifactError} but none about the class to run, or about names that are taken: that stands in the facts.
 */
export async function examineJar(artifact: ArtifactInputs, options: TransferOptions = {}): Promise<ArtifactFacts> {
  const { entryClass } = artifact;
  const names = dependenciesOf(artifact).map(({ entryName }) => entryName);
  const look = (path: string, sha256: string): Promise<JarFacts> => {
    refuseOtherContent(artifact, sha256);
    return inspectJar(path, entryClass, names);
  };
  const facts = await examine(sourceOf(artifact), { words: [entryClass, names], look }, options, artifact.sha256);
  // What was learned before may be another one.
  refuseOtherContent(artifact, facts.sha256);
  return facts;
}

/**
 * As {@link examineJar}, for a file that is packed into the jar.
 *
 * @param entryClass - the class that the job runs.
 * @returns whether it is in the file.
 * @throws {ArtifactError}
 */
export async function dependencyHoldsClass(
  { source, isJar, index }: Dependency,
  entryClass: string | undefined,
  options: TransferOptions = {},
): Promise<boolean> {
  const look = async (path: string): Promise<{ holds: boolean }> => ({ holds: await holdsClass(path, entryClass) });
  return ofDependency(index, async () => {
    if (isJar) return (await examine(source, { words: [entryClass], look }, options)).holds;
    await digestAt(source, options);
    return false;
  });
}

/** Says of one of the additional dependencies what is wrong. */
export async function ofDependency<T>(index: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ArtifactError ? new ArtifactError(error.code, error.message, index) : error;
  }
}

/** Where the jar lies in the image of its cluster; undefined: it is not there, but uploaded. */
export function pathInImage({ jarUri }: ArtifactInputs): string | undefined {
  return jarUri === undefined ? undefined : imageJarPath(jarUri);
}

/**
 * What stands for the content of the jar and of all that is packed into it; the SHA-256 of the jar where nothing is.
 *
 * @throws {ArtifactError}
 */
export async function artifactDigest(artifact: ArtifactInputs, options: TransferOptions = {}): Promise<string> {
  const inImage = pathInImage(artifact);
  if (inImage !== undefined) return imageJarDigest(inImage);
  const jar = await jarDigest(artifact, options);
  const packed: Packed[] = [];
  for (const { index, source, entryName } of dependenciesOf(artifact)) {
    packed.push({ entryName, sha256: await ofDependency(index, () => digestAt(source, options)) });
  }
  return packedDigest(jar, packed);
}

/**
 * As cheaply as it can be had: `artifact.sha256` where it is given (what resolves the jar makes sure of it), else (an
 * asset of which only the hash is left, as in `diff`) Pulumi's own hash, else read from the content.
 */
async function jarDigest(artifact: ArtifactInputs, options: TransferOptions): Promise<string> {
  if (artifact.sha256 !== undefined) return artifact.sha256;
  const { jar } = artifact;
  if (jar?.hash !== undefined && assetKind(jar) === "digest") return jar.hash;
  return digestAt(sourceOf(artifact), options);
}
