import type { JobException } from "../flink/model";

/** Less than Flink waits before a restart by default, 1 s. */
const ONE_FAILURE_MS = 500;

/**
 * The failures that Flink remembers, newest first, each once: one comes as several where not only the task that failed is
 * told, but also what spoke to it. The first of these is the cause of the others.
 */
export function restartsIn(history: readonly JobException[]): JobException[] {
  const causes: JobException[] = [];
  for (const failure of [...history].sort((a, b) => a.time - b.time)) {
    const [newest] = causes;
    if (newest === undefined || failure.time - newest.time > ONE_FAILURE_MS) causes.unshift(failure);
  }
  return causes;
}
