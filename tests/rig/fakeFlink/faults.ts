/** Faults that a test puts between its client and the fake. */
import type { FaultEffect, FaultMatcher } from "./types";

/** A fault that was set. */
export interface Fault {
  /** How many requests have matched, taken or not. */
  readonly matched: number;
  remove(): void;
}

interface Entry {
  matcher: FaultMatcher;
  effect: FaultEffect;
  matched: number;
}

export function matches(matcher: FaultMatcher, method: string, path: string): boolean {
  return (
    (matcher.method === undefined || matcher.method === method) &&
    (matcher.path === undefined || matcher.path.test(path))
  );
}

export class Faults {
  readonly #entries: Entry[] = [];

  add(matcher: FaultMatcher, effect: FaultEffect): Fault {
    const entry: Entry = { matcher, effect, matched: 0 };
    this.#entries.push(entry);
    return {
      get matched() {
        return entry.matched;
      },
      remove: () => {
        const index = this.#entries.indexOf(entry);
        if (index >= 0) this.#entries.splice(index, 1);
      },
    };
  }

  /** What happens to this request: the oldest fault that applies. */
  take(method: string, path: string): FaultEffect | undefined {
    let taken: FaultEffect | undefined;
    for (const entry of this.#entries) {
      if (!matches(entry.matcher, method, path)) continue;
      entry.matched += 1;
      if (entry.matcher.nth === undefined || entry.matcher.nth === entry.matched) taken ??= entry.effect;
    }
    return taken;
  }
}
