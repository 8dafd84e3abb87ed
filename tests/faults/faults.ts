import type { RealFlink } from "../rig/flink";
import type { Treatment } from "../rig/interceptingProxy";
import { until } from "../rig/until";
import { isRead, type Role } from "./roles";
import type { Lost } from "./storage";
import type { Transition } from "./transitions";

/** What a fault may act on. */
export interface FaultScene {
  /** Ends what the driver runs with SIGKILL; returns when requests and answers may go on. */
  readonly kill: () => Promise<void>;
  /** The cluster that is asked. */
  readonly flink: RealFlink;
  /** Of both clusters, until the transition was tried once more. */
  readonly loseStorage: (what: Lost) => Promise<void>;
  /** Path and query of the request. */
  readonly url: string;
}

/** One thing that can go wrong at one request. */
export interface Fault {
  readonly name: string;
  /** The process that Pulumi's part is played by does not survive it. */
  readonly kills?: boolean;
  /** What it does to a cluster: no other case is to be there. */
  readonly harms?: "jobs" | "jobs and what is known of them" | "storage" | "nothing else";
  /** The clusters' JobManagers get their jobs back when they are restarted. */
  readonly highAvailability?: boolean;
  /** The whole CLI runs, and is killed; default: a provider's process alone. */
  readonly cli?: CliOptions;
  /** Of the faults with the same word one is tried at each role, and the seed decides which: each try takes long. */
  readonly oneOf?: string;
  /** A sample has so many in a hundred of this kind, and at least one. */
  readonly sampled?: { readonly kind: string; readonly percent: number };
  /** How many roles of a transition it is tried at, where each try takes long; default: all. */
  readonly limit?: number;
  /** A read may go without an answer: what a cluster does not tell is a warning, and what is to be done is seen later. */
  readonly hides?: true;
  /** A try waits most of the time: others are run beside it. */
  readonly waits?: true;
  readonly appliesTo?: (role: Role, transition: Transition) => boolean;
  readonly treatment: (scene: FaultScene) => Treatment;
}

/** What a driver of the whole CLI is told. */
export interface CliOptions {
  /** The provider that the killed CLI leaves is stopped until its retry has ended, and for a minute at least. */
  readonly holdsBack: boolean;
}

const html = (text: string): string => `<html><head><title>${text}</title></head><body>${text}</body></html>`;

/** Until Flink has forgotten the result that is asked for: see the lab's `rest.async.store-duration`. */
async function forgotten({ flink, url }: FaultScene): Promise<void> {
  await until("the savepoint's result has expired", async () => (await fetch(`${flink.url}${url}`)).status === 404);
}

function asksForSavepoint({ text }: Role): boolean {
  return /\/stop(?: \(\d\))?: GET .*\/savepoints\/:trigger/.test(text);
}

/** Of one deployment: what comes to a session cluster is the registration's, and its provider is the same. */
const CLI_KILLED = {
  kills: true,
  cli: { holdsBack: false },
  oneOf: "CLI killed",
  sampled: { kind: "CLI", percent: 10 },
  appliesTo: (role: Role, { deployments = 1 }: Transition): boolean => !isRead(role) && deployments === 1,
} as const;

/** Each takes a minute. */
const HELD_BACK = {
  kills: true,
  cli: { holdsBack: true },
  limit: 1,
  waits: true,
  sampled: { kind: "held back", percent: 1 },
} as const;

const HELD_TRANSITIONS: readonly string[] = ["STATEFUL upgrade, other cluster", "rollback", "suspend"];

export const FAULTS: readonly Fault[] = [
  {
    name: "killed before the request",
    kills: true,
    treatment: ({ kill }) => ({ kind: "dropRequest", act: kill }),
  },
  {
    // After a read it would be the same as before: neither changes anything.
    name: "killed after the answer",
    kills: true,
    appliesTo: (role) => !isRead(role),
    treatment: ({ kill }) => ({ kind: "dropAnswer", act: kill }),
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
    // What one answers that has given up waiting.
    name: "HTTP 500 from a proxy",
    appliesTo: (role) => !isRead(role),
    treatment: () => ({
      kind: "replaceAnswer",
      answer: { status: 500, contentType: "text/html", body: html("500 Upstream took too long") },
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
    waits: true,
    appliesTo: (role) => !isRead(role),
    treatment: () => ({ kind: "silence" }),
  },
  {
    // About as long as a read is waited for.
    name: "answer 30 s late",
    limit: 2,
    hides: true,
    waits: true,
    treatment: () => ({
      kind: "holdAnswer",
      act: () => new Promise((resolve) => setTimeout(resolve, 30_000)),
    }),
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
        await scene.kill();
        await forgotten(scene);
      },
    }),
  },
  {
    // Not that of checkpoints while a job runs: it would restart until they are back, whatever is asked for meanwhile.
    name: "storage gone",
    harms: "storage",
    appliesTo: (role, { before }) => !isRead(role) && before.length > 0,
    treatment: ({ loseStorage, url }) => ({
      kind: "pass",
      act: () => loseStorage(/^\/jars\/[^/]+\/run/.test(url) ? "all" : "savepoints"),
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
  {
    // Jobs come back from their newest checkpoints; of those that had ended nothing is left, or not with what state.
    name: "JobManager restarted, with its jobs (high availability)",
    harms: "jobs and what is known of them",
    highAvailability: true,
    appliesTo: (role) => !isRead(role) || asksForSavepoint(role),
    treatment: ({ flink }) => ({ kind: "dropAnswer", act: () => flink.restartJobManager() }),
  },
  {
    name: "CLI killed before the request",
    ...CLI_KILLED,
    treatment: ({ kill }) => ({ kind: "dropRequest", act: kill }),
  },
  {
    // The provider that is left hears of it, and would go on.
    name: "CLI killed after the answer",
    ...CLI_KILLED,
    treatment: ({ kill }) => ({ kind: "holdAnswer", act: kill }),
  },
  {
    // It wakes up in a wait, which outlasts a cluster that does not answer.
    name: "CLI killed, its provider stopped in a wait and let go later",
    ...HELD_BACK,
    appliesTo: (role, { name }) => isRead(role) && role.text.includes(", after ") && HELD_TRANSITIONS.includes(name),
    treatment: ({ kill }) => ({ kind: "pass", act: kill }),
  },
  {
    name: "CLI killed, its provider stopped at a change and let go later",
    ...HELD_BACK,
    appliesTo: (role, { name }) => !isRead(role) && HELD_TRANSITIONS.includes(name),
    treatment: ({ kill }) => ({ kind: "pass", act: kill }),
  },
];
