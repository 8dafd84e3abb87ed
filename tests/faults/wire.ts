import { startInterceptingProxy, type InterceptingProxy, type Treatment } from "../rig/interceptingProxy";
import type { HookName } from "../rig/managedResource";
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

/** All that one resource says to the two clusters. */
export class Wire {
  /** What was said since the last {@link listen}, in order. */
  roles: Role[] = [];
  private readonly tracker = new RoleTracker();
  private armed: { role: string; treatment: (request: Faulted) => Treatment; happened: boolean } | undefined;

  private constructor(private readonly proxies: Map<ClusterName, InterceptingProxy>) {}

  static async open(flinks: Readonly<Record<ClusterName, { readonly url: string }>>): Promise<Wire> {
    const wire = new Wire(new Map());
    for (const cluster of ["A", "B"] as const) {
      const proxy = await startInterceptingProxy(flinks[cluster].url, ({ method, url }) =>
        wire.treat(cluster, method, url),
      );
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
    this.tracker.enter(hook);
  }

  listen(): void {
    this.roles = [];
  }

  /** What changed something since the last {@link listen}. */
  get mutations(): string[] {
    return this.roles.filter(({ method }) => method !== "GET").map(({ text }) => text);
  }

  /** Treats the next request of this role so, once. */
  arm(role: string, treatment: (request: Faulted) => Treatment): Armed {
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

  private treat(cluster: ClusterName, method: string, url: string): Treatment {
    const role = this.tracker.next(cluster, method, url);
    this.roles.push(role);
    const { armed } = this;
    if (armed === undefined || armed.happened || armed.role !== role.text) return { kind: "pass" };
    armed.happened = true;
    return armed.treatment({ cluster, url });
  }
}
