import type { Treatment } from "../rig/interceptingProxy";
import { isRead, type Role } from "./roles";

/** What a fault may act on. */
export interface FaultScene {
  /** Ends the provider's process with SIGKILL. */
  readonly killProvider: () => Promise<void>;
}

/** One thing that can go wrong at one request. */
export interface Fault {
  readonly name: string;
  /** The provider's process does not survive it. */
  readonly kills?: boolean;
  /** How many roles of a transition it is tried at, where each try takes long; default: all. */
  readonly limit?: number;
  readonly appliesTo?: (role: Role) => boolean;
  readonly treatment: (scene: FaultScene) => Treatment;
}

const html = (text: string): string => `<html><head><title>${text}</title></head><body>${text}</body></html>`;

export const FAULTS: readonly Fault[] = [
  {
    name: "killed before the request",
    kills: true,
    treatment: ({ killProvider }) => ({ kind: "dropRequest", act: killProvider }),
  },
  {
    // After a read it would be the same as before: neither changes anything.
    name: "killed after the answer",
    kills: true,
    appliesTo: (role) => !isRead(role),
    treatment: ({ killProvider }) => ({ kind: "dropAnswer", act: killProvider }),
  },
  {
    name: "HTTP 500",
    treatment: () => ({
      kind: "answerInstead",
      answer: { status: 500, contentType: "application/json", body: '{"errors":["Internal server error."]}' },
    }),
  },
  {
    // What a proxy answers that lost its connection to Flink after it had passed the request on.
    name: "HTTP 503",
    treatment: () => ({
      kind: "replaceAnswer",
      answer: { status: 503, contentType: "text/html", body: html("503 Service Temporarily Unavailable") },
    }),
  },
  {
    name: "HTTP 404",
    treatment: () => ({
      kind: "answerInstead",
      answer: { status: 404, contentType: "text/html", body: html("404 Not Found") },
    }),
  },
  { name: "connection reset", treatment: () => ({ kind: "dropRequest" }) },
  { name: "answer cut", treatment: () => ({ kind: "cutAnswer" }) },
  {
    name: "no JSON",
    treatment: () => ({
      kind: "replaceAnswer",
      answer: { status: 200, contentType: "application/json", body: '{"jobs":[{"id":"' },
    }),
  },
  {
    name: "silence",
    limit: 1,
    appliesTo: (role) => !isRead(role),
    treatment: () => ({ kind: "silence" }),
  },
];
