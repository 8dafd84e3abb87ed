import assert from "node:assert/strict";
import { desired, jobId, NEW, OLD, UID } from "../../rig/lifecycle/builders";
import { Stage } from "../../rig/lifecycle/runs";
import type { SimulatedJob } from "../../rig/lifecycle/simulatedJob";
import { deriveStopTriggerId } from "../../../provider/lifecycle/ids";
import { observe } from "../../../provider/lifecycle/observe";

const STOP = { formatType: "CANONICAL", drain: false } as const;

async function running(): Promise<{ stage: Stage; job: SimulatedJob }> {
  const stage = new Stage();
  await stage.reach(desired());
  stage.world.clock.pass(5_000);
  const job = stage.here.jobs.get(jobId(OLD, 1));
  assert.ok(job !== undefined);
  return { stage, job };
}

describe("a stop that was begun before", () => {
  it("is not asked for again when its savepoint is complete and its job still looks as if it ran", async () => {
    const { stage, job } = await running();
    stage.world.stops.push("answersBeforeItEnds");
    await stage.here.stop(job.jobId, { triggerId: deriveStopTriggerId(UID, 1, 0), ...STOP });
    stage.world.clock.pass(101);
    assert.equal(job.status, "RUNNING");
    const { applied } = await stage.reach(desired({ job: NEW }));
    assert.equal(stage.here.triggers.length, 1);
    assert.equal(applied?.restoredFrom, stage.world.stopSavepoints[0]);
    assert.deepEqual(stage.world.violations, []);
  });

  it("gives what its job completed after the savepoint, when that job went on and then failed", async () => {
    const { stage, job } = await running();
    stage.world.stops.push("restartsAfterSavepoint");
    const { here } = stage;
    const stopResult = here.stopResult.bind(here);
    here.stopResult = async (id, triggerId) => {
      const result = await stopResult(id, triggerId);
      if (result.kind === "failed" && job.status !== "FAILED") {
        stage.world.clock.pass(2_000);
        job.end("FAILED");
      }
      return result;
    };
    const { applied } = await stage.reach(desired({ job: NEW }));
    assert.match(applied?.restoredFrom ?? "", /checkpoints/);
    assert.deepEqual(stage.world.violations, []);
  });

  it("is looked for on the job that is to go on, not on a newer one that was given up", async () => {
    const { stage, job } = await running();
    const { here, world } = stage;
    const newer = jobId(NEW, 2);
    here.artifacts.add(NEW.artifactSha256);
    await here.submit({ jobId: newer, spec: NEW, allowNonRestoredState: false, claimMode: "NO_CLAIM", timeoutMs: 1 });
    world.stops.push("fails");
    await here.stop(job.jobId, { triggerId: deriveStopTriggerId(UID, 1, 0), ...STOP });
    world.clock.pass(101);
    const stopsSeen = async (abandonedJobs: string[]): Promise<string[]> => {
      const wish = desired({ policy: { abandonedJobs } });
      const clusters = { current: here, target: here };
      const { stops } = await observe(stage.record, wish, clusters, world.clock, () => Promise.resolve(false));
      return stops.map((stop) => stop.jobId);
    };
    assert.deepEqual(await stopsSeen([newer]), [job.jobId]);
    assert.deepEqual(await stopsSeen([]), []);
  });
});
