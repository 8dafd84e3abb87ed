import assert from "node:assert/strict";
import type { FlinkApplicationArgs } from "../../index";
import { until } from "../rig/until";
import { Bucket } from "./bucket";
import { CountingApplication } from "./countingApplication";
import type { Place } from "./podsStack";
import { folderVolume } from "./volume";

describe("a FlinkApplication whose storage is a bucket", function () {
  this.timeout(900_000);

  let application: CountingApplication;
  let bucket: Bucket;

  beforeEach(async () => {
    application = await CountingApplication.open("bucket");
    bucket = await Bucket.make(application.pods.namespace);
  });

  afterEach(() => application.dispose());

  /** The counts are on the folder, all that Flink keeps in the bucket. */
  const inBucket = ({ args, opts }: Place): Partial<FlinkApplicationArgs> => ({
    flinkVersion: "2.3.0",
    storage: bucket.declareStorage("s3", args.namespace ?? "", opts.provider),
    kubernetes: { volumes: [folderVolume(application.pods.folder.path)] },
  });

  /** Whose data of high availability there is, but for the results of ended jobs, and of Flink 2.3's applications, which may stay. */
  const rememberedClusters = async (): Promise<string[]> => {
    const keys = await bucket.keys("flink/high-availability");
    const names = new Set(keys.map((key) => key.split("/")[2] ?? ""));
    return [...names].filter((name) => !name.endsWith("-result-store"));
  };

  it("survives its JobManager, is upgraded, suspended and resumed with its state, and leaves savepoints alone", async () => {
    const { pods } = application;
    const first = await application.up({ tag: "v1" }, inBucket);
    await application.written("v1");
    assert.deepEqual(await rememberedClusters(), await pods.clusterIds());

    await pods.endJobManager();
    await until("the job is back", () => pods.isRunning(first.service, first.jobs[0]?.id), 180_000);

    const second = await application.up({ tag: "v2" }, inBucket);
    assert.match(second.savepoints[0]?.path ?? "", new RegExp(`^s3://${bucket.name}/flink/savepoints/`));
    assert.equal(second.jobs[0]?.restoredFrom, second.savepoints[0]?.path);
    await application.written("v2");
    assert.deepEqual(await rememberedClusters(), [second.service.replace(/-rest$/, "")]);

    const suspended = await application.up({ tag: "v2" }, (place) => ({ ...inBucket(place), state: "SUSPENDED" }));
    assert.equal(suspended.state, "SUSPENDED");
    assert.deepEqual(await rememberedClusters(), []);
    await until("no pod is left", async () => (await pods.pods()).length === 0, 120_000);

    const resumed = await application.up({ tag: "v3" }, inBucket);
    assert.equal(resumed.jobs[0]?.restoredFrom, suspended.savepoints[0]?.path);
    await application.written("v3");

    await pods.destroy(application.program({ tag: "v3" }, inBucket));
    await application.assertContinuous();
    assert.deepEqual(await rememberedClusters(), []);
    assert.equal((await bucket.savepoints()).length, 3, "of the upgrade, the suspension and the destroy");
  });
});
