import type { Network } from "../fakeFlink";
import type { Mishap } from "./moves";

/** No answer, and nobody knows whether the request was carried out. */
function cut(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}

/** No answer to a read: at once, and not to be tried again within milliseconds. */
function refused(): Error {
  return Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
}

function kindsOf(method: string, path: string): Mishap["of"][] {
  if (method === "GET") return ["all"];
  const submits = /^\/jars\/[^/]+\/run/.test(path);
  return [
    "all",
    "mutations",
    ...(submits ? ["submissions" as const] : path.endsWith("/stop") ? ["stops" as const] : []),
  ];
}

/** The network between one provider process and all clusters. */
export class FaultyNetwork {
  #mishap: Mishap | undefined;
  #requests = { all: 0, mutations: 0, stops: 0, submissions: 0 };
  #down = false;
  killed = false;

  /** @param carriedOut - told of every request that a cluster has carried out. */
  constructor(private readonly carriedOut: (method: string) => void) {}

  /** Another operation begins, by a process of its own. */
  begin(mishap: Mishap | undefined): void {
    this.#mishap = mishap;
    this.#requests = { all: 0, mutations: 0, stops: 0, submissions: 0 };
    this.#down = this.killed = false;
  }

  readonly carry: Network = async (method, path, carryOut) => {
    const fails = method === "GET" ? refused : cut;
    if (this.#down) throw refused();
    const kinds = kindsOf(method, path);
    for (const kind of kinds) this.#requests[kind] += 1;
    const mishap = this.#mishap;
    const hit = mishap !== undefined && kinds.includes(mishap.of) && this.#requests[mishap.of] === mishap.request;
    if (!hit) return this.#answered(method, await carryOut());
    this.#mishap = undefined;
    this.#down = mishap.kind !== "lost";
    this.killed = mishap.kind === "killed";
    if (mishap.when === "after") this.#answered(method, await carryOut());
    throw fails();
  };

  #answered<T>(method: string, answer: T): T {
    this.carriedOut(method);
    return answer;
  }
}
