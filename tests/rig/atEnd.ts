const actions = new Set<() => void>();

/**
 * Calls this when this process ends, by itself or by a signal; not by SIGKILL.
 *
 * @returns what takes it back.
 */
export function atEnd(action: () => void): () => void {
  listen();
  actions.add(action);
  return () => void actions.delete(action);
}

let isListening = false;

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.once("exit", callAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      callAll();
      process.kill(process.pid, signal);
    });
  }
}

function callAll(): void {
  for (const action of actions) action();
  actions.clear();
}
