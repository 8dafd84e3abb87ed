import * as pulumi from "@pulumi/pulumi";

/* Defaults under arguments. Both may hold Outputs. */

/** Of two that exclude each other, the one that is given leaves no room for a default of the other. */
const ALTERNATIVES: readonly (readonly [string, string])[] = [
  ["artifact.jar", "artifact.jarUri"],
  ["image", "flinkImageRegistry"],
  ["image", "flinkImageRepository"],
  ["image", "flinkImageTag"],
  ["logging.loggingProfile", "logging.log4j2ConfigurationTemplate"],
  ["kubernetes.serviceAccountName", "kubernetes.serviceAccountAnnotations"],
];

/** Objects that are one thing, and not put together from two. */
const WHOLE: readonly string[] = [
  "cluster",
  "storage.credentials",
  "storage.volume",
  "kubernetes.podTemplate",
  "kubernetes.jobManagerPodTemplate",
  "kubernetes.taskManagerPodTemplate",
];

type Values = Readonly<Record<string, unknown>>;

/** The arguments, with defaults where they say nothing. Objects go together key by key; lists are not put together. */
export function underlay<T extends object>(given: T, defaults: Values, path = ""): T {
  const merged = { ...given } as Record<string, unknown>;
  for (const [key, value] of Object.entries(defaults)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (!isExcluded(at, path, merged)) merged[key] = either(merged[key], value, at);
  }
  return merged as T;
}

function isExcluded(at: string, path: string, given: Values): boolean {
  const others = ALTERNATIVES.flatMap(([one, other]) => (one === at ? [other] : other === at ? [one] : []));
  return others.some((other) => isThere(given[path === "" ? other : other.slice(path.length + 1)]));
}

function either(given: unknown, value: unknown, at: string): unknown {
  if (!isThere(given)) return value;
  if (pulumi.Output.isInstance(given) || given instanceof Promise) {
    return pulumi.output(given).apply((known: unknown) => either(known, value, at));
  }
  if (!isPlainObject(given) || !isPlainObject(value) || isOneThing(at, given, value)) return given;
  return underlay(given, value, at);
}

/** A storage that is somewhere else takes nothing from the default one. */
function isOneThing(at: string, given: Values, value: Values): boolean {
  return WHOLE.includes(at) || (at === "storage" && isThere(given["uri"]) && isThere(value["uri"]));
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Neither a list nor an asset or a resource. */
function isPlainObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
