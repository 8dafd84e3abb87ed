import { createHash } from "node:crypto";
import { nameOf } from "../run";
import type { KubernetesObject, Reference } from "../kubernetes/client";
import { isObject } from "./changes";

/** What the engine passes for a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const AUTONAMED = "pulumi.com/autonamed";
/** In the state only: what the API server never sees. */
const INTERNAL = /^__/;

/** The names of annotations by which a program tells the provider what to do. */
export const annotations = {
  skipAwait: "pulumi.com/skipAwait",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  patchForce: "pulumi.com/patchForce",
  deletionPropagation: "pulumi.com/deletionPropagationPolicy",
} as const;

/** A resource's inputs as the object that they describe. */
export function asObject(inputs: Record<string, unknown>): KubernetesObject {
  const entries = Object.entries(inputs).filter(([key]) => !INTERNAL.test(key));
  return { metadata: {}, ...Object.fromEntries(entries) } as KubernetesObject;
}

/**
 * The inputs with a name: the one that is written, else the one that the resource had, else the resource's own with
 * some random letters, so that a replacement can stand beside what it replaces.
 */
export function withName(
  inputs: Record<string, unknown>,
  olds: Record<string, unknown>,
  urn: string,
  randomSeed: Uint8Array,
): Record<string, unknown> {
  const { metadata = {} } = inputs;
  if (!isObject(metadata)) return inputs;
  if (metadata["name"] !== undefined || metadata["generateName"] !== undefined) return inputs;
  const name = isAutonamed(olds)
    ? (olds["metadata"] as Record<string, unknown>)["name"]
    : `${nameOf(urn)}-${createHash("sha256").update(randomSeed).digest("hex").slice(0, 8)}`;
  const written = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
  return { ...inputs, metadata: { ...metadata, name, annotations: { ...written, [AUTONAMED]: "true" } } };
}

export function isAutonamed(inputs: Record<string, unknown>): boolean {
  return annotation(inputs, AUTONAMED) === "true";
}

export function annotation(inputs: Record<string, unknown>, name: string): string | undefined {
  const { metadata } = inputs;
  const all = isObject(metadata) ? metadata["annotations"] : undefined;
  const value = isObject(all) ? all[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** Whether anything in it is not known yet. */
export function hasUnknowns(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknowns);
  return isObject(value) && Object.values(value).some(hasUnknowns);
}

/** The resource's id in the state: `namespace/name`, or the name alone. */
export function idOf({ metadata: { name = "", namespace } }: KubernetesObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What an id stands for. */
export function referenceOfId(id: string, urn: string): Reference {
  const [namespace, name] = id.includes("/") ? id.split("/") : [undefined, id];
  return { ...kindOf(urn), name: name ?? "", namespace };
}

/**
 * The kind that a type token names: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Pod`.
 *
 * @throws Error for what is no plain object.
 */
export function kindOf(urn: string): { apiVersion: string; kind: string } {
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const parts = /^kubernetes:([^/:]+)\/([^:]+):([A-Z][A-Za-z]*)$/.exec(token);
  const [, group = "", version = "", kind = ""] = parts ?? [];
  if (parts === null || /(?:Patch|List)$/.test(kind) || ["helm.sh", "yaml", "kustomize"].includes(group)) {
    throw new Error(`The test-only provider knows plain Kubernetes objects, not ${token}.`);
  }
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

/** As whom the provider owns the fields of a resource. */
export function fieldManagerOf(urn: string): string {
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}
