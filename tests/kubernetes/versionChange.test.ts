import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkDeployment, SessionCluster, type JobRecord } from "../../index";
import { assertContinuous, buildCountingJob, countingArguments, readCounts, waitForRecords } from "../rig/countingJob";
import { PodsStack, SMALL } from "./podsStack";

/** The job whose state 2.3 reads, and the one whose FileSink it cannot take over from 1.20. */
const JOBS = ["plain", "files"] as const;

describe("another Flink version of a SessionCluster on real pods", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let jar: string;
  const counts = new Map<string, string>();

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    pods = await PodsStack.open("version");
    for (const name of JOBS) counts.set(name, await pods.makeOutput(`counts-${name}`));
  });

  afterEach(() => pods.dispose());

  const programOf = (flinkVersion: string): PulumiFn =>
    pods.program(({ args, opts }) => {
      const own = { flinkVersion, slotsPerTaskManager: 2, resources: SMALL };
      const flinkConfiguration = { "web.refresh-interval": 100 };
      const cluster = new SessionCluster("shared", { ...args, ...own, flinkConfiguration }, opts);
      for (const name of JOBS) {
        const output = counts.get(name) ?? "";
        const mainArgs = countingArguments({ output, tag: flinkVersion, plainFiles: name === "plain" });
        new FlinkDeployment(name, {
          cluster,
          artifact: { jar: new pulumi.asset.FileAsset(jar), mainArgs },
          flinkConfiguration: { "execution.checkpointing.interval": "1 s", "restart-strategy.type": "none" },
          maxJobCreationAttempts: 1,
        });
      }
      return {};
    });

  const jobsOf = async (name: string): Promise<JobRecord[]> =>
    (await pods.stack.exportState()).resource(name).outputs?.["jobs"] as JobRecord[];

  const written = (name: string, version: string): Promise<unknown> =>
    waitForRecords(counts.get(name) ?? "", (lines) => lines.some(({ tag }) => tag === version), 60_000);

  it("takes the state of 1.20 along where 2.3 can read it, and leaves a job where it cannot, in Flink's words", async () => {
    await pods.up(programOf("1.20.0"));
    const [old = ""] = await pods.clusterIds();
    for (const name of JOBS) await written(name, "1.20.0");

    const { failure = "it succeeded" } = await pods.stack.up({ program: programOf("2.3.0") });
    assert.match(failure, /Rolled back/);
    assert.match(failure, /Trying to commit incomplete batch of committables/);
    const [moved, stopped] = await jobsOf("plain");
    assert.match(moved?.restoredFrom ?? "", /\/savepoints\//);
    assert.equal(stopped?.state, "TERMINATED");
    await written("plain", "2.3.0");
    const stays = await jobsOf("files");
    assert.deepEqual(await pods.runningJobs(`${old}-rest`), [stays[0]?.id]);

    await pods.destroy(programOf("2.3.0"));
    for (const name of JOBS) assertContinuous(await readCounts(counts.get(name) ?? ""));
  });
});
