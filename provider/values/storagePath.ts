import { nearest } from "./nearest";

/** Schemes that Flink has file systems for: its own, its plugins', and those of Hadoop that are in use. */
const KNOWN_SCHEMES = [
  "file",
  "hdfs",
  "viewfs",
  "webhdfs",
  "swebhdfs",
  "s3",
  "s3a",
  "s3n",
  "s3p",
  "gs",
  "abfs",
  "abfss",
  "wasb",
  "wasbs",
  "adl",
  "oss",
  "cosn",
  "obs",
  "maprfs",
  "ofs",
  "o3fs",
  "alluxio",
];

/** What is read from there nothing can be written to. */
const READ_ONLY_SCHEMES = ["http", "https", "local", "jar", "data"];

interface Parts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
}

function partsOf(value: string): Parts | undefined {
  // At least two letters: "C:/" is a drive, not a scheme.
  const match = /^([a-z][a-z0-9+.-]+):\/(?:\/([^/]*))?(.*)$/i.exec(value);
  if (match === null) return undefined;
  const [, scheme = "", authority = "", path = ""] = match;
  return { scheme: scheme.toLowerCase(), authority, path };
}

/** Why Flink can keep no snapshots at an address, as the end of a sentence about it; undefined: it may be able to. */
export function explainStoragePath(value: string): string | undefined {
  const parts = partsOf(value);
  if (parts === undefined) {
    return `must begin with the scheme of its storage, such as "s3://" or "file:///", but is ${JSON.stringify(value)}`;
  }
  const { scheme, authority, path } = parts;
  if (READ_ONLY_SCHEMES.includes(scheme)) {
    return `begins with ${scheme}:, where Flink can keep no snapshots; storage has a scheme such as "s3://", "hdfs://" or "file:///"`;
  }
  if (scheme === "file" && authority !== "") {
    return `names the host ${JSON.stringify(authority)}, which Flink refuses; a folder has three slashes: file:///${authority}${path}`;
  }
  return undefined;
}

/** What is probably wrong with an address that Flink may be able to use all the same; undefined: nothing. */
export function doubtStoragePath(value: string): string | undefined {
  const scheme = partsOf(value)?.scheme;
  if (scheme === undefined || KNOWN_SCHEMES.includes(scheme)) return undefined;
  const guess = nearest(scheme, KNOWN_SCHEMES);
  return (
    `begins with ${scheme}:, which Flink knows only with a file system plugin of its own` +
    (guess === undefined ? "" : `; did you mean ${guess}:?`)
  );
}

/** The path of a folder of the machine that reads the address; undefined: it is shared storage. */
export function localFolder(value: string): string | undefined {
  const parts = partsOf(value);
  return parts?.scheme === "file" ? `/${parts.path.replace(/^\/+/, "")}` : undefined;
}
