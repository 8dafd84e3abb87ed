import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** What tells a file's content from others. */
export interface FileDigest {
  /** In lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Reads a file of any size once, in constant memory.
 *
 * @throws what Node says of a file that cannot be read.
 */
export async function digestFile(
  path: string,
  options: { readonly signal?: AbortSignal; onProgress?(progress: { receivedBytes: number }): void } = {},
): Promise<FileDigest> {
  const { signal } = options;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
    options.onProgress?.({ receivedBytes: sizeBytes });
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}
