import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

/** Waits for a condition of the outside world; fails with its name when it does not come true in time. */
export async function until(what: string, condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    }
    await delay(POLL_MS);
  }
}
