import { distance } from "fastest-levenshtein";

/** The candidate that a mistyped name most likely meant, or undefined when none is near. Case does not count. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const found = distance(wanted, candidate.toLowerCase());
    if (best === undefined || found < best.distance) best = { candidate, distance: found };
  }
  // A third of the name wrong is still a typing mistake; more than that is another name.
  return best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : undefined;
}
