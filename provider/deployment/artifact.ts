import { artifactDigest } from "../artifacts/examineArtifact";
import type { ArtifactInputs } from "../artifacts/artifactInputs";
import { containsUnknown } from "../values/unknown";
import type { DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";

/** The jar of a deployment as far as a plan needs it. */
export interface ArtifactSummary {
  /** Undefined while it is not known. */
  readonly sha256: string | undefined;
  /** For people. */
  readonly fileName: string | undefined;
}

/**
 * The digest and the name of the deployment's jar.
 *
 * @throws {ArtifactError} when the jar can't be read. A deployment that is not to run does not need its jar: then the
 * recorded digest stands in.
 */
export async function artifactOf(
  inputs: DeploymentInputs,
  olds: DeploymentOutputs | undefined,
  signal?: AbortSignal,
): Promise<ArtifactSummary> {
  const { artifact } = inputs;
  if (containsUnknown(artifact)) return { sha256: undefined, fileName: undefined };
  const fileName = fileNameOf(artifact);
  try {
    return { sha256: await artifactDigest(artifact, { signal }), fileName };
  } catch (error) {
    const recorded = olds?.record.applied?.job.artifactSha256;
    if (inputs.state === "RUNNING" || recorded === undefined) throw error;
    return { sha256: recorded, fileName };
  }
}

function fileNameOf(artifact: ArtifactInputs): string | undefined {
  const address = artifact.jarUri ?? artifact.jar?.path ?? artifact.jar?.uri;
  return address?.split(/[?#]/)[0]?.split(/[/\\]/).at(-1);
}
