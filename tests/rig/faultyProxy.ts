import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a request that comes through. */
export interface Interception {
  readonly method: string;
  /** Tested against the path without its query. */
  readonly path: RegExp;
  /** `dropRequest`: the cluster never sees it. `dropAnswer`: the cluster carries it out, and nobody hears of it. */
  readonly effect: "dropRequest" | "dropAnswer";
  /** How many matching requests it happens to. Default: 1. */
  readonly times?: number;
  /** Called before the connection is cut. */
  readonly act?: () => void | Promise<void>;
}

/** A loopback proxy before a cluster's REST API that loses what it is told to lose. */
export interface FaultyProxy {
  readonly url: string;
  /** Every request with a JSON body that came through, oldest first. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: unknown }[];
  /** Lasts until its times are over or it is removed. */
  intercept(interception: Interception): {
    /** How many requests it has happened to so far. */
    readonly happened: number;
    remove(): void;
  };
  stop(): Promise<void>;
}

/** Starts a proxy before this address. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const entries: { interception: Interception; happened: number }[] = [];
  const requests: { method: string; path: string; body: unknown }[] = [];
  const take = (request: http.IncomingMessage): Interception | undefined => {
    const path = (request.url ?? "").replace(/\?.*$/, "");
    const entry = entries.find(
      ({ interception, happened }) =>
        interception.method === request.method && interception.path.test(path) && happened < (interception.times ?? 1),
    );
    if (entry === undefined) return undefined;
    entry.happened += 1;
    return entry.interception;
  };
  const server = http.createServer((request, response) => {
    void handle(request, response, target, take(request));
    if (request.headers["content-type"]?.startsWith("application/json") !== true) return;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const { method = "", url = "" } = request;
      requests.push({ method, path: url, body: JSON.parse(Buffer.concat(chunks).toString("utf8")) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    intercept: (interception) => {
      const entry = { interception, happened: 0, remove: () => void entries.splice(entries.indexOf(entry), 1) };
      entries.push(entry);
      return entry;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: string,
  interception: Interception | undefined,
): Promise<void> {
  const cut = async (): Promise<void> => {
    await interception?.act?.();
    response.destroy();
  };
  if (interception?.effect === "dropRequest") return cut();
  const { method, headers, url = "/" } = request;
  const forwarded = http.request(new URL(url, target), { method, headers }, (answer) => {
    if (interception !== undefined) {
      answer.resume().once("end", () => void cut());
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  forwarded.once("error", () => response.destroy());
  request.pipe(forwarded);
}
