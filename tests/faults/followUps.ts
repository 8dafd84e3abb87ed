import { changed, stateOf, suspended, type Program, type Transition } from "./transitions";

/** What a user asks for next. */
export type Wish = Program | "destroy" | "refresh";

/** What a user does after a fault, in place of trying the same again. */
export interface FollowUp {
  readonly name: string;
  readonly appliesTo: (transition: Transition) => boolean;
  /** Each is brought about before the next is asked for. */
  readonly after: (transition: Transition) => readonly Wish[];
}

/** The program that is given up when the change is reverted. */
function programBefore({ before }: Transition): Program | undefined {
  return before.at(-1);
}

/** The last program that names a cluster, for a transition that ends in none. */
function programOf(transition: Transition): Program {
  const program = transition.change === "destroy" ? programBefore(transition) : transition.change;
  if (program === undefined) throw new Error(`${transition.name} has no program`);
  return program;
}

export const FOLLOW_UPS: readonly FollowUp[] = [
  {
    name: "change the specification",
    // A creation that meets another version of its job refuses by design.
    appliesTo: ({ before, mended }) => before.length > 0 && mended === undefined,
    after: (transition) => [changed(programOf(transition))],
  },
  {
    name: "revert",
    appliesTo: (transition) => programBefore(transition) !== undefined && transition.jobFails !== true,
    after: (transition) => [programBefore(transition) ?? programOf(transition)],
  },
  {
    name: "suspend, then resume",
    appliesTo: ({ change, mended }) => change !== "destroy" && stateOf(change) === "RUNNING" && mended === undefined,
    after: (transition) => [suspended(programOf(transition)), programOf(transition)],
  },
  {
    name: "refresh, then retry",
    appliesTo: ({ change, mended }) => change !== "destroy" && mended === undefined,
    after: ({ change }) => ["refresh", change],
  },
  {
    name: "destroy",
    appliesTo: () => true,
    after: () => ["destroy"],
  },
];
