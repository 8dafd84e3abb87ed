import { ApiError, referenceOf, type KubernetesClient, type KubernetesObject } from "../kubernetes/client";
import { changedPaths, isObject, projected } from "./changes";
import {
  annotation,
  annotations,
  asObject,
  fieldManagerOf,
  hasUnknowns,
  idOf,
  isAutonamed,
  kindOf,
  referenceOfId,
  withName,
} from "./inputs";
import { refusedPaths, replacingPaths, type Mutability } from "./replacement";
import { unreadiness, untilGone, untilReady } from "./waiting";

export type Properties = Record<string, unknown>;

/** What a provider was configured with, and what it reaches by it. */
export interface Provider {
  readonly client: KubernetesClient;
  /** Where namespaced objects without a namespace go. */
  readonly namespace: string;
  readonly mutability: Mutability;
  /** Conflicts with other owners of a field are won. */
  readonly patchForce: boolean;
  /** Aborted when the engine cancels. */
  readonly signal: AbortSignal;
}

export interface DiffResult {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

const DEFAULT_TIMEOUT_S = 600;
const TAKE_OVER_ATTEMPTS = 5;

/** Gives an object what it is found by: name and namespace. */
export async function check(
  provider: Provider,
  urn: string,
  olds: Properties,
  news: Properties,
  randomSeed: Uint8Array,
): Promise<Properties> {
  const inputs: Properties = { ...withName(news, olds, urn, randomSeed), ...kindOf(urn) };
  const { metadata } = inputs;
  if (!isObject(metadata) || metadata["namespace"] !== undefined) return inputs;
  const { apiVersion, kind } = kindOf(urn);
  if (!(await provider.client.isNamespaced(apiVersion, kind))) return inputs;
  return { ...inputs, metadata: { ...metadata, namespace: provider.namespace } };
}

/** What an update would change, and whether it takes a new object: Kubernetes is asked. */
export async function diff(provider: Provider, urn: string, olds: Properties, news: Properties): Promise<DiffResult> {
  const changed = changedPaths(asObject(olds), asObject(news));
  if (changed.length === 0) return { changed, replaces: [], deleteBeforeReplace: false };
  const replaces = replacingPaths(kindOf(urn), changed, provider.mutability);
  if (replaces.length === 0 && !hasUnknowns(news)) replaces.push(...(await tryOut(provider, urn, news, changed)));
  const isMoved = replaces.some((path) => path === "metadata.name" || path === "metadata.namespace");
  return { changed, replaces, deleteBeforeReplace: replaces.length > 0 && !isMoved && !isAutonamed(news) };
}

/** The paths that the API server refuses to change. */
async function tryOut(
  provider: Provider,
  urn: string,
  news: Properties,
  changed: readonly string[],
): Promise<string[]> {
  const object = asObject(news);
  if ((await provider.client.get(referenceOf(object))) === undefined) return [];
  try {
    await apply(provider, urn, object, true);
    return [];
  } catch (error) {
    const refused = error instanceof ApiError ? refusedPaths(error, changed) : [];
    if (refused.length === 0) throw error;
    return refused;
  }
}

/** Creates an object that does not exist yet, and waits for it. */
export async function create(
  provider: Provider,
  urn: string,
  inputs: Properties,
  timeoutS: number,
): Promise<Properties> {
  const created = await provider.client.create(asObject(inputs), fieldManagerOf(urn));
  await takeOver(provider, urn, created);
  return await awaited(provider, created, timeoutS);
}

export async function update(
  provider: Provider,
  urn: string,
  inputs: Properties,
  timeoutS: number,
): Promise<Properties> {
  return await awaited(provider, await apply(provider, urn, asObject(inputs), false), timeoutS);
}

/**
 * What was written by a create has another owner than what is written by a server-side apply of the same manager: a
 * change would be a conflict. So its ownership becomes that of an apply.
 */
async function takeOver({ client }: Provider, urn: string, created: KubernetesObject): Promise<void> {
  const manager = fieldManagerOf(urn);
  let object: KubernetesObject | undefined = created;
  for (let attempt = 1; object !== undefined; attempt++) {
    const entry = (object.metadata.managedFields ?? []).findIndex((owned) => owned.manager === manager);
    const at = `/metadata/managedFields/${entry}`;
    try {
      await client.patchJson(referenceOf(object), [
        { op: "test", path: `${at}/manager`, value: manager },
        { op: "replace", path: `${at}/operation`, value: "Apply" },
      ]);
      return;
    } catch (error) {
      // A controller was quicker, and the list is another one.
      if (!(error instanceof ApiError) || attempt === TAKE_OVER_ATTEMPTS) throw error;
    }
    object = await client.get(referenceOf(object));
  }
}

function apply(provider: Provider, urn: string, object: KubernetesObject, dryRun: boolean): Promise<KubernetesObject> {
  const force = provider.patchForce || annotation(object, annotations.patchForce) === "true";
  return provider.client.apply(object, { fieldManager: fieldManagerOf(urn), force, dryRun });
}

async function awaited(provider: Provider, object: KubernetesObject, timeoutS: number): Promise<Properties> {
  const { client, signal } = provider;
  return await untilReady(client, referenceOf(object), { timeoutMs: patience(object, timeoutS), signal });
}

/** What is there now; undefined: nothing. */
export interface ReadResult {
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties;
  /** Why it is not ready; undefined: it is. */
  readonly reasons: readonly string[] | undefined;
}

export async function read(
  { client }: Provider,
  urn: string,
  id: string,
  inputs: Properties,
): Promise<ReadResult | undefined> {
  const live = await client.get(referenceOfId(id, urn));
  if (live === undefined) return undefined;
  const written = Object.keys(inputs).length > 0 ? projected(asObject(inputs), live) : withoutOthers(live);
  return { id: idOf(live), outputs: live, inputs: written as Properties, reasons: await unreadiness(client, live) };
}

/** For an import: what a user would have written. */
function withoutOthers({ metadata, ...rest }: KubernetesObject): Properties {
  const { name, namespace, labels, annotations } = metadata;
  const { status: _, ...written } = rest;
  return { ...written, metadata: { name, namespace, labels, annotations } };
}

/** Deletes an object and waits until it, and what it owns, is gone. */
export async function remove(
  { client, signal }: Provider,
  urn: string,
  id: string,
  outputs: Properties,
  timeoutS: number,
): Promise<void> {
  const reference = referenceOfId(id, urn);
  const wanted = annotation(outputs, annotations.deletionPropagation)?.toLowerCase();
  const propagation = wanted === "background" ? "Background" : wanted === "orphan" ? "Orphan" : "Foreground";
  await client.delete(reference, propagation);
  await untilGone(client, reference, { timeoutMs: patience(asObject(outputs), timeoutS), signal });
}

function patience(object: KubernetesObject, timeoutS: number): number {
  const annotated = Number(annotation(object, annotations.timeoutSeconds) ?? 0);
  return (timeoutS || annotated || DEFAULT_TIMEOUT_S) * 1000;
}
