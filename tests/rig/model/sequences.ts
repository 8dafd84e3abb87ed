/** Sequences of moves against the hooks of a deployment, and what must hold in and after each. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Rig } from "../deploymentRuns";
import { anyLastWish, anyMove, type Move, type Wish } from "./moves";
import { World, type Outcome } from "./world";

/** So many sequences, the first of them by this seed. */
export interface Batch {
  readonly seed: number;
  readonly runs: number;
}

/** What a user does who reads a refusal: what its words say. */
function followed(message: string, wish: Wish, world: World, ups: number): Wish {
  if (/Set state "CANCELLED" to do without|ask for state "CANCELLED"/.test(message))
    return { ...wish, state: "CANCELLED" };
  const path = world.newestState?.path;
  if (path !== undefined && /initialSavepointPath .*savepointRedeployNonce/.test(message)) {
    return { ...wish, redeploy: { path, nonce: 1_000 + ups } };
  }
  assert.match(message, /upgradeStrategy "STATELESS"|restoreStrategy "NONE"/);
  return { ...wish, upgrade: "STATELESS", restore: "NONE" };
}

/** Refusals that leave the decision to the user. */
const DECISIONS = ["FLINK_JOB_MISSING", "FLINK_NO_STATE", "FLINK_JOB_UNHEALTHY", "FLINK_JOB_START_FAILED"];

/**
 * Makes one move after another; gives the last wish if an `up` for it left nothing in Pulumi's state.
 *
 * A job that a killed create started is nobody's but that create's: until one is recorded, the job asked for stays.
 */
async function makeAll(world: World, moves: readonly Move[]): Promise<Wish | undefined> {
  let unrecorded: Wish | undefined;
  for (const move of moves) {
    if (move.kind !== "up") {
      // What a process did that was killed before it could record it, nobody but Flink knows.
      const forgets = move.kind === "jobManagerRestarts" || (move.kind === "forgets" && move.what === "ended jobs");
      if (!forgets || unrecorded === undefined) await world.make(move);
    } else {
      const { jar, restartNonce } = unrecorded ?? move.wish;
      const wish = { ...move.wish, ...(world.outputs === undefined ? { jar, restartNonce } : {}) };
      const before = world.stack.resource;
      await world.make({ ...move, wish });
      unrecorded = world.stack.resource === before ? wish : undefined;
    }
    assert.deepEqual(world.violations, []);
  }
  return world.outputs === undefined ? unrecorded : undefined;
}

function said(outcome: Outcome): string {
  return outcome.kind === "refused" ? outcome.message : outcome.kind;
}

/** Brings the deployment to a wish in two ups at most, or by the way out that a refusal names; nothing goes wrong. */
async function reach(world: World, wish: Wish): Promise<Wish> {
  let asked = wish;
  for (let ups = 1; ; ups++) {
    const outcome = await world.up(asked);
    assert.deepEqual(world.violations, []);
    if (outcome.kind === "done") return asked;
    assert.ok(outcome.kind === "refused" && ups < 3, `${String(ups)} ups do not reach it: ${said(outcome)}`);
    assert.ok(DECISIONS.includes(outcome.code), said(outcome));
    if (outcome.code !== "FLINK_JOB_START_FAILED" || ups > 1) asked = followed(outcome.message, asked, world, ups);
  }
}

async function run(
  rig: Rig,
  jars: readonly string[],
  moves: readonly Move[],
  last: Wish,
  destroys: boolean,
): Promise<void> {
  const world = await World.make(rig, jars);
  try {
    const creates = await makeAll(world, moves);
    world.calm();
    if (creates !== undefined) {
      const { jar, restartNonce } = creates;
      await reach(world, { ...last, jar, restartNonce, state: "RUNNING" });
    }
    const asked = await reach(world, last);
    assert.deepEqual(world.violations, []);
    const again = await world.up(asked);
    assert.deepEqual(again, { kind: "done", changed: false });
    assert.deepEqual(world.violations, []);
    if (asked.state === "RUNNING") assert.deepEqual(world.unusedJars(asked.cluster), []);
    if (!destroys) return;
    const destroyed = await world.destroy();
    assert.equal(destroyed.kind, "done", said(destroyed));
    assert.deepEqual(world.active, []);
    assert.deepEqual(world.unusedJars(asked.cluster), []);
    assert.deepEqual(world.violations, []);
  } finally {
    await world.close();
  }
}

/** Runs sequences in this process; throws the shortest found that breaks a rule, with the seed and path to repeat it. */
export async function checkSequences({ seed, runs }: Batch): Promise<void> {
  const rig = new Rig();
  try {
    const jars = [await rig.jar("first"), await rig.jar("second", "second.jar")];
    rig.muteConsole();
    rig.hurry();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyMove, { minLength: 1, maxLength: 8 }),
        anyLastWish,
        fc.boolean(),
        (moves, last, destroys) => run(rig, jars, moves, last, destroys),
      ),
      { seed, numRuns: runs },
    );
  } finally {
    await rig.close();
  }
}
