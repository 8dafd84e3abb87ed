import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { passageOf, type FlinkConnection, type FlinkPassage } from "./connection";
import type { Answer } from "./answer";
import { BadResponseError, ClusterUnreachableError, FlinkRequestError, type FailedRequest } from "./errors";
import { withinLimit } from "./limit";
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
  private readonly passage: FlinkPassage;

  constructor(
    connection: FlinkConnection,
    private readonly options: TransportOptions,
  ) {
    this.passage = passageOf(connection, options.requestTimeoutMs);
    // As many listen as requests are under way.
    if (options.giveUp !== undefined) setMaxListeners(0, options.giveUp);
  }

  /**
   * A read; repeated twice when the connection is reset, a proxy answers 502, 503 or 504, or Flink cancels its own view or is
   * just starting the job.
   */
  get(route: string): Promise<Answer> {
    return this.limited(this.options.requestTimeoutMs, async (limit) => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await this.exchange("GET", route, limit, undefined);
        } catch (error) {
          const pause = READ_RETRY_DELAYS_MS[attempt];
          if (pause === undefined || limit.aborted || !isTransient(error)) throw error;
          await delay(pause, undefined, { signal: limit }).catch(() => undefined);
          if (limit.aborted) throw error;
        }
      }
    });
  }

  /** A request that changes something: sent once, and only after `beforeMutation` has agreed. */
  async mutate(
    method: Exclude<Method, "GET">,
    route: string,
    body?: MutationBody,
    timeoutMs: number = this.options.requestTimeoutMs,
  ): Promise<Answer> {
    await this.options.beforeMutation?.();
    return this.limited(timeoutMs, (limit) => this.exchange(method, route, limit, body));
  }

  /** As `mutate`, under a signal of the caller's instead of a deadline. */
  async stream(method: "POST", route: string, body: MutationBody, signal: AbortSignal): Promise<Answer> {
    await this.options.beforeMutation?.();
    signal.throwIfAborted();
    const { giveUp } = this.options;
    const limit = giveUp === undefined ? signal : AbortSignal.any([signal, giveUp]);
    return this.exchange(method, route, limit, body);
  }

  /** The milliseconds without progress that a stream is given. */
  get idleTimeoutMs(): number {
    return this.options.requestTimeoutMs;
  }

  /** Takes the connection's secrets out of a text. */
  get redact(): (text: string) => string {
    return (text) => this.passage.redact(text);
  }

  /** Cuts what is still under way: nobody waits for it any more. */
  async close(): Promise<void> {
    await this.passage.close();
  }

  private limited(timeoutMs: number, request: (limit: AbortSignal) => Promise<Answer>): Promise<Answer> {
    return withinLimit(timeoutMs, this.options.giveUp, request);
  }

  private async exchange(
    method: Method,
    route: string,
    signal: AbortSignal,
    body: MutationBody | undefined,
  ): Promise<Answer> {
    const request: FailedRequest = { method, route, host: this.passage.host };
    const first = await this.send(request, body, signal, false);
    // Refused before Flink saw it. What was streamed cannot be sent again.
    const repeatable = body === undefined || typeof body.content === "string";
    const again = first.status === 401 && this.passage.renews && repeatable;
    return this.judged(again ? await this.send(request, body, signal, true) : first);
  }

  private judged({ location, ...answer }: Answered): Answer {
    if (answer.ok) return answer;
    const { credentialsUsed } = this.options;
    const error = this.passage.errorOf(answer, credentialsUsed) ?? statusError(answer, location, credentialsUsed);
    if (error !== undefined) throw error;
    return answer;
  }

  private async send(
    request: FailedRequest,
    body: MutationBody | undefined,
    signal: AbortSignal,
    refused: boolean,
  ): Promise<Answered> {
    const redact = this.redact;
    let origin = "";
    let text: string;
    let response: Dispatcher.ResponseData;
    try {
      const gate = await orAborted(this.passage.enter(request, refused), signal);
      const { prefix, headers, dispatcher } = gate;
      origin = gate.origin;
      response = await dispatcher.request({
        origin,
        path: prefix + request.route,
        method: request.method,
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
      if (error instanceof FlinkRequestError) throw error;
      throw networkError(request, error, signal, { origin, redact, between: this.passage.between });
    }
    const ok = isGood(response);
    const { location } = response.headers;
    return { request, status: response.statusCode, ok, text: ok ? text : redact(text), redact, location };
  }
}

/** An answer with where a redirect leads. */
interface Answered extends Answer {
  readonly location: string | string[] | undefined;
}

/** The promise's value, unless nobody waits for it any more. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
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
