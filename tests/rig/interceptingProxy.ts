import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrives. */
export interface ArrivingRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The port of whoever sends it. */
  readonly fromPort: number;
  /** The whole body once it is read; undefined where it is no JSON. To be asked at once, or never. */
  readonly body: () => Promise<string> | undefined;
}

/** An answer that stands in for the cluster's. */
export interface OtherAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What becomes of a request. */
export type Treatment =
  /** It is passed on once `act` is done. */
  | { readonly kind: "pass"; readonly act?: () => Promise<void> }
  /** The cluster never sees it, and its connection is cut once `act` is done. */
  | { readonly kind: "dropRequest"; readonly act?: () => Promise<void> }
  /** The cluster carries it out; once `act` is done the connection is cut, and nobody hears of the answer. */
  | { readonly kind: "dropAnswer"; readonly act?: () => Promise<void> }
  /** The cluster carries it out, and its answer is passed on once `act` is done. */
  | { readonly kind: "holdAnswer"; readonly act: () => Promise<void> }
  /** The cluster carries it out, and half of its answer arrives. */
  | { readonly kind: "cutAnswer" }
  /** The cluster never sees it, and something else answers. */
  | { readonly kind: "answerInstead"; readonly answer: OtherAnswer }
  /** The cluster carries it out, and something else answers. */
  | { readonly kind: "replaceAnswer"; readonly answer: OtherAnswer }
  /** It is accepted, and neither passed on nor answered. */
  | { readonly kind: "silence" };

export interface InterceptingProxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a loopback proxy before this address. `treat` is asked once for each request, in the order of their arrival. */
export async function startInterceptingProxy(
  target: string,
  treat: (request: ArrivingRequest) => Treatment,
): Promise<InterceptingProxy> {
  const server = http.createServer((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const isJson = headers["content-type"]?.startsWith("application/json") === true;
    const fromPort = request.socket.remotePort ?? 0;
    const body = (): Promise<string> | undefined => (isJson ? textOf(request) : undefined);
    void carryOut(request, response, target, treat({ method, url, fromPort, body }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function textOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8"))));
}

async function carryOut(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: string,
  treatment: Treatment,
): Promise<void> {
  switch (treatment.kind) {
    case "pass":
      if (treatment.act !== undefined) await treatment.act();
      return forward(request, response, target, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
    case "dropRequest":
      await treatment.act?.();
      response.destroy();
      return;
    case "dropAnswer":
      return forward(request, response, target, (answer) => {
        answer.resume().once("end", () => {
          void Promise.resolve(treatment.act?.()).then(() => response.destroy());
        });
      });
    case "holdAnswer":
      return forward(request, response, target, (answer) => void hold(answer, response, treatment.act));
    case "cutAnswer":
      return forward(request, response, target, (answer) => void cut(answer, response));
    case "answerInstead":
      // An answer before the whole request was read would be a reset to whoever still sends.
      request.resume().once("end", () => reply(response, treatment.answer));
      return;
    case "replaceAnswer":
      return forward(request, response, target, (answer) => {
        answer.resume().once("end", () => reply(response, treatment.answer));
      });
    case "silence":
      request.resume();
      return;
  }
}

function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  target: string,
  onAnswer: (answer: http.IncomingMessage) => void,
): void {
  const { method, headers, url = "/" } = request;
  const forwarded = http.request(new URL(url, target), { method, headers }, onAnswer);
  forwarded.once("error", () => response.destroy());
  request.pipe(forwarded);
}

async function hold(
  answer: http.IncomingMessage,
  response: http.ServerResponse,
  act: () => Promise<void>,
): Promise<void> {
  const body = await bodyOf(answer);
  await act();
  response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
}

async function bodyOf(answer: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function cut(answer: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const body = await bodyOf(answer);
  response.writeHead(answer.statusCode ?? 502, { ...answer.headers, "content-length": String(body.length) });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

function reply(response: http.ServerResponse, { status, contentType, body }: OtherAnswer): void {
  response.writeHead(status, { "content-type": contentType }).end(body);
}
