import type { RequestOptions } from "node:https";
import { Agent, request, type Dispatcher, type FormData } from "undici";

/** An object as the API server gives it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    managedFields?: { manager?: string; operation?: string; subresource?: string }[];
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** What an object is found by. */
export interface Reference {
  apiVersion: string;
  kind: string;
  name: string;
  /** Undefined: its kind has none. */
  namespace: string | undefined;
}

/** The API server's refusal. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Such as `AlreadyExists`, `Invalid`, `Conflict`. */
    readonly reason: string,
    message: string,
    /** The fields that it names. */
    readonly causes: readonly { field?: string; message?: string }[],
  ) {
    super(message);
  }
}

export interface Call {
  query?: Record<string, string>;
  contentType?: string;
  body?: string | FormData;
}

interface KindDescription {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** Talks to an API server in plain JSON: nothing that it says is lost on the way. */
export class KubernetesClient {
  private readonly kinds = new Map<string, Promise<KindDescription[]>>();

  private constructor(
    readonly server: string,
    /** The namespace that the kubeconfig's context names. */
    readonly namespace: string | undefined,
    private readonly dispatcher: Dispatcher,
    private readonly headers: Record<string, string>,
  ) {}

  /** @param kubeconfig its text, a file's path, or undefined: what `kubectl` would take. */
  static async connect(kubeconfig: string | undefined, context?: string): Promise<KubernetesClient> {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (kubeconfig === undefined) config.loadFromDefault();
    else if (/[\n{]/.test(kubeconfig)) config.loadFromString(kubeconfig);
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error("the kubeconfig names no cluster");
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized } = options;
    const tls = Object.entries({ ca, cert, key, rejectUnauthorized }).filter(([, value]) => value !== undefined);
    const dispatcher = new Agent({ connect: Object.fromEntries(tls) });
    const headers = (options.headers ?? {}) as Record<string, string>;
    return new KubernetesClient(server, config.getContextObject(config.currentContext)?.namespace, dispatcher, headers);
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  /** Any request; throws {@link ApiError} for an answer that is no success. */
  async text(method: Dispatcher.HttpMethod, path: string, { query, contentType, body }: Call = {}): Promise<string> {
    const { statusCode, body: answer } = await request(new URL(path, this.server), {
      method,
      dispatcher: this.dispatcher,
      // A path that has a query of its own takes none, not even an empty one.
      ...(query === undefined ? {} : { query }),
      headers: { ...this.headers, ...(contentType === undefined ? {} : { "content-type": contentType }) },
      body: body ?? null,
    });
    const text = await answer.text();
    if (statusCode < 300) return text;
    throw asApiError(statusCode, text);
  }

  /** Undefined: it does not exist. */
  async get(reference: Reference): Promise<KubernetesObject | undefined> {
    try {
      return await this.json("GET", await this.pathOf(reference));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(reference: Omit<Reference, "name">, query: Record<string, string> = {}): Promise<KubernetesObject[]> {
    const text = await this.text("GET", await this.pathOf(reference), { query });
    const { items } = JSON.parse(text) as { items: KubernetesObject[] };
    return items.map((item) => ({ ...item, apiVersion: reference.apiVersion, kind: reference.kind }));
  }

  /** Creates what does not exist yet. Unknown fields are refused, here and in {@link apply}. */
  async create(object: KubernetesObject, fieldManager: string): Promise<KubernetesObject> {
    const { name: _, ...collection } = referenceOf(object);
    const query = { fieldManager, fieldValidation: "Strict" };
    const call = { query, contentType: "application/json", body: JSON.stringify(object) };
    return await this.json("POST", await this.pathOf(collection), call);
  }

  /** Server-side apply. */
  async apply(
    object: KubernetesObject,
    options: { fieldManager: string; force?: boolean; dryRun?: boolean },
  ): Promise<KubernetesObject> {
    const query = {
      fieldManager: options.fieldManager,
      fieldValidation: "Strict",
      ...(options.force === true ? { force: "true" } : {}),
      ...(options.dryRun === true ? { dryRun: "All" } : {}),
    };
    const call = { query, contentType: "application/apply-patch+yaml", body: JSON.stringify(object) };
    return await this.json("PATCH", await this.pathOf(referenceOf(object)), call);
  }

  async patchJson(reference: Reference, operations: readonly object[]): Promise<KubernetesObject> {
    const call = { contentType: "application/json-patch+json", body: JSON.stringify(operations) };
    return await this.json("PATCH", await this.pathOf(reference), call);
  }

  async delete(reference: Reference, propagation: "Foreground" | "Background" | "Orphan"): Promise<void> {
    const body = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: propagation });
    try {
      await this.text("DELETE", await this.pathOf(reference), { contentType: "application/json", body });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** @throws Error when the API server knows no such kind. */
  async isNamespaced(apiVersion: string, kind: string): Promise<boolean> {
    return (await this.describe(apiVersion, kind)).namespaced;
  }

  private async json(method: Dispatcher.HttpMethod, path: string, call?: Call): Promise<KubernetesObject> {
    return JSON.parse(await this.text(method, path, call)) as KubernetesObject;
  }

  private async pathOf({
    apiVersion,
    kind,
    name,
    namespace,
  }: Omit<Reference, "name"> & { name?: string }): Promise<string> {
    const description = await this.describe(apiVersion, kind);
    const within = description.namespaced && namespace !== undefined ? ["namespaces", namespace] : [];
    return [groupPath(apiVersion), ...within, description.name, ...(name === undefined ? [] : [name])].join("/");
  }

  private async describe(apiVersion: string, kind: string): Promise<KindDescription> {
    const known = await this.kindsOf(apiVersion, false);
    // A definition may have come since.
    const found = known.find(isKind(kind)) ?? (await this.kindsOf(apiVersion, true)).find(isKind(kind));
    if (found === undefined) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
    return found;
  }

  private kindsOf(apiVersion: string, again: boolean): Promise<KindDescription[]> {
    const cached = again ? undefined : this.kinds.get(apiVersion);
    const kinds = cached ?? this.discover(apiVersion);
    this.kinds.set(apiVersion, kinds);
    kinds.catch(() => this.kinds.delete(apiVersion));
    return kinds;
  }

  private async discover(apiVersion: string): Promise<KindDescription[]> {
    try {
      const { resources } = JSON.parse(await this.text("GET", groupPath(apiVersion))) as {
        resources: KindDescription[];
      };
      return resources;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return [];
      throw error;
    }
  }
}

/** @throws Error for an object without a name. */
export function referenceOf({ apiVersion, kind, metadata }: KubernetesObject): Reference {
  if (metadata.name === undefined) throw new Error(`${kind} has no name`);
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}

/** Not a sub-resource, such as `pods/status`, whose kind may be the same. */
function isKind(kind: string): (description: KindDescription) => boolean {
  return (description) => description.kind === kind && !description.name.includes("/");
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function asApiError(statusCode: number, text: string): ApiError {
  try {
    const status = JSON.parse(text) as {
      reason?: string;
      message?: string;
      details?: { causes?: { field?: string; message?: string }[] };
    };
    return new ApiError(statusCode, status.reason ?? "", status.message ?? text, status.details?.causes ?? []);
  } catch {
    return new ApiError(statusCode, "", `HTTP ${statusCode}: ${text.slice(0, 500)}`, []);
  }
}
