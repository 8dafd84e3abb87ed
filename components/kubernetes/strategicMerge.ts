/*
 * Kubernetes' strategic merge patch for pod templates: objects go together key by key, some lists by a key of their
 * elements, all other lists and values are replaced. See
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/.
 */

/** A manifest, or a part of one. */
export type JsonObject = Readonly<Record<string, unknown>>;

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_PRIMITIVES = "$deleteFromPrimitiveList/";
const ORDER = "$setElementOrder/";

/** Lists in a pod template whose elements go together by a key: as `x-kubernetes-patch-merge-key` of Kubernetes' API. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  volumes: "name",
  imagePullSecrets: "name",
  env: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  schedulingGates: "name",
  resourceClaims: "name",
  ownerReferences: "uid",
};

/** Lists of plain values that become one list without doubles. */
const MERGED_PRIMITIVES: readonly string[] = ["finalizers"];

/** A union of kinds: naming another kind takes the first away. */
const ONE_OF: readonly string[] = ["volumes"];

/** The base with the patch merged into it; neither is changed. */
export function strategicMerge(base: JsonObject, patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, [RETAIN_KEYS]: retained, ...rest } = patch;
  if (directive === "replace") return withoutNulls(rest);
  if (directive === "delete") return {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith(ORDER) || value === undefined) continue;
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const name = key.slice(DELETE_PRIMITIVES.length);
      merged[name] = asList(base[name]).filter((element) => !asList(value).includes(element));
    } else if (value === null) {
      delete merged[key];
    } else {
      merged[key] = mergeValue(key, merged[key], value);
    }
  }
  if (!Array.isArray(retained)) return merged;
  return Object.fromEntries(Object.entries(merged).filter(([key]) => retained.includes(key)));
}

function mergeValue(key: string, base: unknown, patch: unknown): unknown {
  if (isList(patch)) {
    const mergeKey = MERGE_KEYS[key];
    if (mergeKey !== undefined) return mergeByKey(key, mergeKey, asList(base), patch);
    return MERGED_PRIMITIVES.includes(key) ? [...new Set([...asList(base), ...patch])] : patch;
  }
  if (!isObject(patch)) return patch;
  return isObject(base) ? strategicMerge(base, patch) : strategicMerge({}, patch);
}

function mergeByKey(list: string, key: string, base: readonly unknown[], patch: readonly unknown[]): unknown {
  if (patch.some((element) => isObject(element) && element[DIRECTIVE] === "replace" && element[key] === undefined)) {
    return patch.filter((element) => !(isObject(element) && element[DIRECTIVE] === "replace"));
  }
  const merged = [...base];
  for (const element of patch) {
    if (!isObject(element)) continue;
    const index = merged.findIndex((other) => isObject(other) && other[key] === element[key]);
    const { [DIRECTIVE]: directive, ...plain } = element;
    if (directive === "delete") {
      if (index >= 0) merged.splice(index, 1);
    } else if (index < 0) {
      merged.push(strategicMerge({}, plain));
    } else {
      merged[index] = directive === "replace" ? plain : mergeElement(list, key, merged[index] as JsonObject, element);
    }
  }
  return merged;
}

function mergeElement(list: string, key: string, base: JsonObject, patch: JsonObject): JsonObject {
  const kinds = Object.keys(patch).filter((name) => name !== key && !name.startsWith("$"));
  const otherKind = ONE_OF.includes(list) && kinds.length > 0 && !kinds.some((name) => name in base);
  return otherKind ? strategicMerge({ [key]: base[key] }, patch) : strategicMerge(base, patch);
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined));
}

function asList(value: unknown): readonly unknown[] {
  return isList(value) ? value : [];
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
