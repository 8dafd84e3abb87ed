import * as semver from "semver";

/** The oldest Flink that is supported. */
export const OLDEST_FLINK_VERSION = "1.17.0";

/** Why this is no Flink version that can be run, as a sentence; undefined when it is one. */
export function explainFlinkVersion(version: string): string | undefined {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    const example = /^\d+\.\d+$/.test(version) ? `${version}.0` : "1.20.0";
    return `"${version}" is not a full Flink version: write all three numbers, such as "${example}".`;
  }
  if (semver.lt(version, OLDEST_FLINK_VERSION)) {
    return `Flink ${version} is too old: ${OLDEST_FLINK_VERSION} is the oldest that is supported.`;
  }
  return undefined;
}

/** Whether one Flink is of an older minor version than another, by all that can be read of both. */
export function isOlderFlink(version: string, than: string): boolean {
  const [one, other] = [semver.coerce(version), semver.coerce(than)];
  if (one === null || other === null) return false;
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}

/** Whether a running cluster is too old, whatever its version is called in full. */
export function isUnsupportedFlink(version: string): boolean {
  return isOlderFlink(version, OLDEST_FLINK_VERSION);
}
