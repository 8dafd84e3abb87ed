import { ArtifactError } from "./artifactError";
import type { ArtifactInputs } from "./artifactInputs";
import type { Dependency } from "./dependencies";
import type { JarFacts } from "./jar";

/** Refuses a jar that is not the one that `artifact.sha256` names. */
export function refuseOtherContent(artifact: ArtifactInputs, sha256: string): void {
  if (artifact.sha256 !== undefined && artifact.sha256 !== sha256) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_DIGEST_MISMATCH",
      `asks for a jar of SHA-256 ${artifact.sha256}, but the jar there has ${sha256}`,
    );
  }
}

/** Refuses a jar without a class to run. */
export function refuseWithoutEntryClass(facts: JarFacts, hasDependencies: boolean): void {
  if (facts.entryClass === undefined) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NO_ENTRY_CLASS",
      "is not given, and the jar's manifest names no Main-Class or program-class either: " +
        "give the class whose main method defines the job",
    );
  }
  if (facts.hasEntryClass === "no") {
    const similar = facts.similarClass === undefined ? "" : `; it has ${facts.similarClass}`;
    const where = hasDependencies
      ? "neither the jar nor one of its additionalDependencies holds"
      : "the jar does not hold";
    throw new ArtifactError("FLINK_ARTIFACT_ENTRY_CLASS_MISSING", `is ${facts.entryClass}, which ${where}${similar}`);
  }
}

/** Refuses what would take the place of a file of the jar's own. */
export function refuseTakenName({ taken = [] }: JarFacts, { entryName, index }: Dependency): void {
  if (taken.includes(entryName)) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NOT_PACKED",
      `would be ${entryName} in the job's jar, which has a file of that name already; give it another name`,
      index,
    );
  }
}
