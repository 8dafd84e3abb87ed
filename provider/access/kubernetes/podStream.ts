import { Duplex, PassThrough, Writable, type Readable } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { kubernetesClient } from "./kubeconfig";

/** The part of a WebSocket that is used. */
interface Socket {
  send(data: Buffer, sent: (error?: Error) => void): void;
  close(): void;
  pause(): void;
  resume(): void;
  on(event: "close", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
}

/** The client's own types of it need types that it does not bring. */
interface Forward {
  portForward(
    namespace: string,
    pod: string,
    ports: number[],
    output: Writable,
    errors: Writable,
    input: Readable,
  ): Promise<Socket>;
}

/** The channel of what goes over the port. */
const DATA = 0;

/** The API server refused to forward, with this status. */
export class ForwardRefusedError extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/**
 * A connection to a port of a pod, through the API server. No port of this machine is opened for it: Flink runs any jar
 * that is sent to it, whichever user of the machine sends it.
 */
export class PodStream extends Duplex {
  private socket: Socket | undefined;

  /** @throws {ForwardRefusedError} Error when the API server does not answer. */
  static async open(config: KubeConfig, namespace: string, pod: string, port: number): Promise<PodStream> {
    const { PortForward } = await kubernetesClient();
    const stream = new PodStream();
    const sink = (take: (data: Buffer) => void): Writable =>
      new Writable({ write: (data: Buffer, _encoding, done) => (data.length > 0 && take(data), done()) });
    const data = sink((received) => stream.receive(received));
    const failure = sink((words) =>
      stream.destroy(reset(`the port could not be forwarded: ${words.toString().trim()}`)),
    );
    try {
      // What is sent goes to the WebSocket itself, which says when it has taken it; this input stays empty.
      const input = new PassThrough();
      const forward = new PortForward(config) as unknown as Forward;
      stream.attach(await forward.portForward(namespace, pod, [port], data, failure, input));
      return stream;
    } catch (error) {
      stream.destroy();
      throw asError(error);
    }
  }

  private constructor() {
    // An error that comes before undici listens must not end the process.
    super({ allowHalfOpen: false });
    this.on("error", () => undefined);
  }

  /** As of a connection of one's own, which undici takes this for: nothing to do. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.socket === undefined) return done(new Error("not connected"));
    this.socket.send(Buffer.concat([Buffer.of(DATA), chunk]), (error) => done(error));
  }

  override _read(): void {
    this.socket?.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket?.close();
    done(error);
  }

  private attach(socket: Socket): void {
    this.socket = socket;
    socket.on("close", () => {
      this.push(null);
      this.destroy();
    });
    socket.on("error", (error) => this.destroy(error));
  }

  private receive(data: Buffer): void {
    if (!this.destroyed && !this.push(data)) this.socket?.pause();
  }
}

function reset(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNRESET" });
}

/** A WebSocket gives an event. */
function asError(event: unknown): Error {
  const { message, error } = event as { message?: string; error?: unknown };
  const status = /Unexpected server response: (\d+)/.exec(message ?? "")?.[1];
  if (status !== undefined) return new ForwardRefusedError(Number(status));
  if (event instanceof Error) return event;
  return error instanceof Error ? error : new Error(message ?? "the connection failed");
}
