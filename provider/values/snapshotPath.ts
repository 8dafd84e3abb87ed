/** A path without what its spellings differ in: how many slashes follow the scheme, and the name of its one file. */
function canonical(path: string): string {
  return path
    .replace(/\/_metadata$/, "")
    .replace(/\/+$/, "")
    .replace(/^([a-z][a-z0-9+.-]*:)\/+/i, "$1/");
}

/** Whether two paths certainly are those of one snapshot. */
export function isSameSnapshot(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

/**
 * Whether two paths may be those of one snapshot: the last part is the same, which Flink draws at random. One storage has
 * many names: `s3://` and `s3a://`, links, mounts.
 */
export function mayBeSameSnapshot(one: string, other: string): boolean {
  return lastPart(one) === lastPart(other);
}

function lastPart(path: string): string {
  const parts = canonical(path).split("/");
  return parts.at(-1) ?? path;
}
