import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestFile, type FileDigest } from "../values/fileDigest";
import { ArtifactError } from "./artifactError";
import { download } from "./download";
import { downloadFromS3 } from "./s3Download";
import type { ArtifactSource } from "./source";
import type { ConditionalTransferOptions, Transfer, TransferOptions } from "./transfer";

/** A file on this machine. */
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

/** Reads a file in place, or fetches it into a folder of its own. */
export async function bring(source: ArtifactSource, options?: TransferOptions): Promise<LocalCopy>;
/** Undefined: it is still the one of this validator, and nothing was fetched. */
export async function bring(
  source: ArtifactSource,
  options: ConditionalTransferOptions,
): Promise<LocalCopy | undefined>;
export async function bring(
  source: ArtifactSource,
  options: ConditionalTransferOptions = {},
): Promise<LocalCopy | undefined> {
  const { fileName } = source;
  switch (source.kind) {
    case "image":
      throw new ArtifactError(
        "FLINK_ARTIFACT_NOT_FOUND",
        `lies in the cluster's image: ${source.path} cannot be fetched`,
      );
    case "file":
      return { path: source.path, fileName, ...(await readFileDigest(source.path, options)), dispose: async () => {} };
    case "http":
      return fetched(fileName, (target) => download(source, target, options));
    case "s3":
      return fetched(fileName, (target) => downloadFromS3(source.object, target, options));
  }
}

/** Fetches into a folder of its own. */
async function fetched(
  fileName: string,
  transfer: (target: string) => Promise<Transfer>,
): Promise<LocalCopy | undefined> {
  const { folder, dispose } = await temporaryFolder();
  try {
    const path = join(folder, "artifact.jar");
    const result = await transfer(path);
    if (result.kind === "fetched") {
      const { kind: _, ...content } = result;
      return { path, fileName, ...content, dispose };
    }
    await dispose();
    return undefined;
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A folder of this process alone, and what removes it with all that is in it. */
export async function temporaryFolder(): Promise<{ readonly folder: string; dispose(this: void): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-flink-artifact-"));
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
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
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `is a folder, not a file: ${path}`);
    case "EACCES":
    case "EPERM":
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `cannot be read: no permission to read ${path}`);
    default: {
      const reason = error instanceof Error ? error.message : String(error);
      return new ArtifactError("FLINK_ARTIFACT_UNREADABLE", `cannot be read: ${reason}`);
    }
  }
}
