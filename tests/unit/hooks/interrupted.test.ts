import assert from "node:assert/strict";
import { DeploymentHooks } from "../../rig/deploymentHooks";
import { Rig } from "../../rig/deploymentRuns";
import type { FakeFlink, FakeJob } from "../../rig/fakeFlink";
import { until } from "../../rig/until";
import { mutations } from "./fixture";

/** The engine kills a provider 5 s after it has told it to end; it is promised to be done 1 s earlier. */
const DONE_WITHIN_MS = 4_000;
const NEVER = 1_000_000;

interface Scene {
  readonly flink: FakeFlink;
  readonly deployment: DeploymentHooks;
  readonly old: FakeJob;
  readonly upgrade: object;
}

/** Where an upgrade is interrupted. */
interface Point {
  readonly title: string;
  /** Makes the upgrade stay there; gives what lets it go on later. */
  readonly hold: (scene: Scene) => () => void;
  /** Waits until it is there. */
  readonly reached: (scene: Scene) => Promise<unknown>;
  /** How many savepoints of stops there are in the end; default 1. */
  readonly savepoints?: number;
  /** Whether the record has a savepoint afterwards. */
  readonly recorded: boolean;
}

const hang = (method: string, path: RegExp) => (scene: Scene) => {
  const fault = scene.flink.fault({ method, path }, "hang");
  return () => fault.remove();
};
const received = (method: string, path: RegExp) => (scene: Scene) => scene.flink.received({ method, path });
/** For what the first start has asked for, too. */
const again =
  (method: string, path: RegExp) =>
  ({ flink }: Scene) =>
    until("it is asked for again", () =>
      Promise.resolve(flink.requests.filter((each) => each.method === method && path.test(each.path)).length === 2),
    );

/** Waits until Flink was asked how the stop goes. */
async function stopping({ flink }: Pick<Scene, "flink">): Promise<void> {
  await until("it asks how the stop goes", () => {
    const stop = flink.requests.findIndex(({ method, path }) => method === "POST" && path.endsWith("/stop"));
    return Promise.resolve(stop >= 0 && flink.requests.slice(stop).some(({ path }) => path.includes("/savepoints/")));
  });
}

/** The new job, or the old one that is brought back, stays CREATED until it is let go on. */
function stuck(scene: Scene): void {
  for (const job of scene.flink.activeJobs()) if (job.status === "CREATED") job.status = "RUNNING";
  scene.flink.script.run = () => "run";
}

const points: Point[] = [
  {
    title: "while it uploads the jar",
    hold: hang("POST", /^\/jars\/upload/),
    reached: again("POST", /^\/jars\/upload/),
    recorded: false,
  },
  {
    title: "while Flink is slow to accept the stop",
    hold: hang("POST", /\/stop$/),
    reached: received("POST", /\/stop$/),
    recorded: false,
  },
  {
    title: "while the savepoint is taken",
    hold: ({ flink }) => {
      flink.settle = { stop: NEVER };
      return () => {
        flink.settle = 1;
        flink.settleNow();
      };
    },
    reached: stopping,
    recorded: false,
  },
  {
    title: "while it waits for another try at a savepoint",
    hold: ({ flink }) => {
      flink.script.savepoint = () => ({ fail: "the storage is full" });
      return () => (flink.script.savepoint = () => "complete");
    },
    reached: ({ flink }) => until("the savepoint has failed", () => Promise.resolve(stopsOf(flink, "FAILED") > 0)),
    recorded: false,
  },
  {
    title: "between the stop and the start",
    hold: ({ flink }) => {
      let fault: { remove: () => void } | undefined;
      flink.script.savepoint = () => {
        fault = flink.fault({ method: "GET", path: /^\/jars$/ }, "hang");
        return "complete";
      };
      return () => fault?.remove();
    },
    reached: async ({ flink, old }) => {
      await until("the old job has ended", () => Promise.resolve(old.ended));
      await flink.received({ method: "GET", path: /^\/jars$/ });
    },
    recorded: true,
  },
  {
    title: "while Flink is slow to accept the new job",
    hold: hang("POST", /\/run$/),
    reached: again("POST", /\/run$/),
    recorded: true,
  },
  {
    title: "while it waits for the new job",
    hold: ({ flink, ...scene }) => {
      flink.script.run = () => "stuck";
      return () => stuck({ flink, ...scene });
    },
    reached: ({ flink }) => until("the new job is there", () => Promise.resolve(flink.submissions.length === 2)),
    recorded: true,
  },
  {
    title: "while it rolls back",
    hold: ({ flink, ...scene }) => {
      flink.script.run = ({ parallelism }) => (parallelism === 2 ? { status: "FAILED", exception: "x" } : "stuck");
      return () => stuck({ flink, ...scene });
    },
    reached: ({ flink }) => until("the old job is back", () => Promise.resolve(flink.submissions.length === 3)),
    // The old job runs again when the next up comes: it is upgraded anew.
    savepoints: 2,
    recorded: true,
  },
];

