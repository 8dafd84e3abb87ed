import * as http2 from "node:http2";

/** How long the engine, which is on this machine, may take to give a sign of life. */
const ANSWER_MS = 5_000;

/** A call that changes nothing. An engine that does not know it answers all the same. */
const HEALTH_CHECK = {
  ":method": "POST",
  ":path": "/grpc.health.v1.Health/Check",
  "content-type": "application/grpc",
  te: "trailers",
};
/** As gRPC frames it: not compressed, no bytes. */
const EMPTY_MESSAGE = Buffer.alloc(5);

/**
 * One connection to the engine of this process, kept for good. Only that very engine is at its other end: once it is
 * gone, so is the connection, whoever listens at the same port later.
 *
 * It speaks HTTP/2, for the engine's server closes a connection that says nothing; and it asks by a call, for that server
 * takes a client that sends pings for a nuisance, and closes its connection.
 */
export class EngineConnection {
  private readonly session: http2.ClientHttp2Session;
  private failure: Error | undefined;

  /** @param address - its `host:port`. */
  constructor(address: string) {
    this.session = http2.connect(`http://${address}`);
    // It keeps no process alive.
    this.session.unref();
    this.session.on("error", (error: Error) => (this.failure ??= error));
  }

  /**
   * Why the engine is gone; undefined: it was there after this was asked, or gives no answer in time, which an engine
   * that is busy, or stopped for a while, does not either: its connection would be closed if it had ended.
   *
   * The answer has to come: after this process was stopped itself, what happened to the connection meanwhile is not seen
   * until then.
   *
   * @param answerMs - how long it is waited for. Milliseconds. Default: 5 000.
   */
  end(answerMs = ANSWER_MS): Promise<Error | undefined> {
    const { session } = this;
    if (session.closed || session.destroyed) return Promise.resolve(this.closed());
    return new Promise((resolve) => {
      const call = session.request(HEALTH_CHECK);
      const timer = setTimeout(() => call.close(http2.constants.NGHTTP2_CANCEL), answerMs);
      call.once("response", () => resolve(undefined));
      // Its reason is the session's, or the engine's own word on the call, which is an answer.
      call.on("error", () => undefined);
      call.once("close", () => {
        clearTimeout(timer);
        resolve(session.closed || session.destroyed ? this.closed() : undefined);
      });
      call.resume();
      call.end(EMPTY_MESSAGE);
    });
  }

  private closed(): Error {
    return this.failure ?? new Error("it has closed its connection");
  }
}
