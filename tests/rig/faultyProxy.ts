import { startInterceptingProxy } from "./interceptingProxy";

/** What happens to a request that comes through. */
export interface Interception {
  readonly method: string;
  /** Tested against the path without its query. */
  readonly path: RegExp;
  /** `dropRequest`: the cluster never sees it. `dropAnswer`: the cluster carries it out, and nobody hears of it. */
  readonly effect: "dropRequest" | "dropAnswer";
  /** How many matching requests it happens to. Default: 1. */
  readonly times?: number;
  /** Called before the connection is cut. */
  readonly act?: () => void | Promise<void>;
}

/** A loopback proxy before a cluster's REST API that loses what it is told to lose. */
export interface FaultyProxy {
  readonly url: string;
  /** Every request with a JSON body that came through, oldest first. */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly body: unknown }[];
  /** Lasts until its times are over or it is removed. */
  intercept(interception: Interception): {
    /** How many requests it has happened to so far. */
    readonly happened: number;
    remove(): void;
  };
  stop(): Promise<void>;
}

/** Starts a proxy before this address. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const entries: { interception: Interception; happened: number }[] = [];
  const requests: { method: string; path: string; body: unknown }[] = [];
  const take = (method: string, url: string): Interception | undefined => {
    const path = url.replace(/\?.*$/, "");
    const entry = entries.find(
      ({ interception, happened }) =>
        interception.method === method && interception.path.test(path) && happened < (interception.times ?? 1),
    );
    if (entry === undefined) return undefined;
    entry.happened += 1;
    return entry.interception;
  };
  const proxy = await startInterceptingProxy(target, ({ method, url: path, body }) => {
    const interception = take(method, path);
    void body()?.then((text) => requests.push({ method, path, body: JSON.parse(text) }));
    if (interception === undefined) return { kind: "pass" };
    const { effect: kind, act } = interception;
    return { kind, ...(act === undefined ? {} : { act: async () => act() }) };
  });
  return {
    url: proxy.url,
    requests,
    intercept: (interception) => {
      const entry = { interception, happened: 0, remove: () => void entries.splice(entries.indexOf(entry), 1) };
      entries.push(entry);
      return entry;
    },
    stop: () => proxy.stop(),
  };
}