function stopsOf(flink: FakeFlink, status: "COMPLETED" | "FAILED" = "COMPLETED"): number {
  return [...flink.jobs.values()]
    .flatMap((job) => job.checkpoints)
    .filter((each) => each.type === "SYNC_SAVEPOINT" && each.status === status).length;
}

describe("the hooks of a FlinkDeployment in a process that is told to end", () => {
  const rig = new Rig();
  afterEach(() => rig.close());

  async function running(): Promise<Scene> {
    const flink = await rig.flink({
      configuration: {
        "execution.checkpointing.savepoint-dir": "file:///savepoints",
        "execution.checkpointing.dir": "file:///checkpoints",
        // What is waited for when a job has ended, in real time here.
        "web.refresh-interval": "50 ms",
      },
    });
    const program = {
      cluster: { url: flink.url },
      artifact: { jarUri: await rig.jar("first") },
      flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
      maxJobCreationAttempts: 1,
    };
    const deployment = new DeploymentHooks();
    await deployment.apply(program);
    const [old] = flink.activeJobs();
    assert.ok(old);
    const jarUri = await rig.jar("second", "second.jar");
    return { flink, deployment, old, upgrade: { ...program, artifact: { jarUri }, parallelism: 2 } };
  }

  for (const { title, hold, reached, savepoints = 1, recorded } of points) {
    it(`end in time ${title}, keep what was done, and go on later`, async () => {
      const scene = await running();
      const { flink, deployment, old, upgrade } = scene;
      const letGo = hold(scene);
      let sent: string[] = [];
      const { failure, tookMs } = await deployment.interrupted(upgrade, async () => {
        await reached(scene);
        sent = mutations(flink);
      });
      assert.match(failure, /Run `pulumi up` again.*FLINK_INTERRUPTED|run `pulumi up` again.*FLINK_INTERRUPTED/);
      assert.ok(tookMs < DONE_WITHIN_MS, `${tookMs} ms`);
      assert.deepEqual(mutations(flink), sent, "nothing more was begun");
      const savepoint = old.checkpoints.find(({ type, status }) => type === "SYNC_SAVEPOINT" && status === "COMPLETED");
      assert.equal(savepoint !== undefined, recorded);
      assert.equal(deployment.outputs.latestSavepoint, savepoint?.path);

      letGo();
      await deployment.apply(upgrade);
      const [now, ...others] = flink.activeJobs();
      assert.deepEqual(others, []);
      assert.equal(now?.parallelism, 2);
      assert.equal(deployment.outputs.jobId, now?.id);
      assert.equal(deployment.outputs.status.state, "RUNNING");
      assert.equal(stopsOf(flink), savepoints);
      assert.equal(flink.storage.repeated(old.lineage), 0);
      assert.equal((await deployment.preview(upgrade)).changes, false);
    });
  }

  it("end in time while the savepoint of a delete is taken, and delete it later with that savepoint", async () => {
    const { flink, deployment, old } = await running();
    flink.settle = { stop: NEVER };
    const { failure, tookMs } = await deployment.interrupted(undefined, () => stopping({ flink }));
    assert.match(failure, /FLINK_INTERRUPTED/);
    assert.ok(tookMs < DONE_WITHIN_MS, `${tookMs} ms`);
    flink.settle = 1;
    flink.settleNow();
    await deployment.remove();
    assert.equal(old.status, "FINISHED");
    assert.equal(stopsOf(flink), 1);
    assert.ok(deployment.lines.some((line) => line.includes(old.latestState?.path ?? "none")));
  });
});
