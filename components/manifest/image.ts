import { explainFlinkVersion } from "../../provider/values/flinkVersion";
import { known } from "./known";
import type { Findings } from "./findings";
import type { DocumentApplicationArgs } from "./parsed";
import type { DocumentParts } from "./parts";
import { ARTIFACT_PATH } from "./paths";

type ImageArgs = Pick<
  DocumentApplicationArgs,
  "flinkVersion" | "flinkImageRegistry" | "flinkImageRepository" | "flinkImageTag"
>;

const VERSION_PATH = `${ARTIFACT_PATH}.flinkVersion`;
const TAG_PATH = `${ARTIFACT_PATH}.flinkImageTag`;

/** Of the platform's own images, which start Flink in a way of their own: `1.12.7-stream2-scala_2.12`. */
const PLATFORM_TAG = /^\d+\.\d+\.\d+-stream\d+/;

/** Flink's version and the image of a cluster. */
export function translateImage(
  { artifact }: DocumentParts,
  override: string | undefined,
  findings: Findings,
): ImageArgs {
  const tag = known(artifact.flinkImageTag);
  const ofTag = /^\d+\.\d+\.\d+(?![\d.])/.exec(tag ?? "")?.[0];
  const flinkVersion = override ?? versionOf(known(artifact.flinkVersion), ofTag, findings);
  if (tag !== undefined && PLATFORM_TAG.test(tag)) {
    findings.warn(
      TAG_PATH,
      `is ${tag}, one of the platform's own images; the official one of Flink ${flinkVersion ?? ofTag} is taken instead`,
    );
    return { flinkVersion };
  }
  const image = {
    flinkVersion,
    flinkImageRegistry: known(artifact.flinkImageRegistry),
    flinkImageRepository: known(artifact.flinkImageRepository),
  };
  if (ofTag === undefined || flinkVersion === undefined || ofTag === flinkVersion) {
    return { ...image, flinkImageTag: tag };
  }
  const other = `is ${tag}, an image of another Flink than ${flinkVersion}`;
  if (override === undefined) findings.issue(TAG_PATH, other);
  else findings.warn(TAG_PATH, `${other}; it is left out`);
  return image;
}

/** All three numbers of a document's version: those of the image's tag, if it is of that version, else the first ones. */
function versionOf(written: string | undefined, ofTag: string | undefined, findings: Findings): string | undefined {
  if (written === undefined) return checked(ofTag, ofTag, findings);
  if (ofTag?.startsWith(`${written}.`)) return checked(ofTag, written, findings);
  if (!/^\d+\.\d+$/.test(written)) return checked(written, written, findings);
  const full = `${written}.0`;
  const version = checked(full, written, findings);
  if (version !== undefined) findings.warn(VERSION_PATH, `is ${written}, which has two numbers; ${full} is taken`);
  return version;
}

function checked(version: string | undefined, written: string | undefined, findings: Findings): string | undefined {
  const wrong = version === undefined ? undefined : explainFlinkVersion(version);
  if (wrong === undefined) return version;
  findings.issue(VERSION_PATH, `is ${written}: ${wrong} Give another as the option flinkVersion.`);
  return undefined;
}

/** Of a document in session mode, whose cluster has its own: what it was written for, once it is one that can run. */
export function sessionVersionOf(
  { artifact }: DocumentParts,
  override: string | undefined,
  findings: Findings,
): string | undefined {
  const written = known(artifact.flinkVersion);
  if (override !== undefined || written === undefined) return override;
  const full = /^\d+\.\d+$/.test(written) ? `${written}.0` : written;
  return checked(full, written, findings) && written;
}

/** Refuses an override that is none. */
export function checkOverride(flinkVersion: string | undefined, findings: Findings): void {
  const wrong = flinkVersion === undefined ? undefined : explainFlinkVersion(flinkVersion);
  if (wrong !== undefined) findings.issue("options.flinkVersion", `is wrong: ${wrong}`);
}
