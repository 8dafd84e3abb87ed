/** The fake without a network: what an undici agent would send to it is answered in this process. */
import { Agent, type Dispatcher } from "undici";
import type { Answer } from "./route";

/** What lies between a client and the fake: may carry a request out or not, and throw instead of answering. */
export type Network = (method: string, path: string, carryOut: () => Promise<Answer>) => Promise<Answer>;

export interface InProcessSettings {
  network: Network;
  answer: (method: string, url: URL, contentType: string, raw: Buffer) => Promise<Answer>;
}

const servers = new Map<string, InProcessSettings>();
const overTheNetwork = Object.getOwnPropertyDescriptor(Agent.prototype, "request");
let names = 0;

/** Answers as the fake's server does, without its faults, and fast enough for many thousands of requests. */
export class InProcessServer {
  readonly #origin = `http://fake-flink-${String(++names)}`;

  constructor(settings: InProcessSettings) {
    if (servers.size === 0) takeOver();
    servers.set(this.#origin, settings);
  }

  get url(): string {
    return this.#origin;
  }

  close(): Promise<void> {
    servers.delete(this.#origin);
    if (servers.size > 0) return Promise.resolve();
    if (overTheNetwork === undefined) Reflect.deleteProperty(Agent.prototype, "request");
    else Object.defineProperty(Agent.prototype, "request", overTheNetwork);
    return Promise.resolve();
  }
}

type Requests = (options: Dispatcher.RequestOptions) => Promise<unknown>;

function takeOver(): void {
  const original = Reflect.get(Agent.prototype, "request") as Requests;
  const request: Requests = function (this: Agent, options) {
    const server = servers.get(String(options.origin));
    return server === undefined ? original.call(this, options) : respond(server, options);
  };
  Object.defineProperty(Agent.prototype, "request", { value: request, configurable: true, writable: true });
}

async function respond(
  { network, answer }: InProcessSettings,
  { method, path, headers, body }: Dispatcher.RequestOptions,
): Promise<unknown> {
  const raw = await bytesOf(body);
  const contentType = (headers as Record<string, string>)["content-type"] ?? "";
  const answered = await network(method, path, () => answer(method, new URL(path, "http://fake"), contentType, raw));
  return { statusCode: answered.status, headers: {}, body: [Buffer.from(JSON.stringify(answered.body))] };
}

async function bytesOf(body: Dispatcher.RequestOptions["body"]): Promise<Buffer> {
  if (body === null || body === undefined) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
