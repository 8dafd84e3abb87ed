import { ArtifactError, type ArtifactErrorCode } from "../artifacts/artifactError";
import type { ArtifactInputs } from "../artifacts/artifactInputs";
import type { TransferOptions } from "../artifacts/download";
import { examineArtifact, pathInImage } from "../artifacts/examineArtifact";
import { refuseWithoutEntryClass } from "../artifacts/requirements";
import { containsUnknown, isUnknown } from "../values/unknown";
import type { DeploymentInputs } from "./inputs";
import type { RuleFindings } from "./rules";

/**
 * Reads the jar that checked inputs name, and says what is wrong with it: missing, not a jar, another one than pinned,
 * without its entry class. What may be right another time (a server that does not answer) is a warning, and so is
 * everything while the job is not to run: a lost jar must not stand in the way of stopping it.
 *
 * Reads nothing while the place of the jar is not known yet.
 */
export async function checkArtifact(inputs: DeploymentInputs, options: TransferOptions = {}): Promise<RuleFindings> {
  const { artifact } = inputs;
  if (isUnknown(artifact)) return { failures: [], warnings: [] };
  const { entryClass, ...place } = artifact;
  if (containsUnknown({ ...place, mainArgs: [] })) return { failures: [], warnings: [] };
  // Only its cluster can read it, and says so when the job is planned.
  if (pathInImage(artifact) !== undefined) return { failures: [], warnings: [] };
  const property = propertiesOf(artifact);
  try {
    const facts = await examineArtifact(isUnknown(entryClass) ? place : artifact, options);
    if (!isUnknown(entryClass)) refuseWithoutEntryClass(facts);
    return { failures: [], warnings: maybeMissing(facts.hasEntryClass === "maybe", facts.entryClass) };
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    const failure = { property: property[error.code], reason: error.message };
    return error.code !== "FLINK_ARTIFACT_UNREACHABLE" && inputs.state === "RUNNING"
      ? { failures: [failure], warnings: [] }
      : { failures: [], warnings: [`${failure.property} ${failure.reason}`] };
  }
}

function maybeMissing(maybe: boolean, entryClass: string | undefined): string[] {
  return maybe && entryClass !== undefined
    ? [`artifact.entryClass is ${entryClass}, which is not in the jar itself; it may be in one of the jars in its lib/`]
    : [];
}

function propertiesOf(artifact: ArtifactInputs): Record<ArtifactErrorCode, string> {
  const jar = artifact.jarUri === undefined ? "artifact.jar" : "artifact.jarUri";
  return {
    FLINK_ARTIFACT_NOT_FOUND: jar,
    FLINK_ARTIFACT_UNREADABLE: jar,
    FLINK_ARTIFACT_UNREACHABLE: jar,
    FLINK_ARTIFACT_REFUSED: jar,
    FLINK_ARTIFACT_NOT_A_JAR: jar,
    FLINK_ARTIFACT_DIGEST_MISMATCH: "artifact.sha256",
    FLINK_ARTIFACT_NO_ENTRY_CLASS: "artifact.entryClass",
    FLINK_ARTIFACT_ENTRY_CLASS_MISSING: "artifact.entryClass",
  };
}
