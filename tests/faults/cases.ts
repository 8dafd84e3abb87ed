import { FAULTS, type Fault } from "./faults";
import { FOLLOW_UPS, type FollowUp } from "./followUps";
import { chance, pick, shuffled } from "./random";
import type { Role } from "./roles";
import type { Transition } from "./transitions";

/** A request of a transition, and the resource that makes it. */
export interface Point {
  readonly actor: string;
  readonly role: Role;
}

/** A transition, one request of it, and what goes wrong there. */
export interface FaultCase {
  readonly transition: Transition;
  readonly point: Point;
  readonly fault: Fault;
  readonly followUp: FollowUp;
  readonly name: string;
}

/** How many of the cases are not simply tried again. */
const OTHER_FOLLOW_UPS = 0.2;

/** All cases of a transition. */
export function casesOf(transition: Transition, points: readonly Point[], seed: number): FaultCase[] {
  return FAULTS.flatMap((fault) => {
    const applying = points.filter(({ role }) => fault.appliesTo?.(role) ?? true);
    const chosen =
      fault.limit === undefined
        ? applying
        : shuffled(seed, applying, (point) => `${transition.name}/${fault.name}/${text(point)}`).slice(0, fault.limit);
    return chosen.map((point) => {
      const name = `${transition.name} | ${text(point)} | ${fault.name}`;
      return { transition, point, fault, name, followUp: followUpOf(transition, seed, name) };
    });
  });
}

function text({ actor, role }: Point): string {
  return actor === "job1" ? role.text : `${actor}: ${role.text}`;
}

function followUpOf(transition: Transition, seed: number, name: string): FollowUp {
  const others = FOLLOW_UPS.filter(({ appliesTo }) => appliesTo(transition));
  if (others.length === 0 || chance(seed, `${name}/other`) >= OTHER_FOLLOW_UPS) return RETRY;
  return pick(seed, `${name}/follow-up`, others);
}

const RETRY: FollowUp = { name: "retry", appliesTo: () => true, after: ({ change }) => [change] };

/** At least so many cases, in an order that the seed decides, among them each transition and each fault. */
export function sampleOf(cases: readonly FaultCase[], atLeast: number, seed: number): FaultCase[] {
  const order = shuffled(seed, cases, ({ name }) => name);
  const needed = new Set<FaultCase>();
  const pairs = new Set<string>();
  const cover = (kind: string, of: (faultCase: FaultCase) => string): void => {
    for (const faultCase of order) {
      const key = `${kind}/${of(faultCase)}`;
      if (pairs.has(key)) continue;
      pairs.add(key);
      needed.add(faultCase);
    }
  };
  cover("transition", ({ transition }) => transition.name);
  cover("fault", ({ fault }) => fault.name);
  for (const faultCase of order) {
    if (needed.size >= atLeast) break;
    needed.add(faultCase);
  }
  return order.filter((faultCase) => needed.has(faultCase));
}
