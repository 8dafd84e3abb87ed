import * as net from "node:net";
import { PulumiFlinkError } from "../errors";
import { engineAddress } from "./address";
import { interrupted } from "./interruption";

/** How long the engine, which is on this machine, may take to accept a connection. */
const connectTimeoutMs = 5_000;

/** The Pulumi process that ordered this operation is gone; nothing more is done, so that its retry meets no rival. */
export class EngineGoneError extends PulumiFlinkError {
  readonly code = "FLINK_ENGINE_GONE";

  constructor(options?: { cause?: unknown }) {
    super(
      "The Pulumi process that started this operation has ended. Nothing more is done. " +
        "Run `pulumi up` again: it continues from what was reached.",
      options,
    );
  }
}

/**
 * Rejects with {@link EngineGoneError} when the engine is gone, and with OperationInterruptedError when it has told
 * this process to end: to be awaited before every request that changes something.
 */
export type Fence = () => Promise<void>;

const gone = new Map<string, EngineGoneError>();

/**
 * The fence of this provider process.
 *
 * An engine that refused a connection once is gone for good, whatever listens on its port later. No answer in
 * time is not a refusal: an engine that is busy, or stopped for a while, lives.
 *
 * @param address - the engine's `host:port`; without one (unit tests) there is no engine to be gone.
 */
export function engineFence(address: string | undefined = engineAddress()): Fence {
  return async () => {
    interrupted().throwIfAborted();
    if (address === undefined) return;
    const before = gone.get(address);
    if (before) throw before;
    const refusal = await refused(address);
    if (refusal) {
      const error = new EngineGoneError({ cause: refusal });
      gone.set(address, error);
      // The last words of an orphan: nobody reads them, and so it ends.
      console.error(error.message);
      throw error;
    }
  };
}

function refused(address: string): Promise<Error | undefined> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(address.slice(colon + 1)), timeout: connectTimeoutMs });
    const end = (outcome: Error | undefined) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => end(undefined));
    socket.once("timeout", () => end(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED" ? error : undefined));
  });
}
