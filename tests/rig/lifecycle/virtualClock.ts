import type { Clock } from "../../../provider/lifecycle/ports";
import { NOW } from "./builders";

interface Event {
  readonly time: number;
  readonly run: () => void;
}

/** Time that passes only when somebody sleeps, and what happens in it, in its order. */
export class VirtualClock implements Clock {
  private time = NOW;
  private events: Event[] = [];

  now(): number {
    return this.time;
  }

  /** Lets something happen after a while. */
  after(ms: number, run: () => void): void {
    const event = { time: this.time + ms, run };
    const index = this.events.findIndex(({ time }) => time > event.time);
    if (index < 0) this.events.push(event);
    else this.events.splice(index, 0, event);
  }

  /** Lets time pass at once. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (let next = this.events[0]; next !== undefined && next.time <= until; next = this.events[0]) {
      this.events.shift();
      this.time = Math.max(this.time, next.time);
      next.run();
    }
    this.time = until;
  }

  sleep(ms: number): Promise<void> {
    this.pass(ms);
    return Promise.resolve();
  }
}
