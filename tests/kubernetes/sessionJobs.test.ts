import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, SessionCluster, type FlinkClusterArgs, type JobRecord } from "../../index";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import type { Run } from "../rig/run";
import { until } from "../rig/until";
import { PodsStack, SMALL } from "./podsStack";

const JOBS = ["clicks", "orders"] as const;

/** By the job's name in Pulumi: its jobs, newest first. */
type Jobs = Record<(typeof JOBS)[number], JobRecord[]>;

describe("the jobs of a SessionCluster on real pods", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let jar: string;
  const counts = new Map<string, string>();

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    pods = await PodsStack.open("jobs");
    for (const name of JOBS) counts.set(name, await pods.makeOutput(`counts-${name}`));
  });

  afterEach(() => pods.dispose());

  const outputOf = (name: string): string => counts.get(name) ?? "";

  function programOf(memory: string, changes: Partial<FlinkClusterArgs>): PulumiFn {
    return pods.program(({ args, opts }) => {
      const own: FlinkClusterArgs = {
        flinkVersion: "1.20.0",
        slotsPerTaskManager: 2,
        resources: { ...SMALL, taskManager: { cpu: "100m", memory } },
        flinkConfiguration: { "web.refresh-interval": 100 },
      };
      const cluster = new SessionCluster("shared", { ...args, ...own, ...changes }, opts);
      const jobs = JOBS.map((name) => {
        const deployment = new FlinkDeployment(name, {
          cluster,
          artifact: {
            jar: new pulumi.asset.FileAsset(jar),
            mainArgs: countingArguments({ output: outputOf(name), tag: name }),
          },
          flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
        });
        return [name, deployment.jobs] as const;
      });
      return { ...Object.fromEntries(jobs), service: cluster.serviceName };
    });
  }

  const up = (memory: string, changes: Partial<FlinkClusterArgs> = {}): Promise<Run> =>
    pods.up(programOf(memory, changes));

  const idsOf = (jobs: Jobs): (string | undefined)[] => JOBS.map((name) => jobs[name][0]?.id);

  it("come back by their ids when pods die, could not start or are restarted, and all move to a cluster that replaces theirs", async () => {
    await up("1g");
    const first = await pods.outputs<Jobs & { service: string }>();
    const clusterId = await pods.clusterIds();
    for (const name of JOBS) await waitForRecords(outputOf(name), (lines) => lines.length > 0, 60_000);

    await pods.endJobManager();
    const isBack = (id: string | undefined): Promise<boolean> => pods.isRunning(first.service, id);
    for (const id of idsOf(first)) await until(`job ${id} is back`, () => isBack(id), 180_000);
    const { changes } = await up("1g");
    assert.deepEqual(Object.keys(changes), ["same"]);

    const tooLittle = { jobManager: { cpu: "100m", memory: "300m" }, taskManager: SMALL.taskManager };
    const starved = { resources: tooLittle, rollout: "IN_PLACE", clusterReadyTimeout: "30 s" } as const;
    const { failure = "it succeeded" } = await pods.stack.up({ program: programOf("1g", starved) });
    assert.match(failure, /container flink-main-container: CrashLoopBackOff/);
    assert.match(failure, /memory/);

    await up("1100m", { rollout: "IN_PLACE" });
    assert.deepEqual(await pods.clusterIds(), clusterId);
    assert.deepEqual(idsOf(await pods.outputs<Jobs>()), idsOf(first));
    for (const id of idsOf(first)) await until(`job ${id} is back again`, () => isBack(id), 180_000);

    await up("1200m");
    const moved = await pods.outputs<Jobs>();
    for (const name of JOBS) {
      assert.notEqual(moved[name][0]?.id, first[name][0]?.id);
      assert.match(moved[name][0]?.restoredFrom ?? "", /\/savepoints\//);
    }
    const isReplaced = async (): Promise<boolean> => {
      const ids = await pods.clusterIds();
      return ids.length === 1 && ids[0] !== clusterId[0];
    };
    await until("the old pods are gone", isReplaced, 120_000);

    await pods.destroy(programOf("1200m", {}));
    for (const name of JOBS) assertContinuous(await readCounts(outputOf(name)));
  });
});
