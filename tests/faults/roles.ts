import type { HookName } from "../rig/managedResource";

/** The two clusters of a case; B is what replaces A. */
export type ClusterName = "A" | "B";

/** One request of a transition, by what it is there for: the same in every run of that transition. */
export interface Role {
  readonly method: string;
  /** Such as `update, after POST A/jobs/:job1/stop: GET A/jobs/:job1/savepoints/:id`. */
  readonly text: string;
  /** The same where it is not known which hook asks: a run of Pulumi is one piece. */
  readonly inRun: string;
}

export function isRead({ method }: Role): boolean {
  return method === "GET";
}

/** The path with the ids replaced that differ from run to run; of a job's id its generation is left. */
function routeOf(url: string): string {
  return url
    .replace(/^\/jars\/[^/]+\.jar/, "/jars/:jar")
    .replace(/^(\/jobs\/.*\/savepoints\/)[0-9a-f]{32}/, "$1:trigger")
    .replace(/^(\/savepoint-disposal\/)[0-9a-f]{32}/, "$1:disposal")
    .replace(/[0-9a-f]{32}/g, (id) => `:job${parseInt(id.slice(16, 20), 16)}.${parseInt(id.slice(20, 22), 16)}`);
}

/** So many times in a row are told apart. */
const TIMES = 3;

/**
 * Tells the requests of one resource apart by their roles.
 *
 * A role is the hook, the last request before it that changes something, the route, and which time in a row that route
 * is asked there: requests of one route without another between them are one wait, or one question in several parts. A
 * wait that asks several routes in turn has no more than three times: the third stands for all that follow.
 */
export class RoleTracker {
  private hook = "";
  private after = "";
  private last = "";
  private rows = new Map<string, number>();

  enter(hook: HookName | ""): void {
    this.hook = hook;
    this.after = "";
    this.begin();
  }

  next(cluster: ClusterName, method: string, url: string): string {
    const request = `${method} ${cluster}${routeOf(url)}`;
    if (request !== this.last || method !== "GET") this.rows.set(request, (this.rows.get(request) ?? 0) + 1);
    this.last = request;
    const row = Math.min(this.rows.get(request) ?? 1, TIMES);
    const text = `${this.hook}${this.after === "" ? "" : `, after ${this.after}`}: ${request}${row === 1 ? "" : ` (${row})`}`;
    if (method !== "GET") {
      this.after = `${request}${row === 1 ? "" : ` (${row})`}`;
      const mutations = [...this.rows].filter(([name]) => !name.startsWith("GET "));
      this.begin();
      for (const [name, times] of mutations) this.rows.set(name, times);
    }
    return text;
  }

  private begin(): void {
    this.last = "";
    this.rows = new Map();
  }
}
