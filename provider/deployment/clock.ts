import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../lifecycle/ports";

/** The clock of this machine. */
export const systemClock = {
  now: (): number => Date.now(),
  /** @param signal - cuts the sleep short. */
  sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
} satisfies Clock;

/** The clock of this machine, which nobody may wait for any more once the signal is aborted: its reason is thrown. */
export function clockUntil(signal: AbortSignal): Clock {
  return {
    now: () => systemClock.now(),
    sleep: async (ms) => {
      await systemClock.sleep(ms, signal);
      signal.throwIfAborted();
    },
  };
}
