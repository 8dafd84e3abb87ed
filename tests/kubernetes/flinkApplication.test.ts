import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { FlinkApplication, type FlinkApplicationArgs, type JobRecord, type SavepointRecord } from "../../index";
import {
  assertContinuous,
  buildCountingJob,
  COUNTING_ENTRY_CLASS,
  countingArguments,
  readCounts,
  waitForRecords,
} from "../rig/countingJob";
import { COUNTING_JOB_IN_IMAGE } from "../rig/kubernetes";
import type { KubernetesObject } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { PodsStack, SMALL } from "./podsStack";

interface Outputs {
  state: string;
  jobs: JobRecord[];
  savepoints: SavepointRecord[];
}

describe("a FlinkApplication under the real engine", function () {
  this.timeout(900_000);

  let pods: PodsStack;
  let output: string;
  let jar: string;

  before(async () => {
    jar = await buildCountingJob();
  });

  beforeEach(async () => {
    pods = await PodsStack.open("application");
    output = await pods.makeOutput("counts");
  });

  afterEach(() => pods.dispose());

  function programOf(tag: string, changes: Partial<FlinkApplicationArgs>): PulumiFn {
    return pods.program(({ args, opts }) => {
      const own: FlinkApplicationArgs = {
        flinkVersion: "1.20.0",
        resources: SMALL,
        artifact: { jar: new pulumi.asset.FileAsset(jar), mainArgs: countingArguments({ output, tag }) },
        flinkConfiguration: { "execution.checkpointing.interval": "1 s", "web.refresh-interval": 100 },
      };
      const application = new FlinkApplication("orders", { ...args, ...own, ...changes }, opts);
      const { jobs, savepoints } = application.deployment;
      return { state: application.status.state, jobs, savepoints };
    });
  }

  async function up(tag: string, changes: Partial<FlinkApplicationArgs> = {}): Promise<Outputs> {
    await pods.up(programOf(tag, changes));
    return await pods.outputs<Outputs>();
  }

  const written = (tag: string) => waitForRecords(output, (lines) => lines.some((line) => line.tag === tag), 60_000);

  /** When the last of the pods became ready. */
  const readySince = (all: readonly KubernetesObject[]): number => {
    const times = all.map(({ status }) => {
      const { conditions } = status as { conditions: { type: string; status: string; lastTransitionTime: string }[] };
      const ready = conditions.find(({ type, status }) => type === "Ready" && status === "True");
      assert.ok(ready, "a pod is not ready");
      return Date.parse(ready.lastTransitionTime);
    });
    return Math.max(...times);
  };

  const names = (all: readonly KubernetesObject[]): string[] => all.map(({ metadata }) => metadata.name ?? "");

  it("runs a jar of its image without an upload, and is upgraded like any other", async () => {
    const artifact = (tag: string) => ({
      artifact: {
        jarUri: `local://${COUNTING_JOB_IN_IMAGE}`,
        entryClass: COUNTING_ENTRY_CLASS,
        mainArgs: countingArguments({ output, tag }),
      },
    });
    await up("v1", { ...artifact("v1"), jobUpgrade: "SAME_CLUSTER" });
    await written("v1");
    const upgraded = await up("v2", { ...artifact("v2"), jobUpgrade: "SAME_CLUSTER" });
    assert.equal(upgraded.jobs[0]?.restoredFrom, upgraded.savepoints[0]?.path);
    await written("v2");
    await pods.destroy(programOf("v2", artifact("v2")));
    assertContinuous(await readCounts(output));
  });

  it("upgrades onto warm pods, gives all back while it is suspended, and goes on, without a count lost or doubled", async () => {
    await up("v1");
    const first = await pods.pods();
    assert.equal(first.length, 2);
    await written("v1");

    const upgraded = await up("v2");
    const [stop] = upgraded.savepoints;
    assert.equal(upgraded.jobs[0]?.restoredFrom, stop?.path);
    const gone = async (): Promise<boolean> => names(await pods.pods()).every((name) => !names(first).includes(name));
    await until("the old pods are gone", gone, 120_000);
    const second = await pods.pods();
    assert.equal(second.length, 2);
    const stoppedAt = Date.parse(upgraded.jobs[1]?.endTime ?? "");
    assert.ok(readySince(second) < stoppedAt, "the old job was stopped before the new pods were ready");
    await written("v2");

    const suspended = await up("v2", { state: "SUSPENDED" });
    assert.equal(suspended.state, "SUSPENDED");
    await until("no pod is left", async () => (await pods.pods()).length === 0, 120_000);

    const resumed = await up("v3");
    assert.equal(resumed.state, "RUNNING");
    assert.equal(resumed.jobs[0]?.restoredFrom, suspended.savepoints[0]?.path);
    await written("v3");

    await pods.destroy(programOf("v3", {}));
    assertContinuous(await readCounts(output));
  });
});
