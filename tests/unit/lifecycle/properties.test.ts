import assert from "node:assert/strict";
import fc from "fast-check";
import { desired, ELSEWHERE, HERE, spec, THERE } from "../../rig/lifecycle/builders";
import type { Fault } from "../../rig/lifecycle/faults";
import { Stage, type Outcome } from "../../rig/lifecycle/runs";
import { HEALTHY, type Behaviour, type StopBehaviour } from "../../rig/lifecycle/simulatedWorld";
import type { Desired } from "../../../provider/lifecycle/model";

const SEED = 20_260_115;

const JOBS = [spec("a"), spec("b"), spec("c")];
const CLUSTERS = [HERE, THERE, ELSEWHERE];

const NEVER_UP: Behaviour = { ...HEALTHY, upAfterMs: undefined };
const FAILS: Behaviour = { ...NEVER_UP, failsAfterMs: 150 };
const COMMITS_AND_FAILS: Behaviour = { ...NEVER_UP, checkpointsBeforeUp: true, failsAfterMs: 1_400 };
const COMMITS_AND_HANGS: Behaviour = { ...NEVER_UP, checkpointsBeforeUp: true };
const RUNS_AND_FAILS: Behaviour = { ...HEALTHY, failsAfterMs: 2_100 };

const NAMES = new Map<Behaviour, string>([
  [HEALTHY, "healthy"],
  [NEVER_UP, "never up"],
  [FAILS, "fails"],
  [COMMITS_AND_FAILS, "commits and fails"],
  [COMMITS_AND_HANGS, "commits and hangs"],
  [RUNS_AND_FAILS, "runs and fails"],
]);

/** One `up`, what the world is like meanwhile, and how long nobody watches after it. */
interface Move {
  readonly desired: Desired;
  readonly behaviours: readonly Behaviour[];
  readonly stops: readonly StopBehaviour[];
  readonly fault: Fault | undefined;
  readonly gapMs: number;
  readonly forget: boolean;
}

const anyDesired: fc.Arbitrary<Desired> = fc
  .record({
    state: fc.constantFrom(
      "RUNNING" as const,
      "RUNNING" as const,
      "RUNNING" as const,
      "SUSPENDED" as const,
      "CANCELLED" as const,
    ),
    job: fc.constantFrom(...JOBS),
    cluster: fc.constantFrom(HERE, HERE, THERE, ELSEWHERE),
    policy: fc.record({
      upgradeStrategy: fc.constantFrom("STATEFUL" as const, "STATEFUL" as const, "STATELESS" as const),
      fallback: fc.constantFrom("REFUSE" as const, "LATEST_STATE" as const),
      rollback: fc.boolean(),
      claimMode: fc.constantFrom("NO_CLAIM" as const, "CLAIM" as const),
      savepointHistory: fc.constantFrom({ maxCount: 20, dispose: false }, { maxCount: 1, dispose: true }),
      maxJobCreationAttempts: fc.constantFrom(1, 2),
      maxSavepointCreationAttempts: fc.constantFrom(1, 2),
      runningTimeoutMs: fc.constant(5_000),
      savepointTimeoutMs: fc.constant(10_000),
    }),
  })
  .map(desired);

const anyFault: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom("killed", "cutOff", "lost", "interrupted"),
  call: fc.integer({ min: 1, max: 60 }),
  when: fc.constantFrom("before", "after"),
});

const anyStop = fc.constantFrom<StopBehaviour>(
  "succeeds",
  "answersBeforeItEnds",
  "fails",
  "failsAfterSavepoint",
  "restartsAfterSavepoint",
  "isForgotten",
  "succeedsAndIsForgotten",
  "jobFailsMeanwhile",
);

function anyMove(behaviours: readonly Behaviour[], forget: fc.Arbitrary<boolean>): fc.Arbitrary<Move> {
  const move = fc.record({
    desired: anyDesired,
    behaviours: fc.array(fc.constantFrom(...behaviours), { maxLength: 3 }),
    stops: fc.array(anyStop, { maxLength: 3 }),
    fault: fc.option(anyFault, { nil: undefined }),
    gapMs: fc.constantFrom(0, 1_000, 30_000, 600_000),
    forget,
  });
  // A counterexample is read by people.
  return move.map((one) => ({ ...one, [fc.toStringMethod]: () => describeMove(one) }));
}

function describeMove({ desired: wish, behaviours, ...rest }: Move): string {
  const { upgradeStrategy, fallback, rollback, savepointHistory } = wish.policy;
  const { dispose } = savepointHistory;
  const job = wish.job.kind === "known" ? JOBS.findIndex((one) => one === (wish.job as { spec: unknown }).spec) : "?";
  const place = wish.cluster.kind === "known" ? wish.cluster.identity.key : wish.cluster.kind;
  const does = behaviours.map((behaviour) => NAMES.get(behaviour));
  return JSON.stringify({
    wish: `${wish.state} ${job} ${place}`,
    upgradeStrategy,
    fallback,
    rollback,
    dispose,
    does,
    ...rest,
  });
}

async function make(stage: Stage, move: Move): Promise<Outcome> {
  const { world } = stage;
  for (const { artifactSha256 } of JOBS) world.behaviours.set(artifactSha256, [...move.behaviours, HEALTHY]);
  world.stops.splice(0, world.stops.length, ...move.stops);
  const outcome = await stage.run(move.desired, { fault: move.fault });
  world.clock.pass(move.gapMs);
  return outcome;
}

/**
 * Makes one move after another; gives the last wish if it is still to be carried out.
 *
 * What a killed process started on a cluster that Pulumi's state does not connect with the deployment can be found only
 * there: so the cluster that is asked for stays the same until a run is recorded.
 */
