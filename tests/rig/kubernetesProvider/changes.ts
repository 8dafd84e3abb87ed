/** The paths of what differs, such as `spec.template.spec.containers[0].image`, deepest first found. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => changedPaths(before[key], after[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => changedPaths(before[i], after[i], `${path}[${i}]`)).flat();
  }
  return before === after ? [] : [path];
}

/** The live values of what a user wrote: what others added is left out. */
export function projected(written: unknown, live: unknown): unknown {
  if (isObject(written) && isObject(live)) {
    const entries = Object.entries(written).map(([key, value]) => [key, projected(value, live[key])] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  if (Array.isArray(written) && Array.isArray(live)) {
    return live.map((item, i) => (i < written.length ? projected(written[i], item) : item) as unknown);
  }
  return live;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
