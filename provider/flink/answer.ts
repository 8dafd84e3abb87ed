import type { FailedRequest } from "./errors";

/** What came back with a status that the caller is to judge: 2xx, or a 4xx or 5xx of Flink itself. */
export interface Answer {
  request: FailedRequest;
  status: number;
  ok: boolean;
  /** The body; without the connection's secrets unless `ok`. */
  text: string;
  /** Takes the connection's secrets out of what is read from the text. */
  redact: (text: string) => string;
}