async function makeAll(
  stage: Stage,
  moves: readonly Move[],
  between?: (move: Move, outcome: Outcome) => void,
): Promise<Desired | undefined> {
  let pinned: Desired | undefined;
  for (const move of moves) {
    const cluster = pinned?.cluster ?? move.desired.cluster;
    // A job that a killed create started is nobody's but that create's.
    const job = stage.record === undefined && pinned !== undefined ? pinned.job : move.desired.job;
    pinned = { ...move.desired, cluster, job };
    const outcome = await make(stage, { ...move, desired: pinned });
    assert.deepEqual(stage.world.violations, []);
    between?.(move, outcome);
    if (outcome.kind === "reached" || (outcome.kind === "failed" && outcome.begun)) pinned = undefined;
  }
  return pinned;
}

/** Nothing goes wrong any more. */
function calm(stage: Stage): void {
  for (const { artifactSha256 } of JOBS) stage.world.behaviours.set(artifactSha256, [HEALTHY]);
  stage.world.stops.splice(0);
}

function explain(outcome: Outcome): string {
  return outcome.kind === "failed" ? `${outcome.kind}: ${outcome.error.message}` : outcome.kind;
}

const misfortunes = [HEALTHY, HEALTHY, NEVER_UP, FAILS, COMMITS_AND_FAILS, COMMITS_AND_HANGS, RUNS_AND_FAILS];

describe("whatever is asked for and whatever goes wrong", () => {
  it("one job at most is active, no state is lost or doubled, and in the end what is asked for runs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove(misfortunes, fc.constant(false)), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...JOBS),
        fc.constantFrom(...CLUSTERS),
        async (moves, job, cluster) => {
          const stage = new Stage();
          const { world } = stage;
          const pinned = await makeAll(stage, moves);
          calm(stage);
          if (pinned !== undefined) await stage.run({ ...pinned, state: "RUNNING" });
          let wish = desired({ job, cluster, policy: { fallback: "LATEST_STATE", runningTimeoutMs: 5_000 } });
          let first = await stage.run(wish);
          if (first.kind === "failed" && world.activeJobs[0]?.completedCheckpoints === 0) {
            // A try that hangs and has completed nothing: it is refused, with the way out.
            assert.match(first.error.message, /set upgradeStrategy "STATELESS"/);
            wish = { ...wish, policy: { ...wish.policy, upgradeStrategy: "STATELESS" } };
            first = await stage.run(wish);
          }
          if (first.kind === "failed" && world.committed === 0) {
            // A job was ended before it completed anything: starting empty is to be asked for.
            assert.match(first.error.message, /restoreStrategy "NONE" to start empty/);
            wish = { ...wish, policy: { ...wish.policy, restoreStrategy: "NONE" } };
            first = await stage.run(wish);
          }
          assert.equal(first.kind, "reached", explain(first));
          // A job that was started by an earlier move may fail by itself meanwhile: then it is brought back.
          world.clock.pass(5_000);
          const last = await stage.run(wish);
          assert.equal(last.kind, "reached", explain(last));
          world.clock.pass(5_000);
          assert.deepEqual(world.violations, []);
          const [active, ...others] = world.activeJobs;
          assert.deepEqual(others, []);
          assert.equal(active?.jobId, stage.record?.applied?.jobId);
          assert.equal(active?.spec, job);
          assert.equal(stage.record?.applied?.cluster, cluster);
        },
      ),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("destroying leaves no job, and a snapshot of all that was committed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove(misfortunes, fc.constant(false)), { minLength: 1, maxLength: 4 }),
        fc.option(anyFault, { nil: undefined }),
        async (moves, fault) => {
          const stage = new Stage();
          const { world } = stage;
          const pinned = await makeAll(stage, moves);
          calm(stage);
          const wish = desired({ policy: { runningTimeoutMs: 5_000 } });
          const there = { ...wish, cluster: pinned?.cluster ?? wish.cluster };
          await stage.run(there, { delete: true, fault });
          let last = await stage.run(there, { delete: true });
          if (last.kind === "failed" && world.committed === (world.activeJobs[0]?.restoredFrom?.position ?? 0)) {
            // A job that has completed nothing of its own has nothing to be saved: it is refused, with the way out.
            assert.match(last.error.message, /set onDelete "CANCEL"/);
            last = await stage.run({ ...there, policy: { ...there.policy, onDelete: "CANCEL" } }, { delete: true });
          }
          assert.equal(last.kind, "reached", explain(last));
          assert.deepEqual(world.activeJobs, []);
          assert.deepEqual(world.violations, []);
          const kept = [...world.storage.values()].some(
            ({ position, deleted }) => position === world.committed && !deleted,
          );
          assert.ok(kept || world.committed === 0);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("what Flink has forgotten is never guessed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove([HEALTHY, HEALTHY, NEVER_UP, FAILS, COMMITS_AND_FAILS], fc.boolean()), {
          minLength: 2,
          maxLength: 6,
        }),
        async (moves) => {
          const stage = new Stage();
          // STATELESS does without what is not known, and so does CANCELLED with a job whose end nobody saw.
          const stateful = moves.map((move): Move => {
            const policy = { ...move.desired.policy, upgradeStrategy: "STATEFUL" as const };
            const state = move.desired.state === "CANCELLED" ? "SUSPENDED" : move.desired.state;
            return { ...move, desired: { ...move.desired, state, policy } };
          });
          await makeAll(stage, stateful, (move, outcome) => {
            // What a process did that could record nothing, nobody but Flink knows.
            if (!move.forget || stage.record === undefined || outcome.kind === "killed") return;
            if (outcome.kind === "failed" && !outcome.begun) return;
            for (const cluster of [stage.here, stage.there, stage.elsewhere]) {
              cluster.forgetEnded();
              cluster.forgetOperations();
            }
          });
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });
});
