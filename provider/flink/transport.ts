import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { compileConnection, type CompiledConnection, type FlinkConnection } from "./connection";
import type { Answer } from "./answer";
import { BadResponseError, ClusterUnreachableError, type FailedRequest } from "./errors";
import { networkError } from "./networkErrors";
import { statusError } from "./statusErrors";

export interface TransportOptions {
  /** From the request to the last byte of its answer, retries included. Milliseconds. */
  requestTimeoutMs: number;
  beforeMutation?: () => Promise<void>;
  giveUp?: AbortSignal;
  credentialsUsed?: string;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface MutationBody {
  contentType: string;
  contentLength?: number;
  content: string | AsyncIterable<Uint8Array>;
}

const MEBIBYTE = 1024 * 1024;
/** Larger answers are refused: Flink's own are some megabytes at most. */
const MAX_BODY_BYTES = 32 * MEBIBYTE;
/** Of what a failing answer says, no more is read. */
const MAX_FAILURE_BYTES = MEBIBYTE;
const READ_RETRY_DELAYS_MS = [100, 400];

/** HTTP to one Flink cluster: deadlines, the fence, retries of reads, bounded bodies, no redirects. */
export class Transport {
  private readonly connection: CompiledConnection;

  constructor(
    connection: FlinkConnection,
    private readonly options: TransportOptions,
  ) {
    this.connection = compileConnection(connection, options.requestTimeoutMs);
  }

  /** A read; repeated twice when the connection is reset or a proxy answers 502, 503 or 504. */
  async get(route: string): Promise<Answer> {
    const deadline = AbortSignal.timeout(this.options.requestTimeoutMs);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.once("GET", route, deadline, undefined);
      } catch (error) {
        const pause = READ_RETRY_DELAYS_MS[attempt];
        if (pause === undefined || deadline.aborted || !isTransient(error)) throw error;
        await delay(pause, undefined, { signal: deadline }).catch(() => undefined);
        if (deadline.aborted) throw error;
      }
    }
  }

  /** A request that changes something: sent once, and only after `beforeMutation` has agreed. */
  async mutate(
    method: Exclude<Method, "GET">,
    route: string,
    body?: MutationBody,
    timeoutMs: number = this.options.requestTimeoutMs,
  ): Promise<Answer> {
    await this.options.beforeMutation?.();
    return this.once(method, route, AbortSignal.timeout(timeoutMs), body);
  }

  /** As `mutate`, under a signal of the caller's instead of a deadline. */
  async stream(method: "POST", route: string, body: MutationBody, signal: AbortSignal): Promise<Answer> {
    await this.options.beforeMutation?.();
    signal.throwIfAborted();
    return this.once(method, route, signal, body);
  }

  /** The milliseconds without progress that a stream is given. */
  get idleTimeoutMs(): number {
    return this.options.requestTimeoutMs;
  }

  /** Takes the connection's secrets out of a text. */
  get redact(): (text: string) => string {
    return this.connection.redact;
  }

  /** Cuts what is still under way: nobody waits for it any more. */
  async close(): Promise<void> {
    await this.connection.dispatcher.destroy();
  }

  private async once(
    method: Method,
    route: string,
    limit: AbortSignal,
    body: MutationBody | undefined,
  ): Promise<Answer> {
    const { giveUp } = this.options;
    const signal = giveUp === undefined ? limit : AbortSignal.any([limit, giveUp]);
    const { origin, prefix, headers, dispatcher, host, redact } = this.connection;
    const request: FailedRequest = { method, route, host };
    let text: string;
    let response: Dispatcher.ResponseData;
    try {
      response = await dispatcher.request({
        origin,
        path: prefix + route,
        method,
        signal,
        headers: {
          accept: "application/json",
          ...headers,
          ...(body === undefined ? {} : { "content-type": body.contentType }),
          ...(body?.contentLength === undefined ? {} : { "content-length": String(body.contentLength) }),
        },
        // undici takes any async iterable, though its types name only streams.
        body: body === undefined ? null : (body.content as Dispatcher.DispatchOptions["body"]),
      });
      text = await readBounded(response, request);
    } catch (error) {
      throw error instanceof BadResponseError ? error : networkError(request, error, signal, this.connection);
    }
    const { statusCode } = response;
    const ok = isGood(response);
    const answer: Answer = { request, status: statusCode, ok, text: ok ? text : redact(text), redact };
    if (ok) return answer;
    const error = statusError(answer, response.headers.location, this.options.credentialsUsed);
    if (error !== undefined) throw error;
    return answer;
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof ClusterUnreachableError && error.transient;
}

function isGood({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function readBounded(response: Dispatcher.ResponseData, request: FailedRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the body and with it the connection.
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new BadResponseError(
        request,
        `The answer of ${request.host} is larger than ${MAX_BODY_BYTES / MEBIBYTE} MiB and was not read further`,
      );
    }
    chunks.push(chunk);
    if (!isGood(response) && size > MAX_FAILURE_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
