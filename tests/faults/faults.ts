import type { RealFlink } from "../rig/flink";
import type { Treatment } from "../rig/interceptingProxy";
import { until } from "../rig/until";
import { isRead, type Role } from "./roles";

/** What a fault may act on. */
export interface FaultScene {
  /** Ends the provider's process with SIGKILL. */
  readonly killProvider: () => Promise<void>;
  /** The cluster that is asked. */
  readonly flink: RealFlink;
  /** Path and query of the request. */
  readonly url: string;
}

/** One thing that can go wrong at one request. */
export interface Fault {
  readonly name: string;
  /** The provider's process does not survive it. */
  readonly kills?: boolean;
  /** What it does to a cluster: no other case is to be there. */
  readonly harms?: "jobs" | "jobs and what is known of them" | "nothing else";
  /** How many roles of a transition it is tried at, where each try takes long; default: all. */
  readonly limit?: number;
  readonly appliesTo?: (role: Role) => boolean;
  readonly treatment: (scene: FaultScene) => Treatment;
}

const html = (text: string): string => `<html><head><title>${text}</title></head><body>${text}</body></html>`;

/** Until Flink has forgotten the result that is asked for: see the lab's `rest.async.store-duration`. */
async function forgotten({ flink, url }: FaultScene): Promise<void> {
  await until("the savepoint's result has expired", async () => (await fetch(`${flink.url}${url}`)).status === 404);
}

function asksForSavepoint({ text }: Role): boolean {
  return /\/stop(?: \(\d\))?: GET .*\/savepoints\/:trigger/.test(text);
}

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
  {
    name: "savepoint result expired",
    harms: "nothing else",
    appliesTo: asksForSavepoint,
    treatment: (scene) => ({ kind: "pass", act: () => forgotten(scene) }),
  },
  {
    name: "killed, and savepoint result expired",
    kills: true,
    harms: "nothing else",
    appliesTo: asksForSavepoint,
    treatment: (scene) => ({
      kind: "dropRequest",
      act: async () => {
        await scene.killProvider();
        await forgotten(scene);
      },
    }),
  },
  {
    name: "TaskManager restarted",
    harms: "jobs",
    limit: 2,
    treatment: ({ flink }) => ({
      kind: "pass",
      act: async () => {
        await flink.killTaskManager(1);
        await flink.restore();
      },
    }),
  },
  {
    // Carried out, and then nobody knows of it: without high availability nothing is left of what the JobManager knew.
    name: "JobManager restarted, without its archive",
    harms: "jobs and what is known of them",
    limit: 2,
    treatment: ({ flink }) => ({ kind: "dropAnswer", act: () => flink.restartJobManager() }),
  },
];
