import { canonicalJson, sha256Hex } from "../values/canonicalJson";
import { imageJarDigest, imageJarPath } from "../values/imageJar";
import type { ArtifactInputs } from "./artifactInputs";
import { bring } from "./bring";
import type { TransferOptions } from "./download";
import { assetKind } from "./pulumiAsset";
import { inspectJar, type JarFacts } from "./jar";
import { refuseOtherContent } from "./requirements";
import { sourceOf } from "./source";

/** What is known of a jar without keeping it. */
export interface ArtifactFacts extends JarFacts {
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * What this process learned of jars on servers, so that a check followed by a diff fetches once. Each entry is asked
 * for again with its validator: the server decides whether it still holds.
 */
const learned = new Map<string, { readonly facts: ArtifactFacts; readonly validator?: string }>();

/**
 * Reads a jar where it is and says what it holds. The inputs must be checked and known. A local jar is read each time; one on
 * a server is fetched again only if the server has another one, and not at all if `artifact.sha256` is already known.
 *
 * @throws {ArtifactError} but none about the class to run: that stands in the facts.
 */
export async function examineArtifact(artifact: ArtifactInputs, options: TransferOptions = {}): Promise<ArtifactFacts> {
  const source = sourceOf(artifact);
  const { entryClass } = artifact;
  // Headers decide what a server gives; hashed, so that no secret is kept as a key.
  const key =
    source.kind === "http" ? sha256Hex(canonicalJson([source.url.href, source.headers, entryClass])) : undefined;
  const known = key === undefined ? undefined : learned.get(key);
  if (known !== undefined && artifact.sha256 === known.facts.sha256) return known.facts;
  const local = await bring(source, {
    ...options,
    ...(known?.validator === undefined ? {} : { validator: known.validator }),
  });
  if (local === undefined) {
    // Not modified, so there was a validator.
    const { facts } = known as NonNullable<typeof known>;
    refuseOtherContent(artifact, facts.sha256);
    return facts;
  }
  try {
    const { sha256, sizeBytes, validator } = local;
    refuseOtherContent(artifact, sha256);
    const facts = { sha256, sizeBytes, ...(await inspectJar(local.path, entryClass)) };
    if (key !== undefined) learned.set(key, { facts, ...(validator === undefined ? {} : { validator }) });
    return facts;
  } finally {
    await local.dispose();
  }
}

/** Where the jar lies in the image of its cluster; undefined: it is not there, but uploaded. */
export function pathInImage({ jarUri }: ArtifactInputs): string | undefined {
  return jarUri === undefined ? undefined : imageJarPath(jarUri);
}

/**
 * The SHA-256 of a jar's content, as cheaply as it can be had: `artifact.sha256` where it is given (what resolves the jar
 * makes sure of it), what stands for it where the jar lies in an image, else read from the content, else (an asset of which only the hash is left, as in `diff`) Pulumi's own hash.
 *
 * @throws {ArtifactError}
 */
export async function artifactDigest(artifact: ArtifactInputs, options: TransferOptions = {}): Promise<string> {
  const inImage = pathInImage(artifact);
  if (inImage !== undefined) return imageJarDigest(inImage);
  if (artifact.sha256 !== undefined) return artifact.sha256;
  const { jar } = artifact;
  if (jar?.hash !== undefined && assetKind(jar) === "digest") return jar.hash;
  return (await examineArtifact(artifact, options)).sha256;
}
