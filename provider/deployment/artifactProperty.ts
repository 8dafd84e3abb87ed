import { ArtifactError, type ArtifactErrorCode } from "../artifacts/artifactError";
import type { ArtifactInputs } from "../artifacts/artifactInputs";

/** The property that an artifact's error is about. */
export function artifactProperty(
  { code, dependency }: ArtifactError,
  { jarUri }: Pick<ArtifactInputs, "jarUri">,
): string {
  if (dependency !== undefined) return dependencyProperty(dependency);
  return `artifact.${keyOf(code, jarUri === undefined ? "jar" : "jarUri")}`;
}

/** One of the files that are packed into the jar. */
export function dependencyProperty(index: number): string {
  return `artifact.additionalDependencies[${index}]`;
}

function keyOf(code: ArtifactErrorCode, jar: "jar" | "jarUri"): string {
  switch (code) {
    case "FLINK_ARTIFACT_NOT_FOUND":
    case "FLINK_ARTIFACT_UNREADABLE":
    case "FLINK_ARTIFACT_UNREACHABLE":
    case "FLINK_ARTIFACT_REFUSED":
    case "FLINK_ARTIFACT_NO_S3_CLIENT":
    case "FLINK_ARTIFACT_NOT_A_JAR":
    case "FLINK_ARTIFACT_NOT_PACKED":
      return jar;
    case "FLINK_ARTIFACT_DIGEST_MISMATCH":
      return "sha256";
    case "FLINK_ARTIFACT_NO_ENTRY_CLASS":
    case "FLINK_ARTIFACT_ENTRY_CLASS_MISSING":
      return "entryClass";
  }
}

/** What is wrong with an artifact, as a whole sentence. */
export async function withProperty<T>(artifact: ArtifactInputs, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw new ArtifactError(error.code, `${artifactProperty(error, artifact)} ${error.message}`, error.dependency);
  }
}
