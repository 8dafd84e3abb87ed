import { Agent, request, type Dispatcher } from "undici";
import { isLinkLocal, isLoopback } from "../values/hosts";
import { ArtifactError } from "./artifactError";
import { showAddress, type ArtifactSource } from "./source";
import {
  messageOf,
  stalledWords,
  stallTimeoutOf,
  store,
  validatorOf,
  withinLimits,
  type ConditionalTransferOptions,
  type Transfer,
} from "./transfer";

const MAX_REDIRECTS = 5;
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
  { url, headers, takesHeaders }: Extract<ArtifactSource, { kind: "http" }>,
  target: string,
  options: ConditionalTransferOptions = {},
): Promise<Transfer> {
  const stall = stallTimeoutOf(options);
  // Said in full: an environment variable of Node would switch the check of certificates off for all.
  const connect = { timeout: stall, rejectUnauthorized: true };
  const agent = new Agent({ connect, headersTimeout: stall, bodyTimeout: stall });
  try {
    return await withinLimits(
      showAddress(url),
      options,
      (error) => inWords(error, stall),
      async (signal) => {
        const { response, address } = await follow(agent, url, headers, { ...options, signal });
        if (response.statusCode === 304) return { kind: "unchanged" };
        refuseStatus(response.statusCode, address, takesHeaders);
        const stored = await store(response.body, lengthOf(response), target, { ...options, signal });
        return { kind: "fetched", ...stored, ...validatorOf(response.headers.etag) };
      },
    );
  } finally {
    await agent.destroy();
  }
}

function lengthOf({ headers }: Dispatcher.ResponseData): number | undefined {
  const length = Number(headers["content-length"]);
  return Number.isFinite(length) ? length : undefined;
}

/** Follows redirects. What was given for one server is not told to another. */
async function follow(
  agent: Agent,
  start: URL,
  headers: Readonly<Record<string, string>>,
  options: ConditionalTransferOptions,
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

/** Where a redirect leads, unless that is nothing to follow: another kind of address, out of TLS, or into this machine. */
export function redirectTarget(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const why = to === undefined ? "something that is no address" : whyNotFollowed(from, to);
  if (to === undefined || why !== undefined) {
    throw new ArtifactError(
      "FLINK_ARTIFACT_REFUSED",
      `is redirected from ${showAddress(from)} to ${why}, which is not followed`,
    );
  }
  return to;
}

function whyNotFollowed(from: URL, to: URL): string | undefined {
  if (to.protocol !== "https:" && to.protocol !== from.protocol) return `a ${to.protocol}// address`;
  if (isLinkLocal(to.href)) return "a link-local address";
  return isLoopback(to.href) && !isLoopback(from.href) ? "this machine" : undefined;
}

function refuseStatus(status: number, address: URL, takesHeaders: boolean): void {
  if (status === 200) return;
  const answer = `the server of ${showAddress(address)} answered ${status}`;
  if (status === 404 || status === 410)
    throw new ArtifactError("FLINK_ARTIFACT_NOT_FOUND", `does not exist: ${answer}`);
  if (status === 408 || status === 429 || status >= 500) {
    throw new ArtifactError("FLINK_ARTIFACT_UNREACHABLE", `cannot be fetched now: ${answer}`);
  }
  const hint = takesHeaders
    ? "credentials for it go into artifact.httpHeaders"
    : "artifact.httpHeaders go to the server of the jar alone";
  const denied = status === 401 || status === 403;
  throw new ArtifactError("FLINK_ARTIFACT_REFUSED", `cannot be fetched: ${answer}${denied ? `; ${hint}` : ""}`);
}

function inWords(error: unknown, stall: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT") {
    return stalledWords(stall);
  }
  if (typeof code === "string" && UNTRUSTED.test(code)) {
    return `its certificate is not trusted: ${messageOf(error)}. For an authority of your own set NODE_EXTRA_CA_CERTS`;
  }
  if (error instanceof AggregateError) {
    return error.errors.map((inner) => inWords(inner, stall)).join("; ");
  }
  return messageOf(error);
}
