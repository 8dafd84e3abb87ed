/**
 * Lets a report through when the last one is at least so long ago, the first one always.
 *
 * @param now - the time in milliseconds.
 */
export function seldom<T extends unknown[]>(
  intervalMs: number,
  now: () => number,
  report: (...what: T) => void,
): (...what: T) => void {
  let last = -Infinity;
  return (...what) => {
    const time = now();
    if (time - last < intervalMs) return;
    last = time;
    report(...what);
  };
}
