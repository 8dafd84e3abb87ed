import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that a {@link JarServer} got. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** An HTTP server on loopback that answers by path. */
export class JarServer {
  readonly seen: SeenRequest[] = [];
  readonly answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<JarServer> {
    const server = createServer((request, response) => {
      const path = (request.url ?? "").split("?")[0] ?? "";
      self.seen.push({ path, headers: request.headers });
      const answer = self.answers.get(path);
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
    const self = new JarServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The address of a path; `host` may be another name of this machine. */
  url(path: string, host = "127.0.0.1"): string {
    return `http://${host}:${this.port}${path}`;
  }

  /** Answers with this content, and with its ETag if one is given. */
  serve(path: string, content: Buffer, etag?: string): void {
    this.answers.set(path, (request, response) => {
      if (etag !== undefined && request.headers["if-none-match"] === etag) response.writeHead(304).end();
      else {
        response.writeHead(200, {
          "content-length": content.length,
          ...(etag === undefined ? {} : { etag }),
        });
        response.end(content);
      }
    });
  }

  redirect(path: string, location: string, status = 302): void {
    this.answers.set(path, (_request, response) => void response.writeHead(status, { location }).end());
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
