import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Agent, request, type Dispatcher } from "undici";
import { formatDuration } from "../values/duration";
import { ArtifactError } from "./artifactError";
import { showAddress } from "./source";

/** How far reading the jar has come. */
export interface ArtifactProgress {
  readonly receivedBytes: number;
  /** Undefined when the server does not say. */
  readonly totalBytes?: number;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ArtifactProgress) => void;
  /** How long a server may send nothing, in milliseconds. Default: one minute. There is no limit for the whole. */
  readonly stallTimeoutMs?: number;
}

/** The file that came, or that it is still the one whose validator was sent. */
export type Download =
  | { readonly kind: "fetched"; readonly sha256: string; readonly sizeBytes: number; readonly validator?: string }
  | { readonly kind: "unchanged" };

const STALL_TIMEOUT_MS = 60_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches a file over http or https into `target`, with its SHA-256 on the way.
 *
 * @param validator - the ETag of an earlier answer: if the file is still the same, nothing is fetched.
 * @throws {ArtifactError} FLINK_ARTIFACT_UNREACHABLE, _NOT_FOUND, _REFUSED. No message holds a header or a query.
 */
export async function download(
  url: URL,
  headers: Readonly<Record<string, string>>,
  target: string,
  options: TransferOptions & { readonly validator?: string } = {},
): Promise<Download> {
  const stall = options.stallTimeoutMs ?? STALL_TIMEOUT_MS;
  const agent = new Agent({ connect: { timeout: stall }, headersTimeout: stall, bodyTimeout: stall });
  try {
    const { response, address } = await follow(agent, url, headers, options);
    if (response.statusCode === 304) return { kind: "unchanged" };
    refuseStatus(response.statusCode, address);
    const etag = response.headers.etag;
    const stored = await store(response.body, target, Number(response.headers["content-length"]), options);
    // A weak tag stands for content of the same meaning, not of the same bytes.
    const strong = typeof etag === "string" && !etag.startsWith("W/");
    return { kind: "fetched", ...stored, ...(strong ? { validator: etag } : {}) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ArtifactError) throw error;
    throw new ArtifactError(
      "FLINK_ARTIFACT_UNREACHABLE",
      `cannot be fetched from ${showAddress(url)}: ${inWords(error, stall)}`,
    );
  } finally {
    await agent.destroy();
  }
}

/** Follows redirects. What was given for one server is not told to another. */
async function follow(
  agent: Agent,
  start: URL,
  headers: Readonly<Record<string, string>>,
  options: TransferOptions & { readonly validator?: string },
): Promise<{ response: Dispatcher.ResponseData; address: URL }> {
  const condition = options.validator === undefined ? {} : { "if-none-match": options.validator };
  let address = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await request(address, {
      dispatcher: agent,
      headers: { ...(address.origin === start.origin ? headers : {}), ...condition },
      signal: options.signal ?? null,
    });
    const location = response.headers.location;
    if (!REDIRECTS.has(response.statusCode) || typeof location !== "string") return { response, address };
    await response.body.dump();
    address = redirectTarget(address, location);
  }
  throw new ArtifactError(
    "FLINK_ARTIFACT_REFUSED",
    `is redirected more than ${MAX_REDIRECTS} times from ${showAddress(start)}`,
  );
}

function redirectTarget(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || (to.protocol !== "https:" && to.protocol !== from.protocol)) {
    const where = to === undefined ? "something that is no address" : `a ${to.protocol}// address`;
    throw new ArtifactError(
      "FLINK_ARTIFACT_REFUSED",
      `is redirected from ${showAddress(from)} to ${where}, which is not followed`,
    );
  }
  return to;
}

function refuseStatus(status: number, address: URL): void {
  if (status === 200) return;
  const answer = `the server of ${showAddress(address)} answered ${status}`;
  if (status === 404 || status === 410)
    throw new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", `does not exist: ${answer}`);
  if (status === 408 || status === 429 || status >= 500) {
    throw new ArtifactError("FLINK_ARTIFACT_UNREACHABLE", `cannot be fetched now: ${answer}`);
  }
  const hint = status === 401 || status === 403 ? "; credentials for it go into artifact.httpHeaders" : "";
  throw new ArtifactError("FLINK_ARTIFACT_REFUSED", `cannot be fetched: ${answer}${hint}`);
}

async function store(
  body: Readable,
  target: string,
  totalBytes: number,
  { signal, onProgress }: TransferOptions,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let receivedBytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        receivedBytes += chunk.length;
        onProgress?.({ receivedBytes, ...(Number.isFinite(totalBytes) ? { totalBytes } : {}) });
        yield chunk;
      }
    },
    createWriteStream(target, { mode: 0o600 }),
    { ...(signal === undefined ? {} : { signal }) },
  );
  return { sha256: hash.digest("hex"), sizeBytes: receivedBytes };
}

function inWords(error: unknown, stall: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT") {
    return `nothing came for ${formatDuration(stall)}`;
  }
  if (error instanceof AggregateError) {
    return error.errors.map((inner) => inWords(inner, stall)).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}
