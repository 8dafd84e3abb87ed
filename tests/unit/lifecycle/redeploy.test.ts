import assert from "node:assert/strict";
import type { JobSpec } from "../../../provider/lifecycle/jobSpec";
import { desired, NEW, OLD, spec } from "../../rig/lifecycle/builders";
import { failure, running, type Stage } from "../../rig/lifecycle/runs";
import { HEALTHY, type Behaviour } from "../../rig/lifecycle/simulatedWorld";

const COMMITS_AND_FAILS: Behaviour = {
  ...HEALTHY,
  checkpointsBeforeUp: true,
  upAfterMs: undefined,
  failsAfterMs: 1_200,
};
const FAILS: Behaviour = { ...HEALTHY, upAfterMs: undefined, checkpointEveryMs: undefined, failsAfterMs: 150 };

const MENDED = spec("mended");

/** OLD runs, and its user wants to go back to an older savepoint of it. */
async function goingBack(
  behaviour: Behaviour,
): Promise<{ stage: Stage; back: string; wish: (job: JobSpec) => ReturnType<typeof desired> }> {
  const stage = await running();
  stage.world.exactlyOnce = false;
  const back = stage.world.store("savepoints", 1).path;
  stage.world.behaviours.set(NEW.artifactSha256, [behaviour]);
  const wish = (job: JobSpec) =>
    desired({
      job: { ...job, savepointRedeployNonce: 2 },
      policy: { initialSavepointPath: back, maxJobCreationAttempts: 1 },
    });
  return { stage, back, wish };
}

describe("a changed savepointRedeployNonce", () => {
  it("is followed once: a mended retry goes on from what the first try has completed since", async () => {
    const { stage, back, wish } = await goingBack(COMMITS_AND_FAILS);
    const { code, message } = failure(await stage.run(wish(NEW)));
    assert.equal(code, "FLINK_JOB_START_FAILED");
    const own = /its state is kept: (\S+)\./.exec(message)?.[1];
    assert.notEqual(own, back);
    const { applied } = await stage.reach(wish(MENDED));
    assert.equal(applied?.restoredFrom, own);
  });

  it("is followed again where the first try has completed nothing, also after it was rolled back", async () => {
    const { stage, back, wish } = await goingBack(FAILS);
    assert.equal(failure(await stage.run(wish(NEW))).code, "FLINK_ROLLED_BACK");
    assert.equal(stage.record?.applied?.job.artifactSha256, OLD.artifactSha256);
    const { applied } = await stage.reach(wish(MENDED));
    assert.equal(applied?.restoredFrom, back);
  });

  it("is not followed again by what is asked for while the first try of a cut off update runs", async () => {
    const { stage, wish } = await goingBack({ ...HEALTHY, upAfterMs: 60_000 });
    const isSubmitted = () => stage.here.submissions.length > 1 && stage.world.activeJobs[0]?.spec !== OLD;
    assert.equal(failure(await stage.run(wish(NEW), { interrupted: isSubmitted })).code, "FLINK_INTERRUPTED");
    stage.world.clock.pass(60_000);
    const { applied } = await stage.reach(wish(MENDED));
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints.at(-1));
    assert.equal(stage.world.stopSavepoints.length, 2);
  });
});
