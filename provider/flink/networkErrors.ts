import { errors } from "undici";
import type { Intermediary } from "./connection";
import {
  BadResponseError,
  ClusterTlsError,
  ClusterUnreachableError,
  type FailedRequest,
  type FlinkRequestError,
} from "./errors";

const RESET = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);
/** What fails before the request leaves this machine. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const CLIENT_CERTIFICATE = "tls.clientCertificate and tls.clientKey";
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE)/;

/**
 * Says in words why no answer came.
 *
 * An abort by the caller's own signal is returned as the signal's reason.
 */
export function networkError(
  request: FailedRequest,
  error: unknown,
  signal: AbortSignal,
  connection: { origin: string; redact: (text: string) => string; between?: Intermediary | undefined },
): unknown {
  const { between } = connection;
  const mutation = request.method !== "GET";
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    if (!isTimeout(reason)) return reason;
    return new ClusterUnreachableError(request, "it gave no complete answer in time", mutation, { cause: reason });
  }
  const { code, text } = describe(error);
  const cause = { cause: error };
  const words = connection.redact(text);
  if (CERTIFICATE.test(code)) return certificateError(request, code, words, between, cause);
  if (/^ERR_(?:SSL|TLS)|^EPROTO$/.test(code)) return handshakeError(request, code, words, between, cause);
  if (error instanceof errors.HTTPParserError) {
    return new BadResponseError(
      request,
      `${request.host} does not speak HTTP (${words}). A server with TLS needs https: in the url`,
      cause,
    );
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return new BadResponseError(
      request,
      `The headers of ${request.host}'s answer are larger than 16 KiB, which Flink's never are, and were not read further. ` +
        "Is another server at this address?",
      cause,
    );
  }
  // With TLS 1.3 a server refuses a client after the handshake, which looks like any closed connection.
  const refused = RESET.has(code) && connection.origin.startsWith("https:");
  const hint = refused
    ? `. A server that wants another client certificate does the same: see ${between?.clientCertificate ?? CLIENT_CERTIFICATE}`
    : "";
  const what = between === undefined ? words : `${between.name} does not answer: ${words}`;
  return new ClusterUnreachableError(request, what + hint, mutation && !NEVER_SENT.has(code), cause, RESET.has(code));
}

/** The deadline's own abort, as opposed to a caller who gave up. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

function certificateError(
  request: FailedRequest,
  code: string,
  words: string,
  between: Intermediary | undefined,
  cause: { cause: unknown },
): FlinkRequestError {
  const advice =
    code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH"
      ? `The certificate is for another host name: use the name it was made for in ${between?.serverName ?? "the endpoint's url"}`
      : code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID"
        ? "Renew the certificate, or set this machine's clock"
        : `Give the certificate of the authority that signed it as ${between?.authority ?? "the endpoint's tls.caCertificate (PEM)"}`;
  return new ClusterTlsError(
    request,
    `The certificate of ${between?.name ?? request.host} is not trusted: ${words}. Nothing was sent. ${advice}`,
    cause,
  );
}

function handshakeError(
  request: FailedRequest,
  code: string,
  words: string,
  between: Intermediary | undefined,
  cause: { cause: unknown },
): FlinkRequestError {
  const advice = code.includes("WRONG_VERSION_NUMBER")
    ? "A server without TLS needs http: in the url"
    : `If it asks for a client certificate, give ${between?.clientCertificate ?? CLIENT_CERTIFICATE}`;
  return new ClusterTlsError(request, `TLS with ${between?.name ?? request.host} failed: ${words}. ${advice}`, cause);
}

/** Node wraps a failure of each of a host's addresses into one without a message of its own. */
function describe(error: unknown): { code: string; text: string } {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const best = first ?? error;
  const code = codeOf(error) ?? codeOf(best) ?? "";
  const message = best instanceof Error ? best.message : String(best);
  return { code, text: message.includes(code) || code === "" ? message : `${message} (${code})` };
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
