import assert from "node:assert/strict";
import type { HealthCheck, Policy } from "../../../provider/lifecycle/model";
import { desired, NEW, OLD } from "../../rig/lifecycle/builders";
import { failure, running, type Stage } from "../../rig/lifecycle/runs";
import { HEALTHY, type Behaviour } from "../../rig/lifecycle/simulatedWorld";

const THREE: HealthCheck = { timeoutMs: 60_000, completedCheckpoints: 3 };
const SLOW: Behaviour = { ...HEALTHY, checkpointEveryMs: 2_000 };
const FAILS: Behaviour = { ...HEALTHY, upAfterMs: undefined, failsAfterMs: 150 };

/** OLD runs, and is about to be upgraded to NEW. */
async function upgrading(): Promise<Stage> {
  const stage = await running();
  stage.world.behaviours.set(NEW.artifactSha256, [SLOW]);
  return stage;
}

function upgrade(policy: Partial<Policy> = {}): ReturnType<typeof desired> {
  return desired({ job: NEW, policy: { healthCheck: THREE, maxJobCreationAttempts: 2, ...policy } });
}

/** The JobManager restarts and forgets all jobs, once, when a line of this kind is told. */
function loseAt(stage: Stage, line: RegExp): () => boolean {
  let isLost = false;
  return () => {
    if (!isLost && line.test(stage.told.at(-1) ?? "")) {
      isLost = true;
      stage.here.lose();
    }
    return false;
  };
}

function submitted(stage: Stage): string[] {
  return stage.world.jobs.map(({ spec }) => (spec === OLD ? "old" : "new"));
}

describe("a try that came up and that Flink does not know any more", () => {
  it("is not begun again, nor rolled back, from a state older than what it may have committed: that is asked for", async () => {
    const stage = await upgrading();
    const interrupted = loseAt(stage, /health check: 1 of 3 checkpoints/);
    const { code, message } = failure(await stage.run(upgrade(), { interrupted }));
    assert.equal(code, "FLINK_JOB_MISSING");
    assert.match(message, /Flink does not know job \w+ any more.*file:\/savepoints\/.*set initialSavepointPath to it/s);
    assert.deepEqual(submitted(stage), ["old", "new"]);
    assert.equal(failure(await stage.run(upgrade())).code, "FLINK_JOB_MISSING", "in the next up too");

    const [path] = stage.world.stopSavepoints;
    stage.world.exactlyOnce = false;
    const chosen = { ...NEW, savepointRedeployNonce: 1 };
    const { applied } = await stage.reach({
      ...upgrade({ initialSavepointPath: path }),
      job: desired({ job: chosen }).job,
    });
    assert.equal(applied?.restoredFrom, path);
    assert.deepEqual(submitted(stage), ["old", "new", "new"]);
  });

  it("is begun again, with its jar, where its state is done without", async () => {
    const stage = await upgrading();
    stage.world.exactlyOnce = false;
    const interrupted = loseAt(stage, /health check: 1 of 3 checkpoints/);
    const outcome = await stage.run(upgrade({ upgradeStrategy: "STATELESS" }), { interrupted });
    assert.equal(outcome.kind, "reached", String(outcome.kind === "failed" && outcome.error));
    assert.deepEqual(submitted(stage), ["old", "new", "new"]);
  });

  it("is told together with what failed before, where it is the old job that was brought back", async () => {
    const stage = await upgrading();
    stage.world.behaviours.set(NEW.artifactSha256, [FAILS]);
    const interrupted = loseAt(stage, /^… job \w+ is \w+, tasks \d+\/\d+ running/);
    const rollingBack = (): boolean =>
      stage.told.some((line) => line.includes("rolling back to the old one")) && interrupted();
    const { code, message } = failure(
      await stage.run(upgrade({ maxJobCreationAttempts: 1 }), { interrupted: rollingBack }),
    );
    assert.equal(code, "FLINK_ROLLBACK_FAILED");
    assert.match(
      message,
      /The new job did not come up: .*simulated.*Rolling back .* was cut short: Flink does not know job/,
    );
    assert.match(message, /The state is safe: file:\/savepoints\//);
    assert.deepEqual(submitted(stage), ["old", "new", "old"]);
    assert.equal(failure(await stage.run(upgrade())).code, "FLINK_JOB_MISSING");
  });
});
