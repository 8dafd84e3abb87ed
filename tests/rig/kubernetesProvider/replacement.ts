import type { ApiError } from "../kubernetes/client";

/** How far a provider is told to go. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

/** What cannot be changed in place, by group and kind, beside name and namespace: as the real provider has it. */
const IMMUTABLE: Record<string, readonly string[]> = {
  ConfigMap: ["data", "binaryData", "immutable"],
  Secret: ["type", "data", "stringData", "immutable"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  Service: ["spec.clusterIP", "spec.type"],
  ResourceQuota: ["spec.scopes"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

const IDENTITY = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/** Which of the changed paths need a new object. */
export function replacingPaths(
  { apiVersion, kind }: { apiVersion: string; kind: string },
  changed: readonly string[],
  mutability: Mutability,
): string[] {
  const group = apiVersion.includes("/") ? `${apiVersion.split("/")[0]}/` : "";
  const isMutable = (kind === "ConfigMap" && mutability.configMaps) || (kind === "Secret" && mutability.secrets);
  const fixed = [...IDENTITY, ...(isMutable ? [] : (IMMUTABLE[`${group}${kind}`] ?? []))];
  return changed.filter((path) => fixed.some((prefix) => isWithin(path, prefix)));
}

/** The changed paths that the API server says cannot be changed; empty: it refused for another reason. */
export function refusedPaths(error: ApiError, changed: readonly string[]): string[] {
  if (error.reason !== "Invalid") return [];
  const fields = error.causes
    .filter(({ message = "" }) => /immutable|may not (?:change|update)|updates to /i.test(message))
    .map(({ field = "" }) => field);
  const refused = changed.filter((path) => fields.some((field) => isWithin(path, field) || isWithin(field, path)));
  // It may name a field that the user did not write.
  return refused.length === 0 && fields.length > 0 ? [...changed] : refused;
}

function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`);
}
