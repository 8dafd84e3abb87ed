import type { ArtifactInputs } from "../artifacts/artifactInputs";
import { artifactDigest, pathInImage } from "../artifacts/examineArtifact";
import { resolveArtifact, type ResolvedArtifact } from "../artifacts/resolveArtifact";
import type { TransferOptions } from "../artifacts/transfer";
import type { ResourceLog } from "../engine/log";
import { seldom } from "../values/seldom";
import { systemClock } from "./clock";
import { containsUnknown } from "../values/unknown";
import { withProperty } from "./artifactProperty";
import type { DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";

/** How often a row shows how far reading a jar has come. */
const READING_MS = 2_000;

/** The jar of a deployment as far as a plan needs it. */
export interface ArtifactSummary {
  /** Of the jar with all that is packed into it. Undefined while it is not known. */
  readonly sha256: string | undefined;
  /** For people. */
  readonly fileName: string | undefined;
  /** Where it lies in the image of its cluster; undefined: it is uploaded. */
  readonly imagePath?: string | undefined;
}

/**
 * The digest and the name of the deployment's jar.
 *
 * @throws {ArtifactError} when the jar, or what is packed into it, can't be read. A deployment that is not to run does
 * not need its jar: then the recorded digest stands in.
 */
export async function artifactOf(
  inputs: DeploymentInputs,
  olds: DeploymentOutputs | undefined,
  options: TransferOptions = {},
): Promise<ArtifactSummary> {
  const { artifact } = inputs;
  if (containsUnknown(artifact)) return { sha256: undefined, fileName: undefined };
  const fileName = fileNameOf(artifact);
  try {
    const sha256 = await withProperty(artifact, () => artifactDigest(artifact, options));
    return { sha256, fileName, imagePath: pathInImage(artifact) };
  } catch (error) {
    const recorded = olds?.record.applied?.job.artifactSha256;
    if (inputs.state === "RUNNING" || recorded === undefined) throw error;
    return { sha256: recorded, fileName };
  }
}

/** The jar itself, ready to be uploaded. */
export async function resolvedArtifactOf(
  { artifact }: Pick<DeploymentInputs, "artifact">,
  options: TransferOptions,
): Promise<ResolvedArtifact> {
  return withProperty(artifact, () => resolveArtifact(artifact, options));
}

/** How reading a jar shows on its resource's row, and what ends it. */
export function readingOptions(log: Pick<ResourceLog, "progress">, signal: AbortSignal): TransferOptions {
  const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
  return {
    signal,
    onProgress: seldom(READING_MS, systemClock.now, ({ receivedBytes, totalBytes }) =>
      log.progress(
        `reading the jar: ${megabytes(receivedBytes)}${totalBytes === undefined ? "" : ` of ${megabytes(totalBytes)}`}`,
      ),
    ),
  };
}

function fileNameOf({ jar, jarUri, additionalDependencies }: ArtifactInputs): string | undefined {
  const address = jarUri ?? jar?.path ?? jar?.uri;
  const name = address?.split(/[?#]/)[0]?.split(/[/\\]/).at(-1);
  const packed = additionalDependencies.length;
  return name === undefined || packed === 0
    ? name
    : `${name} with ${packed} additional ${packed === 1 ? "dependency" : "dependencies"}`;
}
