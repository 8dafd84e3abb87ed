import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestFile, type FileDigest } from "../values/fileDigest";
import { ArtifactError } from "./artifactError";
import { download, type TransferOptions } from "./download";
import type { ArtifactSource } from "./source";

/** A jar on this machine. */
export interface LocalCopy {
  /** Where it lies. */
  readonly path: string;
  /** Of its content, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The name that its place gives it, for people. Not to be used as a path. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** The server's name for this content, if it has one. */
  readonly validator?: string;
  /** Removes what was fetched. The user's own files stay. */
  dispose(this: void): Promise<void>;
}

/** Reads a jar in place, or fetches it into a folder of its own. */
export async function bring(source: ArtifactSource, options?: TransferOptions): Promise<LocalCopy>;
/** Undefined: it is still the one of this validator, and nothing was fetched. */
export async function bring(
  source: ArtifactSource,
  options: TransferOptions & { readonly validator?: string },
): Promise<LocalCopy | undefined>;
export async function bring(
  source: ArtifactSource,
  options: TransferOptions & { readonly validator?: string } = {},
): Promise<LocalCopy | undefined> {
  const { fileName } = source;
  if (source.kind === "image") {
    throw new ArtifactError(
      "FLINK_ARTIFACT_NOT_FOUND",
      `lies in the cluster's image: ${source.path} cannot be fetched`,
    );
  }
  if (source.kind === "file") {
    return { path: source.path, fileName, ...(await readFileDigest(source.path, options)), dispose: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "pulumi-flink-artifact-"));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "artifact.jar");
    const result = await download(source.url, source.headers, path, options);
    if (result.kind === "fetched") {
      const { sha256, sizeBytes, validator } = result;
      return { path, fileName, sha256, sizeBytes, ...(validator === undefined ? {} : { validator }), dispose };
    }
    await dispose();
    return undefined;
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function readFileDigest(path: string, options: TransferOptions): Promise<FileDigest> {
  try {
    return await digestFile(path, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ArtifactError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", `does not exist: there is no file ${path}`);
    case "EISDIR":
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `is a folder, not a jar: ${path}`);
    case "EACCES":
    case "EPERM":
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `cannot be read: no permission to read ${path}`);
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `cannot be read: ${reason}`);
    }
  }
}
