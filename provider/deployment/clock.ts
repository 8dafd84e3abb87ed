import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../lifecycle/ports";

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms) => {
    await delay(ms);
  },
};
