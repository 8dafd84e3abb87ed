import assert from "node:assert/strict";
import { desired, NEW, OLD, THERE } from "../../rig/lifecycle/builders";
import { FaultyProcess, type Fault } from "../../rig/lifecycle/faults";
import { Stage } from "../../rig/lifecycle/runs";
import { HEALTHY, type SimulatedWorld } from "../../rig/lifecycle/simulatedWorld";
import type { Desired } from "../../../provider/lifecycle/model";
import { jobSpecDigest, type JobSpec } from "../../../provider/lifecycle/jobSpec";

/** A transition that one fault or another befalls, and what must hold once it was carried out again. */
interface Scenario {
  readonly title: string;
  /** What goes before; OLD runs by default. */
  readonly before?: (stage: Stage) => Promise<void>;
  readonly world?: (world: SimulatedWorld) => void;
  readonly to: Desired;
  /** The jar of the one job that is active in the end; undefined: none. */
  readonly runs: JobSpec | undefined;
  /** How many savepoints of stops the transition takes. */
  readonly stops: number;
  /** The code with which it ends, where it does not reach what is asked for. */
  readonly ends?: string;
}

const FAILS = { upAfterMs: undefined, failsAfterMs: 150, retainsCheckpoints: true, cancelMs: 60 };
const COMMITS_AND_FAILS = { ...HEALTHY, upAfterMs: undefined, checkpointsBeforeUp: true, failsAfterMs: 1_400 };

const scenarios: Scenario[] = [
  { title: "a STATEFUL upgrade", to: desired({ job: NEW }), runs: NEW, stops: 1 },
  { title: "a move to another cluster", to: desired({ cluster: THERE }), runs: OLD, stops: 1 },
  { title: "an upgrade on another cluster", to: desired({ job: NEW, cluster: THERE }), runs: NEW, stops: 1 },
  {
    title: "an upgrade whose stop is complete before its job has ended",
    world: (world) => world.stops.push("answersBeforeItEnds"),
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 1,
  },
  {
    title: "an upgrade whose first savepoint fails",
    world: (world) => world.stops.push("fails"),
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 1,
  },
  {
    title: "an upgrade whose job fails after its savepoint",
    world: (world) => world.stops.push("failsAfterSavepoint"),
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 1,
  },
  {
    title: "an upgrade whose first try fails",
    world: (world) => world.behaviours.set(NEW.artifactSha256, [FAILS, HEALTHY]),
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 1,
  },
  {
    title: "an upgrade whose first try completes a checkpoint and fails",
    world: (world) => world.behaviours.set(NEW.artifactSha256, [COMMITS_AND_FAILS, HEALTHY]),
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 1,
  },
  {
    title: "an upgrade that is rolled back",
    world: (world) => world.behaviours.set(NEW.artifactSha256, [FAILS]),
    to: desired({ job: NEW, policy: { maxJobCreationAttempts: 2 } }),
    runs: OLD,
    stops: 1,
    ends: "FLINK_ROLLED_BACK",
  },
  {
    title: "a move that is rolled back",
    world: (world) => world.behaviours.set(NEW.artifactSha256, [FAILS]),
    to: desired({ job: NEW, cluster: THERE, policy: { maxJobCreationAttempts: 2 } }),
    runs: OLD,
    stops: 1,
    ends: "FLINK_ROLLED_BACK",
  },
  {
    title: "a STATELESS upgrade",
    to: desired({ job: NEW, policy: { upgradeStrategy: "STATELESS" } }),
    runs: NEW,
    stops: 0,
  },
  { title: "a suspension", to: desired({ state: "SUSPENDED" }), runs: undefined, stops: 1 },
  {
    title: "a suspension that gives back the cluster",
    to: desired({ state: "SUSPENDED", cluster: "none" }),
    runs: undefined,
    stops: 1,
  },
  { title: "a cancellation", to: desired({ state: "CANCELLED" }), runs: undefined, stops: 0 },
  {
    title: "a resumption",
    before: async (stage) => {
      await running(stage);
      await stage.reach(desired({ state: "SUSPENDED" }));
    },
    to: desired({ job: NEW }),
    runs: NEW,
    stops: 0,
  },
  { title: "a first start", before: () => Promise.resolve(), to: desired(), runs: OLD, stops: 0 },
];

