import type { Point } from "./cases";

/** How often a transition is recorded: which requests a wait repeats differs from run to run. */
const RECORDINGS = 3;

/** The requests that every recording of a transition has, and how many others some of them have. */
export async function enumerate(
  record: () => Promise<Point[]>,
): Promise<{ readonly points: Point[]; readonly others: number }> {
  let points = await record();
  const all = new Set(points.map(keyOf));
  for (let recordings = 1; recordings < RECORDINGS; recordings += 1) {
    const again = new Set((await record()).map(keyOf));
    points = points.filter((point) => again.has(keyOf(point)));
    for (const key of again) all.add(key);
  }
  return { points, others: all.size - points.length };
}

function keyOf({ actor, role }: Point): string {
  return `${actor}/${role.text}`;
}
