import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface FakeServer {
  url: string;
  host: string;
  seen: SeenRequest[];
  close(): Promise<void>;
}

/** An HTTP (or, with options, HTTPS) server on a port of loopback that the OS chose. */
export async function listen(listener: RequestListener, tls?: ServerOptions): Promise<FakeServer> {
  const server = tls === undefined ? createHttpServer(listener) : createTlsServer(tls, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    host,
    seen: [],
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type Reply = { status?: number; headers?: Record<string, string>; body?: unknown };
export type Replies = Record<string, Reply | ((request: SeenRequest, count: number) => Reply)>;

/** Answers `"METHOD /path"`; what it has no reply for is 404 as Flink's router says it. */
export async function serve(replies: Replies): Promise<FakeServer> {
  const counts = new Map<string, number>();
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = {
      method: incoming.method ?? "",
      url: incoming.url ?? "",
      headers: incoming.headers,
      body: await text(incoming),
    };
    server.seen.push(request);
    const key = `${request.method} ${request.url}`;
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    const found = replies[key];
    const missing =
      request.method === "GET" ? `Unable to load requested file ${request.url}.` : `Not found: ${request.url}`;
    const reply =
      typeof found === "function" ? found(request, count) : (found ?? { status: 404, body: flinkError(missing) });
    const body = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body ?? {});
    outgoing.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers }).end(body);
  };
  const server = await listen((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return server;
}

export function flinkError(...errors: string[]): { errors: string[] } {
  return { errors };
}

/** A Java stack trace as Flink prints it: each throwable, frames below. */
export function trace(...throwables: string[]): string {
  return throwables
    .map(
      (each, index) =>
        `${index === 0 ? "" : "Caused by: "}${each}\n\tat org.example.Some.method(Some.java:1)\n\t... 4 more\n`,
    )
    .join("");
}
