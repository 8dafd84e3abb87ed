import { ArtifactError } from "./artifactError";
import type { ArtifactInputs } from "./artifactInputs";
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
export function refuseWithoutEntryClass(facts: JarFacts): void {
  if (facts.entryClass === undefined) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NO_ENTRY_CLASS",
      "is not given, and the jar's manifest names no Main-Class or program-class either: " +
        "give the class whose main method defines the job",
    );
  }
  if (facts.hasEntryClass === "no") {
    const similar = facts.similarClass === undefined ? "" : `; it has ${facts.similarClass}`;
    throw new ArtifactError(
      "FLINK_ARTIFACT_ENTRY_CLASS_MISSING",
      `is ${facts.entryClass}, which the jar does not hold${similar}`,
    );
  }
}
