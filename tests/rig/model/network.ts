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

/** The network between one provider process and all clusters. */
export class FaultyNetwork {
  #mishap: Mishap | undefined;
  #requests = { mutations: 0, all: 0 };
  #down = false;
  killed = false;

  /** @param carriedOut - told of every request that a cluster has carried out. */
  constructor(private readonly carriedOut: (method: string) => void) {}

  /** Another operation begins, by a process of its own. */
  begin(mishap: Mishap | undefined): void {
    this.#mishap = mishap;
    this.#requests = { mutations: 0, all: 0 };
    this.#down = this.killed = false;
  }

  readonly carry: Network = async (method, _path, carryOut) => {
    const fails = method === "GET" ? refused : cut;
    if (this.#down) throw refused();
    this.#requests.all += 1;
    if (method !== "GET") this.#requests.mutations += 1;
    const mishap = this.#mishap;
    const hit =
      mishap !== undefined && (mishap.of === "all" || method !== "GET") && this.#requests[mishap.of] === mishap.request;
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
