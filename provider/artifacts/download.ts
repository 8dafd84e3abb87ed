import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { Agent, request, type Dispatcher } from "undici";
import { formatDuration } from "../values/duration";
import { plainText } from "../values/plainText";
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
  /** How long a server may send nothing, in milliseconds. Default: one minute. */
  readonly stallTimeoutMs?: number;
  /** How long the whole may take, redirects included, in milliseconds. Default: one hour. */
  readonly totalTimeoutMs?: number;
  /** How large the jar may be. Default: 2 GiB. */
  readonly maxBytes?: number;
}

/** The file that came, or that it is still the one whose validator was sent. */
export type Download =
  | { readonly kind: "fetched"; readonly sha256: string; readonly sizeBytes: number; readonly validator?: string }
  | { readonly kind: "unchanged" };

const STALL_TIMEOUT_MS = 60_000;
const TOTAL_TIMEOUT_MS = 3_600_000;
const MAX_BYTES = 2 * 1024 ** 3;
const MAX_REDIRECTS = 5;
const MAX_MESSAGE_LENGTH = 500;
/** Node's and OpenSSL's codes for a certificate that does not hold. */
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;
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
  const total = options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS;
  const deadline = AbortSignal.timeout(total);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  // Said in full: an environment variable of Node would switch the check of certificates off for all.
  const connect = { timeout: stall, rejectUnauthorized: true };
  const agent = new Agent({ connect, headersTimeout: stall, bodyTimeout: stall });
  try {
    const { response, address } = await follow(agent, url, headers, { ...options, signal });
    if (response.statusCode === 304) return { kind: "unchanged" };
    refuseStatus(response.statusCode, address);
    const etag = response.headers.etag;
    const stored = await store(response, target, { ...options, signal });
    // A weak tag stands for content of the same meaning, not of the same bytes.
    const strong = typeof etag === "string" && !etag.startsWith("W/");
    return { kind: "fetched", ...stored, ...(strong ? { validator: etag } : {}) };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ArtifactError) throw error;
    const words = deadline.aborted ? `it was not complete after ${formatDuration(total)}` : inWords(error, stall);
    throw new ArtifactError("FLINK_ARTIFACT_UNREACHABLE", `cannot be fetched from ${showAddress(url)}: ${words}`);
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
    // Not read: it may have no end.
    response.body.on("error", () => undefined).destroy();
    address = redirectTarget(address, location);
  }
  throw new ArtifactError(
    "FLINK_ARTIFACT_REFUSED",
    `is redirected more than ${MAX_REDIRECTS} times from ${showAddress(start)}`,
  );
}

/** Where a redirect leads, unless that is nothing to follow: another kind of address, or out of TLS. */
export function redirectTarget(from: URL, location: string): URL {
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
  { body, headers }: Dispatcher.ResponseData,
  target: string,
  { signal, onProgress, maxBytes = MAX_BYTES }: TransferOptions,
): Promise<{ sha256: string; sizeBytes: number }> {
  const totalBytes = Number(headers["content-length"]);
  if (totalBytes > maxBytes) throw tooLarge(maxBytes);
  const hash = createHash("sha256");
  let receivedBytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        receivedBytes += chunk.length;
        if (receivedBytes > maxBytes) throw tooLarge(maxBytes);
        onProgress?.({ receivedBytes, ...(Number.isFinite(totalBytes) ? { totalBytes } : {}) });
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

function inWords(error: unknown, stall: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT") {
    return `nothing came for ${formatDuration(stall)}`;
  }
  if (typeof code === "string" && UNTRUSTED.test(code)) {
    return `its certificate is not trusted: ${messageOf(error)}. For an authority of your own set NODE_EXTRA_CA_CERTS`;
  }
  if (error instanceof AggregateError) {
    return error.errors.map((inner) => inWords(inner, stall)).join("; ");
  }
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return plainText(error instanceof Error ? error.message : String(error), MAX_MESSAGE_LENGTH);
}
