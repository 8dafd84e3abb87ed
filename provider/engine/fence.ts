import { PulumiFlinkError } from "../errors";
import { engineAddress } from "./address";
import { EngineConnection } from "./engineConnection";
import { interrupted } from "./interruption";

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

const engines = new Map<string, EngineConnection>();
const gone = new Map<string, EngineGoneError>();

/**
 * Connects this provider process with its engine, to be called while that certainly is there: when its first call
 * arrives. Whoever listens at the address later is told apart from it.
 */
export function holdEngine(address: string | undefined = engineAddress()): void {
  if (address !== undefined) connectionTo(address);
}

/**
 * The fence of this provider process: lets pass as long as the engine that {@link holdEngine} connected with is there.
 * Without that, the engine is the one that the first look finds.
 *
 * An engine that has closed the connection, or refused one, is gone for good, whatever listens on its port later. No
 * answer in time is no end: an engine that is busy, or stopped for a while, lives.
 *
 * @param address - the engine's `host:port`; without one (unit tests) there is no engine to be gone.
 * @param answerMs - how long its sign of life is waited for. Milliseconds. Default: 5 000.
 */
export function engineFence(address: string | undefined = engineAddress(), answerMs?: number): Fence {
  return async () => {
    interrupted().throwIfAborted();
    if (address === undefined) return;
    const before = gone.get(address);
    if (before) throw before;
    const end = await connectionTo(address).end(answerMs);
    if (end) {
      const error = gone.get(address) ?? new EngineGoneError({ cause: end });
      if (!gone.has(address)) {
        gone.set(address, error);
        // The last words of an orphan: nobody reads them, and so it ends.
        console.error(error.message);
      }
      throw error;
    }
    interrupted().throwIfAborted();
  };
}

function connectionTo(address: string): EngineConnection {
  const connection = engines.get(address) ?? new EngineConnection(address);
  engines.set(address, connection);
  return connection;
}
