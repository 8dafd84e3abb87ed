import type { ArtifactInputs } from "./artifactInputs";
import { bring, type LocalCopy } from "./bring";
import { dependenciesOf } from "./dependencies";
import { ofDependency } from "./examineArtifact";
import { holdsClass, inspectJar } from "./jar";
import { pack, type LocalDependency } from "./pack";
import { refuseOtherContent, refuseTakenName, refuseWithoutEntryClass } from "./requirements";
import { sourceOf } from "./source";
import type { TransferOptions } from "./transfer";

/** A job's jar, here and ready to be uploaded. Its SHA-256 is what `artifactDigest` gives. */
export interface ResolvedArtifact extends LocalCopy {
  /** The class that the manifest names as the one to run. */
  readonly mainClass?: string;
}

/**
 * Brings a job's jar onto this machine, packs its additional dependencies into it, and makes sure that it is the one
 * asked for, that it is a jar and that it holds the class to run. The inputs must be checked and known. Memory does not
 * grow with the jar.
 *
 * @throws {ArtifactError}
 */
export async function resolveArtifact(
  artifact: ArtifactInputs,
  options: TransferOptions = {},
): Promise<ResolvedArtifact> {
  const brought: LocalCopy[] = [];
  const disposeParts = async (): Promise<void> => {
    await Promise.all(brought.map(({ dispose }) => dispose()));
  };
  try {
    const jar = await bring(sourceOf(artifact), options);
    brought.push(jar);
    refuseOtherContent(artifact, jar.sha256);
    const dependencies = dependenciesOf(artifact);
    const names = dependencies.map(({ entryName }) => entryName);
    const facts = await inspectJar(jar.path, artifact.entryClass, names);
    const parts: LocalDependency[] = [];
    let held = false;
    for (const dependency of dependencies) {
      refuseTakenName(facts, dependency);
      await ofDependency(dependency.index, async () => {
        const local = await bring(dependency.source, options);
        brought.push(local);
        parts.push({ dependency, local });
        if (dependency.isJar) held = (await holdsClass(local.path, facts.entryClass)) || held;
      });
    }
    refuseWithoutEntryClass(held ? { ...facts, hasEntryClass: "yes" } : facts, parts.length > 0);
    const { mainClass } = facts;
    const main = mainClass === undefined ? {} : { mainClass };
    if (parts.length === 0) return { ...jar, ...main };
    const packed = await pack(jar, parts, options.signal);
    await disposeParts();
    return { ...packed, ...main };
  } catch (error) {
    await disposeParts();
    throw error;
  }
}
