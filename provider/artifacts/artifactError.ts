import { PulumiFlinkError } from "../errors";

/** What can be wrong with the jar of a job, or with what is packed into it. */
export type ArtifactErrorCode =
  /** There is no such file, or its server says so. */
  | "FLINK_ARTIFACT_NOT_FOUND"
  /** It is there but cannot be read: a folder, or no permission. */
  | "FLINK_ARTIFACT_UNREADABLE"
  /** Its server did not answer, or stopped in the middle. It may work another time. */
  | "FLINK_ARTIFACT_UNREACHABLE"
  /** Its server answered and does not give it, or there are no credentials to ask with. */
  | "FLINK_ARTIFACT_REFUSED"
  /** It is in S3, and the AWS SDK is not installed. */
  | "FLINK_ARTIFACT_NO_S3_CLIENT"
  /** Its content is not the one that `artifact.sha256` names. */
  | "FLINK_ARTIFACT_DIGEST_MISMATCH"
  /** It is not a jar. */
  | "FLINK_ARTIFACT_NOT_A_JAR"
  /** It cannot be packed into the jar: the jar has a file of that name, or would become too large. */
  | "FLINK_ARTIFACT_NOT_PACKED"
  /** Neither `artifact.entryClass` nor the jar's manifest names a class to run. */
  | "FLINK_ARTIFACT_NO_ENTRY_CLASS"
  /** The class to run is not in the jar. */
  | "FLINK_ARTIFACT_ENTRY_CLASS_MISSING";

/** The jar of a job, or what is packed into it, cannot be used. The message goes on where the property's name ends. */
export class ArtifactError extends PulumiFlinkError {
  /**
   * @param dependency - which of `additionalDependencies` it is about; undefined: the jar itself.
   */
  constructor(
    readonly code: ArtifactErrorCode,
    message: string,
    readonly dependency?: number,
  ) {
    super(message);
  }
}
