import assert from "node:assert/strict";
import type { KubernetesObject } from "../rig/kubernetes/client";

/** When the last of the pods became ready, in ms. */
export function readySince(pods: readonly KubernetesObject[]): number {
  return Math.max(...pods.map(readyAt));
}

/** How many seconds the slowest pod took until it was ready. */
export function startSeconds(pods: readonly KubernetesObject[]): number {
  return Math.max(...pods.map((pod) => readyAt(pod) - createdAt(pod))) / 1000;
}

function readyAt({ status }: KubernetesObject): number {
  const { conditions } = status as { conditions: { type: string; status: string; lastTransitionTime: string }[] };
  const ready = conditions.find(({ type, status }) => type === "Ready" && status === "True");
  assert.ok(ready, "a pod is not ready");
  return Date.parse(ready.lastTransitionTime);
}

function createdAt({ metadata }: KubernetesObject): number {
  return Date.parse(metadata["creationTimestamp"] as string);
}
