/** The HTTP side of the fake: reads a request, applies faults, writes the answer. */
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { matches } from "./faults";
import type { FaultEffect, FaultMatcher, LoggedRequest } from "./types";

interface ServerSettings {
  /** Serve HTTPS with these. */
  tls?: https.ServerOptions;
  /** A path in front of every route, as of a proxy. */
  basePath: string;
  /** What `Authorization` must be, or else 401. */
  authorization: () => string | undefined;
  faultOf: (method: string, path: string) => FaultEffect | undefined;
  log: (method: string, path: string, headers: http.IncomingHttpHeaders, raw: Buffer) => Promise<void>;
  answer: (method: string, url: URL, contentType: string, raw: Buffer) => Promise<{ status: number; body: unknown }>;
}

export class RestServer {
  readonly #server: http.Server;

  private constructor(private readonly settings: ServerSettings) {
    const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
      this.#serve(request, response).catch((error: unknown) => {
        // A fault of the fake itself: a test must see it as such.
        if (!response.headersSent) write(response, 599, { fake: String(error) });
        else response.destroy();
      });
    };
    this.#server =
      settings.tls === undefined ? http.createServer(listener) : https.createServer(settings.tls, listener);
  }

  static async start(settings: ServerSettings): Promise<RestServer> {
    const server = new RestServer(settings);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    const scheme = this.settings.tls === undefined ? "http" : "https";
    return `${scheme}://127.0.0.1:${String(port)}${this.settings.basePath}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client went away in the middle of its body: nobody is left to be answered.
      return;
    }
    const raw = Buffer.concat(chunks);
    const method = request.method ?? "GET";
    const requested = request.url ?? "/";
    const { basePath } = this.settings;
    if (!requested.startsWith(basePath)) {
      write(response, 404, { message: "not behind this proxy" });
      return;
    }
    const path = requested.slice(basePath.length) || "/";
    const fault = this.settings.faultOf(method, path);
    await this.settings.log(method, path, request.headers, raw);
    const authorization = this.settings.authorization();
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      write(response, 401, { errors: ["Unauthorized"] });
      return;
    }
    const carryOut = (): Promise<{ status: number; body: unknown }> =>
      this.settings.answer(method, new URL(path, "http://fake"), request.headers["content-type"] ?? "", raw);
    if (fault === undefined) {
      const { status, body } = await carryOut();
      write(response, status, body);
    } else {
      await apply(fault, response, carryOut);
    }
  }
}

async function apply(
  fault: FaultEffect,
  response: http.ServerResponse,
  carryOut: () => Promise<{ status: number; body: unknown }>,
): Promise<void> {
  switch (fault) {
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "application/json; charset=UTF-8" }).end("<html>not Flink</html>");
      return;
    case "truncate": {
      const { status, body } = await carryOut();
      const text = JSON.stringify(body);
      const half = text.slice(0, Math.ceil(text.length / 2));
      response.writeHead(status, { "content-length": Buffer.byteLength(text) });
      response.write(half, () => response.socket?.destroy());
      return;
    }
    default:
      if ("answerLost" in fault) {
        await carryOut();
        response.socket?.resetAndDestroy();
      } else write(response, fault.status, fault.body);
  }
}

function write(response: http.ServerResponse, status: number, body: unknown): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=UTF-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

interface Waiter {
  matcher: FaultMatcher;
  resolve: (request: LoggedRequest) => void;
}

/** Every request so far, and those who wait for one. */
export class RequestLog {
  readonly requests: LoggedRequest[] = [];
  readonly #waiters = new Set<Waiter>();

  add(request: LoggedRequest): void {
    this.requests.push(request);
    for (const waiter of this.#waiters) {
      if (!matches(waiter.matcher, request.method, request.path)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(request);
    }
  }

  /** The first matching request, come or still to come. */
  received(matcher: FaultMatcher, limitMs: number): Promise<LoggedRequest> {
    const earlier = this.requests.find((each) => matches(matcher, each.method, each.path));
    if (earlier !== undefined) return Promise.resolve(earlier);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new Error(`no request ${matcher.method ?? ""} ${String(matcher.path ?? "")} within ${String(limitMs)} ms`),
        );
      }, limitMs);
      const waiter: Waiter = {
        matcher,
        resolve: (request) => {
          clearTimeout(timer);
          resolve(request);
        },
      };
      this.#waiters.add(waiter);
    });
  }
}
