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
    const applying = points.filter(
      (point) =>
        (fault.appliesTo?.(point.role, transition) ?? true) &&
        isChosen(seed, fault, `${transition.name}/${text(point)}`),
    );
    const chosen =
      fault.limit === undefined
        ? applying
        : shuffled(seed, applying, (point) => `${transition.name}/${fault.name}/${text(point)}`).slice(0, fault.limit);
    return chosen.map((point) => {
      const name = `${transition.name} | ${text(point)} | ${fault.name}`;
      return { transition, point, fault, name, followUp: followUpOf(transition, fault, seed, name) };
    });
  });
}

function isChosen(seed: number, fault: Fault, where: string): boolean {
  const { oneOf } = fault;
  if (oneOf === undefined) return true;
  const alternatives = FAULTS.filter((other) => other.oneOf === oneOf);
  return pick(seed, `${oneOf}/${where}`, alternatives) === fault;
}

function text({ actor, role }: Point): string {
  return actor === "job1" ? role.text : `${actor}: ${role.text}`;
}

function followUpOf(transition: Transition, fault: Fault, seed: number, name: string): FollowUp {
  // What its retry meets is a rival that still runs.
  if (fault.cli !== undefined) return RETRY;
  const others = FOLLOW_UPS.filter(({ appliesTo }) => appliesTo(transition));
  if (others.length === 0 || chance(seed, `${name}/other`) >= OTHER_FOLLOW_UPS) return RETRY;
  return pick(seed, `${name}/follow-up`, others);
}

const RETRY: FollowUp = { name: "retry", appliesTo: () => true, after: ({ change }) => [change] };

/** At least so many cases, in an order that the seed decides, among them each transition, each fault, and of what takes long its share. */
export function sampleOf(cases: readonly FaultCase[], atLeast: number, seed: number): FaultCase[] {
  const order = shuffled(seed, cases, ({ name }) => name);
  const needed = new Set<FaultCase>();
  const rationed = order.filter(({ fault }) => fault.sampled !== undefined);
  const free = order.filter(({ fault }) => fault.sampled === undefined);
  for (const kind of new Set(rationed.map(({ fault }) => fault.sampled?.kind))) {
    const alike = rationed.filter(({ fault }) => fault.sampled?.kind === kind);
    const share = Math.round(((alike[0]?.fault.sampled?.percent ?? 0) * atLeast) / 100);
    for (const faultCase of alike.slice(0, Math.max(1, share))) needed.add(faultCase);
  }
  const pairs = new Set<string>();
  const cover = (kind: string, of: (faultCase: FaultCase) => string): void => {
    for (const faultCase of free) {
      const key = `${kind}/${of(faultCase)}`;
      if (pairs.has(key)) continue;
      pairs.add(key);
      needed.add(faultCase);
    }
  };
  cover("transition", ({ transition }) => transition.name);
  cover("fault", ({ fault }) => fault.name);
  for (const faultCase of free) {
    if (needed.size >= atLeast) break;
    needed.add(faultCase);
  }
  return order.filter((faultCase) => needed.has(faultCase));
}
