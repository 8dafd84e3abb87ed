import type { KubernetesObject } from "../kubernetes/client";
import { annotation, annotations } from "./inputs";

/** Whether an object has become what it was made for. */
export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly for: string }
  /** It never will. */
  | { readonly kind: "failed"; readonly why: string };

/** What is looked at beside the object itself. */
export interface Surroundings {
  /** How many ready addresses a service has. */
  readonly endpoints: () => Promise<number>;
  /** Whether a claim's class binds only when a pod uses it. */
  readonly bindsLate: (storageClass: string | undefined) => Promise<boolean>;
}

interface Condition {
  type: string;
  status: string;
  message?: string;
}

const READY: Readiness = { kind: "ready" };

/** What the real provider waits for, kind by kind; other kinds are ready when they exist. */
export async function readinessOf(object: KubernetesObject, surroundings: Surroundings): Promise<Readiness> {
  if (annotation(object, annotations.skipAwait) === "true") return READY;
  const spec = fields(object["spec"]);
  const status = fields(object["status"]);
  switch (object.kind) {
    case "Deployment":
      return rollout(object, [
        ["updatedReplicas", "replicas are of the newest template"],
        ["availableReplicas", "replicas are available"],
        ["replicas", "replicas are left"],
      ]);
    case "StatefulSet":
      if (status["currentRevision"] !== status["updateRevision"]) return waiting("the rollout of the newest template");
      return rollout(object, [["readyReplicas", "replicas are ready"]]);
    case "DaemonSet":
      return upTo("numberReady", Number(status["desiredNumberScheduled"] ?? 0), status, "pods are ready");
    case "Pod":
      if (status["phase"] === "Succeeded") return READY;
      return hasCondition(status, "Ready") ? READY : waiting(`the pod is ${text(status["phase"]) ?? "not seen yet"}`);
    case "Service":
      if (spec["type"] === "ExternalName" || spec["clusterIP"] === "None" || spec["selector"] === undefined)
        return READY;
      return (await surroundings.endpoints()) > 0 ? READY : waiting("a ready pod behind the service");
    case "PersistentVolumeClaim":
      if (status["phase"] === "Bound") return READY;
      return (await surroundings.bindsLate(text(spec["storageClassName"]))) ? READY : waiting("a volume");
    case "Job": {
      const failure = conditions(status).find(({ type, status }) => type === "Failed" && status === "True");
      if (failure !== undefined) return { kind: "failed", why: `the job failed: ${failure.message ?? ""}` };
      return hasCondition(status, "Complete") ? READY : waiting("the job's completion");
    }
    case "Namespace":
      return status["phase"] === "Active" ? READY : waiting("the namespace is active");
    case "CustomResourceDefinition":
      return hasCondition(status, "Established") ? READY : waiting("the kind is established");
    default:
      return READY;
  }
}

/** Counts in the status that have to be what `spec.replicas` says. */
function rollout(object: KubernetesObject, counts: readonly (readonly [field: string, what: string])[]): Readiness {
  const status = fields(object["status"]);
  if (Number(status["observedGeneration"] ?? 0) < (object.metadata.generation ?? 0)) {
    return waiting("the controller has seen the change");
  }
  const desired = Number(fields(object["spec"])["replicas"] ?? 1);
  const missing = counts.find(([field]) => Number(status[field] ?? 0) !== desired);
  if (missing === undefined) return READY;
  const failure = conditions(status).find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  const count = waiting(`${Number(status[missing[0]] ?? 0)} of ${desired} ${missing[1]}`);
  return failure === undefined ? count : waiting(`${count.for} (${failure.message ?? failure.type})`);
}

function upTo(field: string, desired: number, status: Record<string, unknown>, what: string): Readiness {
  const count = Number(status[field] ?? 0);
  return count >= desired ? READY : waiting(`${count} of ${desired} ${what}`);
}

function waiting(what: string): Readiness & { kind: "waiting" } {
  return { kind: "waiting", for: what };
}

function hasCondition(status: Record<string, unknown>, wanted: string): boolean {
  return conditions(status).some(({ type, status }) => type === wanted && status === "True");
}

function conditions(status: Record<string, unknown>): Condition[] {
  return (status["conditions"] ?? []) as Condition[];
}

function fields(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
