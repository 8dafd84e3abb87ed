/** What a handler of a route gets and gives. */
import type { Cluster } from "./cluster";

export interface Answer {
  status: number;
  body: unknown;
}

export interface RouteRequest {
  cluster: Cluster;
  /** The server's own address, as clients see it. */
  address: string;
  /** The variable parts of the path, in order. */
  ids: readonly string[];
  query: URLSearchParams;
  contentType: string;
  raw: Buffer;
}
