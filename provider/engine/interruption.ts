import { PulumiFlinkError } from "../errors";

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

const controller = new AbortController();
let running = 0;
let received: NodeJS.Signals | undefined;

/**
 * Aborted when this process has been told to end (the engine sends SIGINT, and SIGKILL 5 s later) while an
 * operation runs. Start no step after that, and stop waiting; its reason is an {@link OperationInterruptedError}.
 */
export function interrupted(): AbortSignal {
  return controller.signal;
}

/**
 * Runs an operation that must not be cut off between two steps. While one runs, a signal to end only aborts
 * {@link interrupted}; the process ends as the signal says when the last such operation has.
 */
export async function untilInterrupted<T>(operation: (interrupted: AbortSignal) => Promise<T>): Promise<T> {
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
  controller.abort(new OperationInterruptedError());
}

function end(signal: NodeJS.Signals): void {
  if (running === 0) process.kill(process.pid, signal);
}