async function running(stage: Stage): Promise<void> {
  await stage.reach(desired());
  stage.world.clock.pass(5_000);
}

async function staged(scenario: Scenario): Promise<{ stage: Stage; stopsBefore: number }> {
  const stage = new Stage();
  await (scenario.before ?? running)(stage);
  scenario.world?.(stage.world);
  return { stage, stopsBefore: stage.world.stopSavepoints.length };
}

/** How many calls the transition makes when nothing befalls it. */
async function callsOf(scenario: Scenario): Promise<number> {
  const { stage } = await staged(scenario);
  const process = new FaultyProcess({ kind: "lost", call: 0, when: "before" });
  await stage.run(scenario.to, { process });
  return process.calls;
}

/** How long nobody watches before the transition is carried out again: at once, or after Flink forgot its triggers. */
const GAPS_MS = [0, 1_000, 600_000];

async function holds(scenario: Scenario, fault: Fault, gapMs: number): Promise<void> {
  const { stage, stopsBefore } = await staged(scenario);
  const { world } = stage;
  let outcome = await stage.run(scenario.to, { fault });
  const code = (): string | undefined =>
    outcome.kind === "failed" ? (outcome.error as Error & { code?: string }).code : undefined;
  const isOver = (): boolean => (scenario.ends === undefined ? outcome.kind === "reached" : code() === scenario.ends);
  let stopsWanted = scenario.stops;
  if (!isOver()) {
    world.clock.pass(gapMs);
    // A new `up` after a rollback that could not be recorded replaces the job that was brought back: one more stop.
    const [active] = world.activeJobs;
    const broughtBack = active?.spec === scenario.runs && active?.restoredFrom !== undefined;
    if (scenario.ends !== undefined && broughtBack) stopsWanted = world.stopSavepoints.length - stopsBefore + 1;
    outcome = await stage.run(scenario.to);
  }
  const at = `${fault.kind} ${fault.when} call ${fault.call}, ${gapMs} ms later`;
  assert.deepEqual(world.violations, [], at);
  assert.ok(isOver(), `${at}: ${outcome.kind} ${outcome.kind === "failed" ? outcome.error.message : ""}`);
  assert.deepEqual(
    world.activeJobs.map((job) => jobSpecDigest(job.spec)),
    scenario.runs === undefined ? [] : [jobSpecDigest(scenario.runs)],
    at,
  );
  assert.equal(world.stopSavepoints.length - stopsBefore, stopsWanted, `${at}: savepoints of stops`);
  if (outcome.kind === "reached") {
    const applied = stage.record?.applied;
    assert.equal(stage.record?.transition, undefined, at);
    if (scenario.runs !== undefined) {
      assert.equal(applied?.jobId, world.activeJobs[0]?.jobId, at);
      assert.equal(applied?.restoredFrom, world.activeJobs[0]?.restoredFrom?.path, at);
      assert.equal(applied?.end, undefined, at);
    }
    // Every savepoint that a stop took is in the record, whoever took it.
    for (const path of world.stopSavepoints.slice(stopsBefore)) {
      assert.ok(
        stage.record?.snapshots.some((snapshot) => snapshot.path === path),
        `${at}: ${path} is not recorded`,
      );
    }
  }
  // What runs goes on for a while and commits: that is when lost or doubled state would show.
  world.clock.pass(5_000);
  assert.deepEqual(world.violations, [], at);
}

describe("a transition that is carried out again", () => {
  const befallen: [Fault["kind"], string][] = [
    ["killed", "its process was killed"],
    ["cutOff", "it was cut off"],
    ["lost", "an answer was lost"],
    ["interrupted", "it was interrupted"],
  ];
  for (const scenario of scenarios) {
    for (const [kind, what] of befallen) {
      it(`comes to the same end when ${what} at any call: ${scenario.title}`, async () => {
        const calls = await callsOf(scenario);
        assert.ok(calls > 3);
        for (let call = 1; call <= calls; call += 1) {
          for (const when of ["before", "after"] as const) {
            const gapMs = GAPS_MS[(call + (when === "before" ? 0 : 1)) % GAPS_MS.length] ?? 0;
            await holds(scenario, { kind, call, when }, gapMs);
          }
        }
      });
    }
  }
});
