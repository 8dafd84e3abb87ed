import {
  startInterceptingProxy,
  type ArrivingRequest,
  type InterceptingProxy,
  type Treatment,
} from "../rig/interceptingProxy";
import type { HookName } from "../rig/managedResource";
import { isPortOf } from "../rig/processSockets";
import { RoleTracker, type ClusterName, type Role } from "./roles";

/** What comes through when a fault happens. */
export interface Faulted {
  readonly cluster: ClusterName;
  readonly url: string;
}

/** Tells whether the request that a fault waits for has come. */
export interface Armed {
  readonly happened: boolean;
}

/** Processes that a killed CLI has left, and what they have sent since. */
export interface LeftProcesses {
  readonly pids: readonly number[];
  readonly sent: { readonly method: string; readonly url: string; readonly time: number }[];
}

/** All that one resource says to the two clusters. */
export class Wire {
  /** What was said since the last {@link listen}, in order. */
  roles: Role[] = [];
  /** The jobs that a stop with a savepoint was asked of, since the beginning. */
  readonly stopped = new Set<string>();
  private readonly byHook = new RoleTracker();
  private readonly byRun = new RoleTracker();
  private left: LeftProcesses | undefined;
  private armed: { role: Role; treatment: (request: Faulted) => Treatment; happened: boolean } | undefined;

  private constructor(
    private readonly proxies: Map<ClusterName, InterceptingProxy>,
    private readonly knowsHooks: boolean,
  ) {}

  /** @param knowsHooks - each hook {@link enter}s; else each run of Pulumi {@link begin}s. */
  static async open(flinks: Readonly<Record<ClusterName, { readonly url: string }>>, knowsHooks = true): Promise<Wire> {
    const wire = new Wire(new Map(), knowsHooks);
    for (const cluster of ["A", "B"] as const) {
      const proxy = await startInterceptingProxy(flinks[cluster].url, (request) => wire.treat(cluster, request));
      wire.proxies.set(cluster, proxy);
    }
    return wire;
  }

  url(cluster: ClusterName): string {
    const proxy = this.proxies.get(cluster);
    if (proxy === undefined) throw new Error(`no proxy before ${cluster}`);
    return proxy.url;
  }

  enter(hook: HookName): void {
    // With these a run begins for a resource.
    if (hook === "check" || hook === "read" || hook === "delete") this.begin();
    this.byHook.enter(hook);
  }

  begin(): void {
    this.byRun.enter("");
  }

  /** From now on these processes are no part of what is asked for. */
  watch(left: LeftProcesses): void {
    this.left = left;
  }

  listen(): void {
    this.roles = [];
  }

  /** What changed something since the last {@link listen}. */
  get mutations(): string[] {
    return this.roles.filter(({ method }) => method !== "GET").map(({ text }) => text);
  }

  /** Treats the next request of this role so, once. */
  arm(role: Role, treatment: (request: Faulted) => Treatment): Armed {
    const armed = { role, treatment, happened: false };
    this.armed = armed;
    return armed;
  }

  disarm(): void {
    this.armed = undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.stop()));
  }

  private treat(cluster: ClusterName, { method, url, fromPort }: ArrivingRequest): Treatment {
    const { left, armed } = this;
    const stopped = /^POST \/jobs\/([0-9a-f]{32})\/stop$/.exec(`${method} ${url}`)?.[1];
    if (stopped !== undefined) this.stopped.add(stopped);
    if (left?.pids.some((pid) => isPortOf(pid, fromPort)) === true) {
      left.sent.push({ method, url: `${cluster}${url}`, time: Date.now() });
      return { kind: "pass" };
    }
    const text = this.byHook.next(cluster, method, url);
    const inRun = this.byRun.next(cluster, method, url);
    this.roles.push({ method, text, inRun });
    const isArmed = this.knowsHooks ? armed?.role.text === text : armed?.role.inRun === inRun;
    if (armed === undefined || armed.happened || !isArmed) return { kind: "pass" };
    armed.happened = true;
    return armed.treatment({ cluster, url });
  }
}
