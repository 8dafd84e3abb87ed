/** What is known of a jar on a cluster by the name that it was uploaded under. */
export interface UploadNameParts {
  /** The first 16 hexadecimal digits of the hash of the deployment's uid. */
  readonly uidPrefix: string;
  /** The SHA-256 of its content. */
  readonly sha256: string;
}

/** How the name of every jar begins that this package uploads; no other jar is ever deleted. */
export const UPLOAD_PREFIX = "pulumi-flink-";

const SAFE_NAME_LENGTH = 64;
const UPLOAD_NAME = /^pulumi-flink-([0-9a-f]{16})-([0-9a-f]{64})-[A-Za-z0-9._-]+\.jar$/;

/** The name under which a deployment uploads a jar. `fileName` is only there for people to recognise it. */
export function uploadName(uidPrefix: string, sha256: string, fileName: string): string {
  return `${UPLOAD_PREFIX}${uidPrefix}-${sha256}-${safeStem(fileName)}.jar`;
}

/** Reads the name of a jar on a cluster; one that this package did not upload gives undefined. */
export function parseUploadName(name: string): UploadNameParts | undefined {
  const [, uidPrefix, sha256] = UPLOAD_NAME.exec(name) ?? [];
  return uidPrefix === undefined || sha256 === undefined ? undefined : { uidPrefix, sha256 };
}

/** What is left of a jar's name that no file system and no class path takes for something else. */
export function safeStem(fileName: string): string {
  const stem = fileName
    .replace(/\.jar$/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, SAFE_NAME_LENGTH)
    .replace(/[.-]+$/, "");
  return stem === "" ? "job" : stem;
}
