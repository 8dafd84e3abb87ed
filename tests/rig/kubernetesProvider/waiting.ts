import { setTimeout as delay } from "node:timers/promises";
import { referenceOf, type KubernetesClient, type KubernetesObject, type Reference } from "../kubernetes/client";
import { explain } from "./explanation";
import { readinessOf, type Readiness, type Surroundings } from "./readiness";

const POLL_MS = 200;

/** An object that exists and did not become ready. */
export class NotReadyError extends Error {
  constructor(
    readonly object: KubernetesObject,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("\n"));
  }
}

/** How long something may take. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until an object is ready.
 *
 * @throws NotReadyError with the reasons that its pods and events show.
 */
export async function untilReady(
  client: KubernetesClient,
  reference: Reference,
  { timeoutMs, signal }: Patience,
): Promise<KubernetesObject> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const object = await client.get(reference);
    if (object === undefined) throw new Error(`${describe(reference)} was deleted while it was waited for`);
    const readiness = await lookAt(client, object);
    if (readiness.kind === "ready") return object;
    if (readiness.kind === "failed" || Date.now() > deadline || signal.aborted) {
      throw new NotReadyError(object, await reasonsOf(client, object, readiness, timeoutMs));
    }
    await delay(POLL_MS);
  }
}

/** Why an object is not ready at this moment; undefined when it is. */
export async function unreadiness(client: KubernetesClient, object: KubernetesObject): Promise<string[] | undefined> {
  const readiness = await lookAt(client, object);
  return readiness.kind === "ready" ? undefined : await reasonsOf(client, object, readiness, 0);
}

/** Waits until an object is gone; another one of the same name is another one. */
export async function untilGone(
  client: KubernetesClient,
  reference: Reference,
  { timeoutMs, signal }: Patience,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const first = await client.get(reference);
  for (let object = first; object?.metadata.uid === first?.metadata.uid; object = await client.get(reference)) {
    if (object === undefined) return;
    if (Date.now() > deadline || signal.aborted) {
      const { finalizers = [] } = object.metadata;
      const why = finalizers.length === 0 ? "" : `; it has finalizers: ${finalizers.join(", ")}`;
      throw new Error(`timed out after ${timeoutMs / 1000} s waiting until ${describe(reference)} is deleted${why}`);
    }
    await delay(POLL_MS);
  }
}

async function lookAt(client: KubernetesClient, object: KubernetesObject): Promise<Readiness> {
  if (object.metadata.deletionTimestamp !== undefined) return { kind: "waiting", for: "it is being deleted" };
  return await readinessOf(object, surroundingsOf(client, object));
}

function surroundingsOf(client: KubernetesClient, object: KubernetesObject): Surroundings {
  const { name = "", namespace } = object.metadata;
  return {
    endpoints: async () => {
      const slices = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace };
      const found = await client.list(slices, { labelSelector: `kubernetes.io/service-name=${name}` });
      const endpoints = found.flatMap((slice) => (slice["endpoints"] ?? []) as { conditions?: { ready?: boolean } }[]);
      return endpoints.filter(({ conditions }) => conditions?.ready === true).length;
    },
    bindsLate: async (storageClass) => {
      if (storageClass === undefined || storageClass === "") return false;
      const reference = {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        name: storageClass,
        namespace: undefined,
      };
      return (await client.get(reference))?.["volumeBindingMode"] === "WaitForFirstConsumer";
    },
  };
}

async function reasonsOf(
  client: KubernetesClient,
  object: KubernetesObject,
  readiness: Exclude<Readiness, { kind: "ready" }>,
  timeoutMs: number,
): Promise<string[]> {
  const subject = describe(referenceOf(object));
  const first =
    readiness.kind === "failed"
      ? `${subject}: ${readiness.why}`
      : `${subject} ${timeoutMs > 0 ? `timed out after ${timeoutMs / 1000} s` : "is not ready"}: waiting: ${readiness.for}`;
  return [first, ...(await explain(client, object))];
}

function describe({ kind, name, namespace }: Reference): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
