import { PulumiFlinkError } from "../errors";
import { onCancelCall } from "./cancellation";

/** The engine told this process to end: the step under way was the last one. */
export class OperationInterruptedError extends PulumiFlinkError {
  readonly code = "FLINK_INTERRUPTED";

  constructor() {
    super(
      "The Pulumi process ended this operation before it was done. No further step was started. " +
        "Run `pulumi up` again: it continues from what was reached.",
    );
  }
}

const signals = ["SIGINT", "SIGTERM"] as const;
/** How long an operation's last answer may take to leave this process. */
const farewellMs = 100;
/** How long an answer that was asked for before may still take: half of the time until SIGKILL. */
const graceMs = 2_500;

const controller = new AbortController();
const late = new AbortController();
let running = 0;
let received: NodeJS.Signals | undefined;

/**
 * Aborted when this process has been told to end while an operation runs: by the engine's Cancel call, at the first
 * Ctrl-C, or by SIGINT, which SIGKILL follows 5 s later. Start no step after that, and stop waiting; its reason is an
 * {@link OperationInterruptedError}.
 */
export function interrupted(): AbortSignal {
  return controller.signal;
}

/** Aborted {@link graceMs} after {@link interrupted}, for the same reason: stop waiting for answers, too. */
export function outOfTime(): AbortSignal {
  return late.signal;
}

/**
 * Runs an operation that must not be cut off between two steps. While one runs, a signal to end only aborts
 * {@link interrupted}; the process ends as the signal says when the last such operation has.
 */
export async function untilInterrupted<T>(operation: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
  onCancelCall(cancel);
  if (running++ === 0) for (const signal of signals) process.on(signal, interrupt);
  try {
    return await operation(controller.signal);
  } finally {
    if (--running === 0) {
      for (const signal of signals) process.off(signal, interrupt);
      if (received) setTimeout(end, farewellMs, received);
    }
  }
}

function interrupt(signal: NodeJS.Signals): void {
  received = signal;
  cancel();
}

function cancel(): void {
  // The engine says so to an idle provider, too, before it ends it.
  if (running === 0 || controller.signal.aborted) return;
  const reason = new OperationInterruptedError();
  controller.abort(reason);
  setTimeout(() => late.abort(reason), graceMs).unref();
}

function end(signal: NodeJS.Signals): void {
  if (running === 0) process.kill(process.pid, signal);
}
