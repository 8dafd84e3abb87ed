import type { KubernetesClient, KubernetesObject } from "../kubernetes/client";
import { isObject } from "./changes";

interface ContainerStatus {
  name: string;
  ready: boolean;
  state?: Record<string, { reason?: string; message?: string; exitCode?: number } | undefined>;
}

const MOST_EVENTS = 5;

/** What its pods and their events say about an object that does not become ready. */
export async function explain(client: KubernetesClient, object: KubernetesObject): Promise<string[]> {
  const pods = await podsOf(client, object);
  const states = pods.flatMap(containerTroubles);
  const subjects = [object, ...pods].map(({ kind, metadata }) => ({ kind, name: metadata.name ?? "" }));
  return [...states, ...(await warnings(client, object.metadata.namespace, subjects))];
}

async function podsOf(client: KubernetesClient, object: KubernetesObject): Promise<KubernetesObject[]> {
  if (object.kind === "Pod") return [object];
  const spec = isObject(object["spec"]) ? object["spec"] : {};
  const selector = isObject(spec["selector"]) ? spec["selector"] : {};
  const labels = object.kind === "Service" ? selector : selector["matchLabels"];
  if (!isObject(labels) || Object.keys(labels).length === 0) return [];
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
  return await client.list({ apiVersion: "v1", kind: "Pod", namespace: object.metadata.namespace }, { labelSelector });
}

function containerTroubles(pod: KubernetesObject): string[] {
  const status = isObject(pod["status"]) ? pod["status"] : {};
  const containers = [
    ...((status["initContainerStatuses"] ?? []) as ContainerStatus[]),
    ...((status["containerStatuses"] ?? []) as ContainerStatus[]),
  ];
  return containers.flatMap(({ name, ready, state = {} }) =>
    Object.values(state).flatMap((detail) => {
      if (ready || detail?.reason === undefined || detail.reason === "Completed") return [];
      const code = detail.exitCode === undefined ? "" : ` (exit ${detail.exitCode})`;
      return [`Pod ${pod.metadata.name}: container ${name}: ${detail.reason}${code}: ${detail.message ?? ""}`.trim()];
    }),
  );
}

async function warnings(
  client: KubernetesClient,
  namespace: string | undefined,
  subjects: readonly { kind: string; name: string }[],
): Promise<string[]> {
  if (namespace === undefined) return [];
  const events = await client.list({ apiVersion: "v1", kind: "Event", namespace }, { fieldSelector: "type=Warning" });
  const lines = events.flatMap((event) => {
    const { kind, name } = event["involvedObject"] as { kind: string; name: string };
    const isAbout = subjects.some((subject) => subject.kind === kind && subject.name === name);
    return isAbout ? [`${kind} ${name}: ${String(event["reason"])}: ${String(event["message"])}`] : [];
  });
  return [...new Set(lines)].slice(-MOST_EVENTS);
}
