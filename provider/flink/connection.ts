import { Agent, buildConnector, type Dispatcher } from "undici";
import { createSecureContext } from "node:tls";
import { X509Certificate } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { redactor } from "../values/redact";
import type { Answer } from "./answer";
import { InvalidConnectionError, type FailedRequest, type FlinkRequestError } from "./errors";

/** How a Flink REST API is reached: at an address, or through something in between. */
export type FlinkConnection = FlinkAddress | FlinkPassage;

/** A REST API with an address of its own. Everything but `url`'s host may be secret. */
export interface FlinkAddress {
  /** The REST API's address, `http:` or `https:`; a path prefix (a proxy's, say) is kept. */
  url: string;
  /** Headers of every request, already rendered, `Authorization` among them. */
  headers?: Record<string, string>;
  tls?: FlinkTls;
}

/** TLS material, all PEM. */
export interface FlinkTls {
  /** The certificate authority to trust **instead of** the system's. Default: the system's. */
  caCertificate?: string;
  /** The client's own certificate, for Flink's `security.ssl.rest.authentication-enabled`; needs `clientKey`. */
  clientCertificate?: string;
  clientKey?: string;
  /** Accept any certificate. Default: false. */
  insecureSkipVerify?: boolean;
}

/** Where a request goes, and with what. */
export interface Gate {
  /** scheme, host and port, without credentials. */
  readonly origin: string;
  /** The path prefix, without a slash at its end. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** What a connection is made to in place of Flink, in words. */
export interface Intermediary {
  readonly name: string;
  /** Where the authority of its certificate is to be given. */
  readonly authority: string;
  /** Where another name of its certificate is to be given. */
  readonly serverName: string;
  /** Where the client's certificate is to be given. */
  readonly clientCertificate: string;
}

/** What leads to a REST API and has answers of its own: a proxy that is more than an address. */
export interface FlinkPassage {
  /** Where the cluster is, for messages. */
  readonly host: string;
  /** What stands before the cluster. Default: nothing that is not Flink's own. */
  readonly between?: Intermediary;
  /** Whether there may be other credentials after a 401. */
  readonly renews: boolean;
  /**
   * Asked before every request.
   *
   * @param refused - whether the last one was refused with 401, so that its credentials are of no use any more.
   * @throws {FlinkRequestError} for the request, when there is no way.
   */
  enter(request: FailedRequest, refused: boolean): Promise<Gate>;
  /** The error for an answer that is not Flink's own. */
  errorOf(answer: Answer, credentialsUsed: string | undefined): FlinkRequestError | undefined;
  /** Takes every secret of the way out of a text. */
  redact(text: string): string;
  close(): Promise<void>;
}

/** The way to a REST API, whatever it is. */
export function passageOf(connection: FlinkConnection, requestTimeoutMs: number): FlinkPassage {
  return "enter" in connection ? connection : compileAddress(connection, requestTimeoutMs);
}

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Checks a connection and opens nothing yet.
 *
 * @throws {InvalidConnectionError} when a part of it cannot be used.
 */
function compileAddress(connection: FlinkAddress, requestTimeoutMs: number): FlinkPassage {
  const url = parseUrl(connection.url);
  const headers = compileHeaders(connection.headers ?? {}, url);
  const tls = connection.tls ?? {};
  checkTls(tls, url.host);
  const connector = buildConnector({
    timeout: Math.min(CONNECT_TIMEOUT_MS, requestTimeoutMs),
    ...(tls.caCertificate === undefined ? {} : { ca: tls.caCertificate }),
    ...(tls.clientCertificate === undefined ? {} : { cert: tls.clientCertificate }),
    ...(tls.clientKey === undefined ? {} : { key: tls.clientKey }),
    rejectUnauthorized: tls.insecureSkipVerify !== true,
  });
  // The transport's own deadline bounds headers and body together; undici's would cut a slow upload short.
  const dispatcher = new Agent({ connect: connector, headersTimeout: 0, bodyTimeout: 0 });
  const gate: Gate = { origin: url.origin, prefix: url.pathname.replace(/\/+$/, ""), headers, dispatcher };
  return {
    host: url.host,
    renews: false,
    enter: () => Promise.resolve(gate),
    errorOf: () => undefined,
    redact: redactor(secretsOf(headers, tls)),
    // What is still under way is cut.
    close: () => dispatcher.destroy(),
  };
}

function parseUrl(text: string): URL {
  // The text may hold a password, so that neither message nor cause repeats it.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new InvalidConnectionError(`The Flink endpoint's url is not a URL.`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InvalidConnectionError(
      `The Flink endpoint's url must start with http: or https:, not ${JSON.stringify(url.protocol)}.`,
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidConnectionError(
      `The Flink endpoint's url (host ${url.host}) must not have a query or a fragment.`,
    );
  }
  return url;
}

function compileHeaders(given: Record<string, string>, url: URL): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new InvalidConnectionError(
        `The header ${JSON.stringify(name)} for Flink at ${url.host} has a character that HTTP does not allow, such as a line break.`,
      );
    }
    headers[name.toLowerCase()] = value;
  }
  if (url.username !== "" && headers["authorization"] === undefined) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers["authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }
  return headers;
}

function checkTls(tls: FlinkTls, host: string): void {
  const invalid = (what: string, cause?: unknown) =>
    new InvalidConnectionError(`For Flink at ${host}: ${what}`, cause === undefined ? undefined : { cause });
  if ((tls.clientCertificate === undefined) !== (tls.clientKey === undefined)) {
    throw invalid("tls.clientCertificate and tls.clientKey are given together or not at all.");
  }
  try {
    if (tls.caCertificate !== undefined) new X509Certificate(tls.caCertificate);
  } catch (cause) {
    throw invalid("tls.caCertificate is not a certificate in PEM (-----BEGIN CERTIFICATE-----).", cause);
  }
  if (tls.clientKey !== undefined && /ENCRYPTED/.test(tls.clientKey)) {
    throw invalid(
      "tls.clientKey has a passphrase, which cannot be given. Take it off (openssl pkey -in key.pem -out plain.pem) " +
        "and give the plain key as a secret.",
    );
  }
  if (tls.clientCertificate === undefined) return;
  try {
    createSecureContext({ cert: tls.clientCertificate, key: tls.clientKey });
  } catch (cause) {
    throw invalid("tls.clientCertificate and tls.clientKey are not a certificate in PEM and its private key.", cause);
  }
}

/** A server, or a proxy before it, may echo what it was sent in an error page. */
function secretsOf(headers: Record<string, string>, tls: FlinkTls): Set<string> {
  const secrets = new Set<string>();
  for (const value of Object.values(headers)) {
    secrets.add(value);
    const credential = /^(?:Basic|Bearer)\s+(.+)$/i.exec(value)?.[1];
    if (credential === undefined) continue;
    secrets.add(credential);
    if (!/^Basic\s/i.test(value)) continue;
    const decoded = Buffer.from(credential, "base64").toString();
    secrets.add(decoded);
    secrets.add(decoded.slice(decoded.indexOf(":") + 1));
  }
  if (tls.clientKey !== undefined) secrets.add(tls.clientKey);
  return secrets;
}
