import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatDuration } from "../values/duration";
import { plainText } from "../values/plainText";
import { ArtifactError } from "./artifactError";

/** How far reading a file has come. */
export interface ArtifactProgress {
  readonly receivedBytes: number;
  /** Undefined when the server does not say. */
  readonly totalBytes?: number;
}

/** The limits of a transfer, and who follows it. */
export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ArtifactProgress) => void;
  /** How long a server may send nothing, in milliseconds. Default: one minute. */
  readonly stallTimeoutMs?: number;
  /** How long the whole may take, redirects included, in milliseconds. Default: one hour. */
  readonly totalTimeoutMs?: number;
  /** How large the file may be. Default: 2 GiB. */
  readonly maxBytes?: number;
}

/** As {@link TransferOptions}, with the server's name for the content that is known already. */
export type ConditionalTransferOptions = TransferOptions & { readonly validator?: string };

/** The file that came, or that it is still the one whose validator was sent. */
export type Transfer =
  | { readonly kind: "fetched"; readonly sha256: string; readonly sizeBytes: number; readonly validator?: string }
  | { readonly kind: "unchanged" };

const STALL_TIMEOUT_MS = 60_000;
const TOTAL_TIMEOUT_MS = 3_600_000;
const MAX_BYTES = 2 * 1024 ** 3;
const MAX_MESSAGE_LENGTH = 500;

/** How long a server may send nothing. */
export function stallTimeoutOf({ stallTimeoutMs = STALL_TIMEOUT_MS }: TransferOptions): number {
  return stallTimeoutMs;
}

/**
 * Runs a transfer within the time for the whole.
 *
 * @param place - where the file is, for people.
 * @param explain - an error that is not one yet that a user can act on.
 * @throws {ArtifactError} or the reason of `options.signal`.
 */
export async function withinLimits(
  place: string,
  options: TransferOptions,
  explain: (error: unknown) => ArtifactError | string,
  work: (signal: AbortSignal) => Promise<Transfer>,
): Promise<Transfer> {
  const total = options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(total);
  try {
    return await work(options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ArtifactError) throw error;
    const words = deadline.aborted ? `it was not complete after ${formatDuration(total)}` : explain(error);
    if (words instanceof ArtifactError) throw words;
    throw new ArtifactError("FLINK_ARTIFACT_UNREACHABLE", `cannot be fetched from ${place}: ${words}`);
  }
}

/** Stores what a server sends, with its SHA-256 on the way. Memory does not grow with it. */
export async function store(
  body: Readable,
  totalBytes: number | undefined,
  target: string,
  { signal, onProgress, maxBytes = MAX_BYTES }: TransferOptions,
): Promise<{ sha256: string; sizeBytes: number }> {
  if (totalBytes !== undefined && totalBytes > maxBytes) throw tooLarge(maxBytes);
  const hash = createHash("sha256");
  let receivedBytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        receivedBytes += chunk.length;
        if (receivedBytes > maxBytes) throw tooLarge(maxBytes);
        onProgress?.({ receivedBytes, ...(totalBytes === undefined ? {} : { totalBytes }) });
        yield chunk;
      }
    },
    createWriteStream(target, { mode: 0o600 }),
    { ...(signal === undefined ? {} : { signal }) },
  );
  return { sha256: hash.digest("hex"), sizeBytes: receivedBytes };
}

function tooLarge(maxBytes: number): ArtifactError {
  return new ArtifactError(
    "FLINK_ARTIFACT_REFUSED",
    `is larger than ${maxBytes / 1024 ** 2} MiB, which no jar is that Flink takes; the rest was not fetched`,
  );
}

/** The tag to ask again with. A weak one stands for content of the same meaning, not of the same bytes. */
export function validatorOf(etag: unknown): { validator?: string } {
  return typeof etag === "string" && !etag.startsWith("W/") ? { validator: etag } : {};
}

/** What a stalled server has done, in words. */
export function stalledWords(stall: number): string {
  return `nothing came for ${formatDuration(stall)}`;
}

/** The message of any error, as it may be shown. */
export function messageOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error), MAX_MESSAGE_LENGTH);
}
