import type { z } from "zod";
import { parseAnswer } from "../../flink/failures";
import type { FlinkPassage } from "../../flink/connection";
import { ClusterUnreachableError, type FailedRequest } from "../../flink/errors";
import { Transport, type TransportOptions } from "../../flink/transport";
import type { KubernetesService } from "../../resources/args";
import { API_SERVER, ApiServer } from "./apiServer";
import type { Permission } from "./errors";
import { listOf } from "./objects";
import { refusalOf } from "./refusals";

/** The object is not there. Never leaves this module. */
class NotFoundError extends ClusterUnreachableError {}

/** Where the objects of a kind are. */
export type Collection = "pods" | "services" | "configmaps" | "namespaces" | "deployments";

const GROUPS: Readonly<Record<Collection, string>> = {
  pods: "/api/v1",
  services: "/api/v1",
  configmaps: "/api/v1",
  namespaces: "/api/v1",
  deployments: "/apis/apps/v1",
};

/** What of the API server is needed here: some objects of one namespace. */
export class KubernetesApi {
  private readonly transport: Transport;

  constructor(
    private readonly service: KubernetesService,
    options: TransportOptions,
    server: ApiServer = new ApiServer(service),
  ) {
    this.transport = new Transport(apiPassage(service, server), options);
  }

  /** All objects with the labels. A namespace that does not exist has none. */
  async list<T>(collection: Collection, labels: Readonly<Record<string, string>>, item: z.ZodType<T>): Promise<T[]> {
    const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const query = `?labelSelector=${encodeURIComponent(selector.join(","))}`;
    return parseAnswer(await this.transport.get(this.path(collection) + query), listOf(item)).items;
  }

  /** One object; undefined where there is none. */
  async get<T>(collection: Collection, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      return parseAnswer(await this.transport.get(this.path(collection, name)), schema);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** The end of a container's log. */
  async logTail(pod: string, container: string, previous: boolean, lines: number): Promise<string> {
    const query = `?container=${encodeURIComponent(container)}&previous=${previous}&tailLines=${lines}&limitBytes=16384`;
    return (await this.transport.get(`${this.path("pods", pod)}/log${query}`)).text;
  }

  /** Changes an object by a JSON merge patch. That it is gone is fine. */
  async patch(collection: Collection, name: string, change: object): Promise<void> {
    const body = { contentType: "application/merge-patch+json", content: JSON.stringify(change) };
    await unlessGone(this.transport.mutate("PATCH", this.path(collection, name), body));
  }

  /** Deletes an object. That it is gone is fine. */
  async delete(collection: Collection, name: string): Promise<void> {
    await unlessGone(this.transport.mutate("DELETE", this.path(collection, name)));
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private path(collection: Collection, name?: string): string {
    const { namespace } = this.service;
    const base = collection === "namespaces" ? "" : `/namespaces/${namespace}`;
    return `${GROUPS[collection]}${base}/${collection}${name === undefined ? "" : `/${name}`}`;
  }
}

async function unlessGone(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

function apiPassage(service: KubernetesService, server: ApiServer): FlinkPassage {
  return {
    host: API_SERVER.name,
    between: API_SERVER,
    renews: true,
    enter: (request, refused) => server.gate(request, refused),
    errorOf: (answer, credentialsUsed) => {
      const { request, status } = answer;
      if (status === 404) return new NotFoundError(request, "it is not there", false);
      return refusalOf(answer, permissionFor(request, service.namespace), credentialsUsed);
    },
    redact: (text) => server.redact(text),
    close: () => server.close(),
  };
}

const VERBS: Readonly<Record<string, string>> = { POST: "create", PATCH: "patch", DELETE: "delete" };

/** What a role has to allow for a request for objects. */
function permissionFor({ method, route }: FailedRequest, namespace: string): Permission {
  const [path = ""] = route.split("?");
  const [, collection = "", name, sub] =
    /\/(?:namespaces\/[^/]+\/)?([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(path) ?? [];
  const verb = VERBS[method] ?? (name === undefined ? "list" : "get");
  const resource = sub === undefined ? collection : `${collection}/${sub}`;
  return { verbs: [verb], resource, namespace, ...(name === undefined ? {} : { name }) };
}
