import * as semver from "semver";

/** The oldest Flink that is supported. */
const OLDEST_FLINK_VERSION = "1.17.0";

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
