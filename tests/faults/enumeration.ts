import type { Point } from "./cases";

/** How often a transition is recorded: which requests a wait repeats differs from run to run. */
const RECORDINGS = 3;

/** The requests that every recording of a transition has. */
export async function enumerate(record: () => Promise<Point[]>): Promise<Point[]> {
  let common = await record();
  for (let recordings = 1; recordings < RECORDINGS; recordings += 1) {
    const again = new Set((await record()).map(keyOf));
    common = common.filter((point) => again.has(keyOf(point)));
  }
  return common;
}

function keyOf({ actor, role }: Point): string {
  return `${actor}/${role.text}`;
}
