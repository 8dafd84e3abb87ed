import assert from "node:assert/strict";
import { COUNTING_ENTRY_CLASS } from "../rig/countingJob";
import { COUNTING_JOB_IN_IMAGE } from "../rig/kubernetes";
import type { KubernetesObject } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { CountingApplication } from "./countingApplication";
import { SMALL } from "./podsStack";
import { readySince, startSeconds } from "./podTimes";

describe("a FlinkApplication under the real engine", function () {
  this.timeout(900_000);

  let application: CountingApplication;

  beforeEach(async () => {
    application = await CountingApplication.open("application");
  });

  afterEach(() => application.dispose());

  const names = (all: readonly KubernetesObject[]): string[] => all.map(({ metadata }) => metadata.name ?? "");

  it("runs a jar of its image without an upload, and is upgraded like any other", async () => {
    const changes = (tag: string) => ({
      artifact: {
        jarUri: `local://${COUNTING_JOB_IN_IMAGE}`,
        entryClass: COUNTING_ENTRY_CLASS,
        mainArgs: application.mainArgs({ tag }),
      },
      jobUpgrade: "SAME_CLUSTER" as const,
    });
    await application.up({}, changes("v1"));
    await application.written("v1");
    const upgraded = await application.up({}, changes("v2"));
    assert.equal(upgraded.jobs[0]?.restoredFrom, upgraded.savepoints[0]?.path);
    await application.written("v2");
    await application.pods.destroy(application.program({}, changes("v2")));
    await application.assertContinuous();
  });

  it("upgrades onto warm pods of another image and size, and gives all back while it is suspended or cancelled, without a count lost or doubled", async () => {
    const { pods } = application;
    const noPodIsLeft = () => until("no pod is left", async () => (await pods.pods()).length === 0, 120_000);
    const changed = {
      // The same by its full name.
      image: "docker.io/library/flink:1.20.0",
      resources: { ...SMALL, taskManager: { ...SMALL.taskManager, memory: "1100m" } },
    };
    await application.up({ tag: "v1" });
    const first = await pods.pods();
    assert.equal(first.length, 2);
    await application.written("v1");

    const upgraded = await application.up({ tag: "v2" }, changed);
    const [stop] = upgraded.savepoints;
    assert.equal(upgraded.jobs[0]?.restoredFrom, stop?.path);
    const gone = async (): Promise<boolean> => names(await pods.pods()).every((name) => !names(first).includes(name));
    await until("the old pods are gone", gone, 120_000);
    const second = await pods.pods();
    assert.equal(second.length, 2);
    const stoppedAt = Date.parse(upgraded.jobs[1]?.endTime ?? "");
    assert.ok(readySince(second) < stoppedAt, "the old job was stopped before the new pods were ready");
    const downtime = (Date.parse(upgraded.runningSince) - stoppedAt) / 1000;
    console.log(
      `      the upgrade stopped the job for ${downtime} s; a pod takes ${startSeconds(second)} s until it is ready`,
    );
    await application.written("v2");

    const suspended = await application.up({ tag: "v2" }, { ...changed, state: "SUSPENDED" });
    assert.equal(suspended.state, "SUSPENDED");
    await noPodIsLeft();

    const resumed = await application.up({ tag: "v3" }, changed);
    assert.equal(resumed.state, "RUNNING");
    assert.equal(resumed.jobs[0]?.restoredFrom, suspended.savepoints[0]?.path);
    await application.written("v3");

    const cancelled = await application.up({ tag: "v3" }, { ...changed, state: "CANCELLED" });
    assert.equal(cancelled.state, "CANCELLED");
    await noPodIsLeft();

    await pods.destroy(application.program({ tag: "v3" }, { ...changed, state: "CANCELLED" }));
    await application.assertContinuous();
  });
});
