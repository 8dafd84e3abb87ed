/** What users, programs and misfortune do to one deployment, as arbitraries. */
import fc from "fast-check";
import type { RunOutcome } from "../fakeFlink";
import type { SavepointOutcome } from "../fakeFlink/types";

/** What the program asks for. */
export interface Wish {
  readonly state: "RUNNING" | "SUSPENDED" | "CANCELLED";
  /** Which jar: its content. */
  readonly jar: number;
  readonly restartNonce: number;
  /** Which cluster. */
  readonly cluster: number;
  readonly upgrade: "STATEFUL" | "STATELESS" | "NONE";
  readonly fallback: "REFUSE" | "LATEST_STATE";
  readonly restore: "LATEST_STATE" | "LATEST_SAVEPOINT" | "NONE";
  readonly rollback: boolean;
  readonly claim: boolean;
  /** Deletes each savepoint of its own that it has no use for. */
  readonly disposes: boolean;
  readonly attempts: number;
  /** Starts from this savepoint, whatever there is. */
  readonly redeploy?: { readonly path: string; readonly nonce: number };
}

/** What goes wrong in one `up` or `destroy`, at one of its requests. */
export interface Mishap {
  /**
   * killed: the provider's process ends. lost: one answer does not arrive. cutOff: from then on no cluster answers
   * until the operation has given up.
   */
  readonly kind: "killed" | "lost" | "cutOff";
  /** The number of the request, among those that change something or among all. */
  readonly request: number;
  readonly of: "all" | "mutations" | "stops" | "submissions";
  /** Whether Flink carries that request out. */
  readonly when: "before" | "after";
}

export type Move =
  | {
      readonly kind: "up";
      readonly wish: Wish;
      readonly mishap: Mishap | undefined;
      /** What becomes of the next stops and submissions; then they succeed. */
      readonly stops: readonly SavepointOutcome[];
      readonly runs: readonly RunOutcome[];
    }
  | { readonly kind: "preview"; readonly wish: Wish }
  | { readonly kind: "refresh" }
  /** The job goes on for a while. */
  | { readonly kind: "progress"; readonly polls: number }
  /** The job ends behind our back. */
  | { readonly kind: "jobEnds"; readonly status: "FAILED" | "CANCELED" }
  | {
      readonly kind: "jobManagerRestarts";
      readonly cluster: number;
      readonly highAvailability: boolean;
      readonly keepsResults: boolean;
    }
  | { readonly kind: "forgets"; readonly cluster: number; readonly what: "ended jobs" | "savepoint operations" };

export const CLUSTERS = 3;
const JARS = 2;

const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3 * others.length, arbitrary: fc.constant(usual) },
    fc.constantFrom(...others).map((one) => one),
  );

const anyWish: fc.Arbitrary<Wish> = fc.record({
  state: often<Wish["state"]>("RUNNING", "SUSPENDED", "CANCELLED"),
  jar: fc.nat({ max: JARS - 1 }),
  restartNonce: fc.nat({ max: 1 }),
  cluster: fc.nat({ max: CLUSTERS - 1 }),
  upgrade: often<Wish["upgrade"]>("STATEFUL", "STATELESS", "NONE"),
  fallback: fc.constantFrom("REFUSE", "LATEST_STATE"),
  restore: often<Wish["restore"]>("LATEST_STATE", "LATEST_SAVEPOINT", "NONE"),
  rollback: fc.boolean(),
  claim: fc.boolean(),
  disposes: fc.boolean(),
  attempts: fc.constantFrom(1, 2),
});

const anyMishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("killed", "lost", "cutOff"),
    request: fc.integer({ min: 1, max: 2 }),
    of: fc.constantFrom("stops", "submissions"),
    when: fc.constantFrom("before", "after"),
  }),
  fc.record({
    kind: fc.constantFrom("killed", "lost", "cutOff"),
    request: fc.integer({ min: 1, max: 5 }),
    of: fc.constant("mutations"),
    when: fc.constantFrom("before", "after"),
  }),
  fc.record({
    kind: fc.constantFrom("killed", "lost", "cutOff"),
    request: fc.integer({ min: 1, max: 60 }),
    of: fc.constant("all"),
    when: fc.constantFrom("before", "after"),
  }),
);

const anyStop = fc.constantFrom<SavepointOutcome>(
  "complete",
  { fail: "a task declined" },
  { fail: "a task declined", thenStatus: "RUNNING" },
  { fail: "a task declined", thenStatus: "FAILED" },
  { completeButStopFails: "the sink did not commit", thenStatus: "FAILED" },
  { completeButStopFails: "the sink did not commit", thenStatus: "RUNNING" },
);

const anyRun = fc.constantFrom<RunOutcome>(
  "run",
  "stuck",
  { reject: "no such topic" },
  { initializationFails: "no such state" },
  { status: "FAILED", exception: "it failed at once" },
  { status: "FAILED", exception: "it failed before it was seen to run", checkpoints: 2 },
  { status: "CANCELED" },
  { afterCheckpoints: 1, thenStatus: "FAILED", exception: "it failed after a checkpoint" },
  { afterCheckpoints: 3, thenStatus: "FAILED", exception: "it failed later" },
  { crashLoop: "it fails and restarts" },
  { crashLoop: "it commits, fails and restarts", checkpoints: 1 },
);

const anyUp: fc.Arbitrary<Move> = fc.record({
  kind: fc.constant("up"),
  wish: anyWish,
  mishap: fc.option(anyMishap, { nil: undefined, freq: 1 }),
  stops: fc.array(anyStop, { maxLength: 2 }),
  runs: fc.array(anyRun, { maxLength: 2 }),
});

/** One move; ups are the most. */
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: anyUp },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("preview"), wish: anyWish }) },
  { weight: 1, arbitrary: fc.constant({ kind: "refresh" as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("progress"), polls: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("jobEnds"), status: fc.constantFrom("FAILED", "CANCELED") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("jobManagerRestarts"),
      cluster: fc.nat({ max: CLUSTERS - 1 }),
      highAvailability: fc.boolean(),
      keepsResults: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("forgets"),
      cluster: fc.nat({ max: CLUSTERS - 1 }),
      what: fc.constantFrom("ended jobs", "savepoint operations"),
    }),
  },
);

/** What the program asks for once nothing goes wrong any more. */
export const anyLastWish: fc.Arbitrary<Wish> = anyWish.map((wish) => ({
  ...wish,
  upgrade: "STATEFUL",
  fallback: "LATEST_STATE",
  restore: "LATEST_STATE",
}));
