import type { MainArguments, OtherArguments } from "../rig/deploymentScene";
import type { ClusterName } from "./roles";

/** What the user's program says. */
export interface Program {
  readonly on: ClusterName;
  readonly main: MainArguments & { readonly tag: string };
  /** By deployment: the snapshot that it is told to start from, after a refusal. */
  readonly startFrom?: ReadonlyMap<string, string | undefined>;
  readonly others?: OtherArguments & { readonly state?: "RUNNING" | "SUSPENDED" | "CANCELLED" };
}

/** A transition as the program before it and the one that asks for it. */
export interface Transition {
  readonly name: string;
  /** Of one program; more than one share a session cluster with its registration. Default: 1. */
  readonly deployments?: number;
  /** Applied one after the other before the transition. */
  readonly before: readonly Program[];
  /** The job has FAILED by itself before the transition. */
  readonly jobFails?: boolean;
  readonly change: Program | "destroy";
  /** The change can only fail: the old job runs again, and this mended program is what its user asks for next. */
  readonly mended?: Program;
  /** Completed savepoints of stops that the transition leaves, for each deployment; undefined: as many as it takes. */
  readonly savepoints?: number;
  /** What has written lines in the end. */
  readonly tags: readonly string[];
}

const STATELESS = { kind: "STATELESS" };

/** A job that comes up and then fails again and again, before it has completed a checkpoint. */
const UNHEALTHY = {
  maxJobCreationAttempts: 1,
  healthCheck: { maxRestarts: 0, timeout: "10 s" },
  flinkConfiguration: {
    "execution.checkpointing.interval": undefined,
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1000",
    "restart-strategy.fixed-delay.delay": "100 ms",
  },
};

const v1: Program = { on: "A", main: { tag: "v1" } };
const v2: Program = { on: "A", main: { tag: "v2" } };
const v3: Program = { on: "A", main: { tag: "v3" } };

function moved(program: Program): Program {
  return { ...program, on: "B" };
}

function stateless(program: Program): Program {
  return { ...program, others: { ...program.others, upgradeStrategy: STATELESS } };
}

function inState(state: "SUSPENDED" | "CANCELLED", program: Program): Program {
  return { ...program, others: { ...program.others, state } };
}

export const TRANSITIONS: readonly Transition[] = [
  { name: "create", before: [], change: v1, savepoints: 0, tags: ["v1"] },
  { name: "STATEFUL upgrade, same cluster", before: [v1], change: v2, savepoints: 1, tags: ["v1", "v2"] },
  { name: "STATEFUL upgrade, other cluster", before: [v1], change: moved(v2), savepoints: 1, tags: ["v1", "v2"] },
  {
    name: "STATEFUL upgrade that disposes of a savepoint",
    before: [v1, v2],
    change: { ...v3, others: { savepointHistory: { maxCount: 1, dispose: true } } },
    tags: ["v1", "v2", "v3"],
  },
  {
    name: "STATELESS upgrade, same cluster",
    before: [stateless(v1)],
    change: stateless(v2),
    savepoints: 0,
    tags: ["v1", "v2"],
  },
  {
    name: "STATELESS upgrade, other cluster",
    before: [stateless(v1)],
    change: moved(stateless(v2)),
    savepoints: 0,
    tags: ["v1", "v2"],
  },
  { name: "suspend", before: [v1], change: inState("SUSPENDED", v1), savepoints: 1, tags: ["v1"] },
  { name: "resume", before: [v1, inState("SUSPENDED", v1)], change: v1, savepoints: 0, tags: ["v1"] },
  { name: "cancel", before: [v1], change: inState("CANCELLED", v1), savepoints: 0, tags: ["v1"] },
  { name: "delete with savepoint", before: [v1], change: "destroy", savepoints: 1, tags: ["v1"] },
  { name: "recovery of a FAILED job", before: [v1], jobFails: true, change: v1, savepoints: 0, tags: ["v1"] },
  {
    name: "rollback",
    before: [v1],
    change: { on: "A", main: { tag: "v2", failAtStart: true }, others: { maxJobCreationAttempts: 1 } },
    mended: v3,
    tags: ["v1", "v3"],
  },
  {
    name: "rollback of a move, by health check",
    before: [v1],
    change: { on: "B", main: { tag: "v2", failAfter: 50 }, others: UNHEALTHY },
    mended: moved(v3),
    tags: ["v1", "v3"],
  },
  {
    name: "session cluster replacement",
    deployments: 2,
    before: [v1],
    change: moved(v1),
    savepoints: 1,
    tags: ["v1"],
  },
];

/** The same program with other arguments. */
export function changed(program: Program): Program {
  return { ...program, main: { tag: "v9" } };
}

export function suspended(program: Program): Program {
  return inState("SUSPENDED", program);
}

/** What the program says that the deployment should be. */
export function stateOf({ others }: Program): "RUNNING" | "SUSPENDED" | "CANCELLED" {
  return others?.state ?? "RUNNING";
}

/** Whether its upgrades are STATELESS. */
export function isStateless({ change }: Transition): boolean {
  return change !== "destroy" && change.others?.upgradeStrategy === STATELESS;
}
