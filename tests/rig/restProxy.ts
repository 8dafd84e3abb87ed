import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** A request that changes something. */
export interface Mutation {
  /** Such as `POST /jobs/…/stop`. */
  readonly what: string;
  /** The request's `X-Run` header, by which a test tells apart who sent it. */
  readonly run: string | undefined;
}

/** What stands between the provider and Flink's REST API. */
export interface RestProxy {
  readonly url: string;
  /** The `Authorization` header that it demands; undefined: none. May change at any time. */
  authorization: string | undefined;
  /** While true, it accepts requests and never answers them. */
  silent: boolean;
  /** All that was passed on and changes something, in order. */
  readonly mutations: readonly Mutation[];
  /** How many requests there were, answered or not. */
  readonly requests: number;
  /** How many requests were turned away with 401. */
  readonly turnedAway: number;
  close(): Promise<void>;
}

/** A reverse proxy on the loopback interface in front of a Flink cluster. */
export async function startRestProxy(flinkUrl: string): Promise<RestProxy> {
  const mutations: Mutation[] = [];
  const server = http.createServer((request, response) => {
    const { method = "GET", url = "/" } = request;
    state.requests += 1;
    const run = request.headers["x-run"]?.toString();
    if (state.silent) return;
    if (state.authorization !== undefined && request.headers.authorization !== state.authorization) {
      state.turnedAway += 1;
      response.writeHead(401, { "content-type": "text/plain" }).end("Unauthorized");
      return;
    }
    if (method !== "GET" && method !== "HEAD") mutations.push({ what: `${method} ${url}`, run });
    const passed = http.request(new URL(url, flinkUrl), { method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const state = {
    url: `http://127.0.0.1:${port}`,
    authorization: undefined as string | undefined,
    silent: false,
    mutations,
    requests: 0,
    turnedAway: 0,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return state;
}
