import type { IncomingHttpHeaders } from "node:http2";
import { Server } from "node:net";

/** The call by which the engine passes Ctrl-C on. The SDK's own dynamic provider acknowledges it and tells nobody. */
const CANCEL_CALL = "/pulumirpc.ResourceProvider/Cancel";

const heard = new WeakSet<Server>();

/**
 * Calls back whenever the engine asks this process's provider to cancel what it does: at the first Ctrl-C, while it still
 * waits for the answer and saves it, and once more before it ends this process.
 *
 * Best effort: the provider's server is found among what keeps this process alive. Where it is not, only the signals
 * are left, which come when the engine waits no more.
 */
export function onCancelCall(callback: () => void): void {
  const { _getActiveHandles: activeHandles } = process as { _getActiveHandles?: () => unknown[] };
  for (const handle of activeHandles?.call(process) ?? []) {
    // Only an HTTP/2 server has anybody who listens for streams.
    if (!(handle instanceof Server) || handle.listenerCount("stream") === 0 || heard.has(handle)) continue;
    heard.add(handle);
    handle.on("stream", (_stream: unknown, headers: IncomingHttpHeaders) => {
      if (headers[":path"] === CANCEL_CALL) callback();
    });
  }
}
