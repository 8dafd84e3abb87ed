import assert from "node:assert/strict";
import { until } from "../rig/until";
import { CountingApplication } from "./countingApplication";

describe("a FlinkApplication on real pods, when its upgrade fails", function () {
  this.timeout(900_000);

  let application: CountingApplication;

  beforeEach(async () => {
    application = await CountingApplication.open("trouble");
  });

  afterEach(() => application.dispose());

  it("keeps the old job while the new image cannot be pulled, says so, and moves on with one that can", async () => {
    const { pods } = application;
    const before = await application.up({ tag: "v1" });
    await application.written("v1");
    const [clusterId] = await pods.clusterIds();

    const image = "registry.invalid/flink:1.20.0";
    const wrong = application.program({ tag: "v2" }, { image, clusterReadyTimeout: "45 s" });
    const { failure = "it succeeded" } = await pods.stack.up({ program: wrong });
    assert.match(failure, /ErrImagePull|ImagePullBackOff/);
    assert.ok(failure.includes(image), failure);
    const status = await pods.ask(before.service, `/jobs/${before.jobs[0]?.id}/status`);
    assert.deepEqual(status, { status: "RUNNING" });

    await application.up({ tag: "v2" });
    await application.written("v2");
    const onlyOneIsLeft = async (): Promise<boolean> => {
      const ids = await pods.clusterIds();
      return ids.length === 1 && ids[0] !== clusterId;
    };
    await until("the other pods are gone", onlyOneIsLeft, 120_000);
    await pods.destroy(application.program({ tag: "v2" }));
    await application.assertContinuous();
  });

  it("brings the old job back on its old pods when the new one fails, and nothing but it when that is undone", async () => {
    const { pods } = application;
    const before = await application.up({ tag: "v1" });
    await application.written("v1");
    const [clusterId = ""] = await pods.clusterIds();

    const broken = application.program({ tag: "v2", failAtStart: true });
    const { failure = "it succeeded" } = await pods.stack.up({ program: broken });
    assert.match(failure, /Rolled back/);
    assert.ok((await pods.clusterIds()).includes(clusterId), "the old pods are gone");
    const { jobs } = await pods.ask<{ jobs: { status: string }[] }>(before.service, "/jobs");
    assert.deepEqual(
      jobs.map(({ status }) => status).sort(),
      ["FINISHED", "RUNNING"],
      "on the old cluster: the job that was stopped, and the one that took its place",
    );

    const failed = (await pods.clusterIds()).filter((id) => id !== clusterId);
    const undone = await application.up({ tag: "v1" });
    const onlyTheNewest = async (): Promise<boolean> => {
      const ids = await pods.clusterIds();
      return ids.length === 1 && ids[0] !== clusterId && !failed.includes(ids[0] ?? "");
    };
    await until("the other pods are gone", onlyTheNewest, 120_000);
    assert.deepEqual(await pods.rememberedClusters(), await pods.clusterIds());
    await pods.endJobManager();
    await until("the job is back", () => pods.isRunning(undone.service, undone.jobs[0]?.id), 180_000);
    const { jobs: left } = await pods.ask<{ jobs: { id: string }[] }>(undone.service, "/jobs");
    assert.deepEqual(
      left.map(({ id }) => id),
      [undone.jobs[0]?.id],
      "a job that failed, or had moved away, was brought back",
    );
    await pods.destroy(application.program({ tag: "v1" }));
    await application.assertContinuous();
    assert.deepEqual(await pods.rememberedClusters(), []);
  });

  it("says that its image has no such jar, in Kubernetes' words", async () => {
    const artifact = { jarUri: "local:///opt/flink/usrlib/missing.jar", entryClass: "org.example.Main" };
    const wrong = application.program({}, { artifact, clusterReadyTimeout: "45 s" });
    const { failure = "it succeeded" } = await application.pods.stack.up({ program: wrong });
    assert.match(failure, /PostStartHook/);
    await application.pods.destroy(wrong);
  });
});
