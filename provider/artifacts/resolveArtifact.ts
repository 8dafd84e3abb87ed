import type { ArtifactInputs } from "./artifactInputs";
import { bring, type LocalCopy } from "./bring";
import type { TransferOptions } from "./download";
import { inspectJar } from "./jar";
import { refuseOtherContent, refuseWithoutEntryClass } from "./requirements";
import { sourceOf } from "./source";

/** A job's jar, here and ready to be uploaded. */
export interface ResolvedArtifact extends LocalCopy {
  /** The class that the manifest names as the one to run. */
  readonly mainClass?: string;
}

/**
 * Brings a job's jar onto this machine and makes sure that it is the one asked for, that it is a jar and that it holds
 * the class to run. The inputs must be checked and known. Memory does not grow with the jar.
 *
 * @throws {ArtifactError}
 */
export async function resolveArtifact(
  artifact: ArtifactInputs,
  options: TransferOptions = {},
): Promise<ResolvedArtifact> {
  const local = await bring(sourceOf(artifact), options);
  try {
    refuseOtherContent(artifact, local.sha256);
    const facts = await inspectJar(local.path, artifact.entryClass);
    refuseWithoutEntryClass(facts);
    return { ...local, ...(facts.mainClass === undefined ? {} : { mainClass: facts.mainClass }) };
  } catch (error) {
    await local.dispose();
    throw error;
  }
}
