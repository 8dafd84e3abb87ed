import { stat } from "node:fs/promises";
import { join } from "node:path";
import { appendToZip, MAX_ZIP_BYTES } from "./appendToZip";
import { ArtifactError } from "./artifactError";
import { temporaryFolder, type LocalCopy } from "./bring";
import { packedDigest, type Dependency } from "./dependencies";
import { messageOf } from "./transfer";

/** A file that is packed into the jar, on this machine. */
export interface LocalDependency {
  readonly dependency: Dependency;
  readonly local: LocalCopy;
}

/** What the headers of an entry and of the whole take at most, generously. */
const OVERHEAD_BYTES = 1024;

/**
 * Makes the job's jar with its dependencies in it: the jar as it is, and then they. The same files make the same bytes.
 *
 * @returns a copy of its own; the parts are still the caller's.
 * @throws {ArtifactError} FLINK_ARTIFACT_NOT_PACKED
 */
export async function pack(
  jar: LocalCopy,
  dependencies: readonly LocalDependency[],
  signal: AbortSignal | undefined,
): Promise<LocalCopy> {
  const sizes = [jar, ...dependencies.map(({ local }) => local)].map(({ sizeBytes }) => sizeBytes + OVERHEAD_BYTES);
  if (sizes.reduce((sum, size) => sum + size) > MAX_ZIP_BYTES) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NOT_PACKED",
      "would be larger than 4 GiB with its additionalDependencies, more than a jar can be; put some of them into the " +
        "cluster's image",
    );
  }
  const { folder, dispose } = await temporaryFolder();
  try {
    const path = join(folder, "artifact.jar");
    const additions = dependencies.map(({ dependency, local }) => ({ name: dependency.entryName, path: local.path }));
    await appendToZip(jar.path, additions, path, signal);
    const packed = dependencies.map(({ dependency, local }) => ({
      entryName: dependency.entryName,
      sha256: local.sha256,
    }));
    const sha256 = packedDigest(jar.sha256, packed);
    return { path, fileName: jar.fileName, sha256, sizeBytes: (await stat(path)).size, dispose };
  } catch (error) {
    await dispose();
    signal?.throwIfAborted();
    throw new ArtifactError(
      "FLINK_ARTIFACT_NOT_PACKED",
      `cannot be packed with its additionalDependencies: ${messageOf(error)}`,
    );
  }
}
