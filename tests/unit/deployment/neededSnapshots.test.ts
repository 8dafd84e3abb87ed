import assert from "node:assert/strict";
import { ClusterJobs } from "../../../provider/deployment/clusterJobs";
import { FlinkClient } from "../../../provider/flink/client";
import { FakeFlink, type FakeJob } from "../../rig/fakeFlink";

describe("the snapshots that the jobs of a cluster need", () => {
  let flink: FakeFlink;
  let client: FlinkClient;
  let jobs: ClusterJobs;
  let ahead: number;

  beforeEach(async () => {
    ahead = 0;
    const clock = {
      now: () => Date.now() + ahead,
      sleep: (ms: number) => {
        ahead += ms;
        return Promise.resolve();
      },
    };
    flink = await FakeFlink.start({ now: () => clock.now() });
    client = new FlinkClient({ url: flink.url });
    jobs = new ClusterJobs(client, clock);
    flink.addSnapshot("file:///sp/one", 1);
  });

  afterEach(async () => {
    await client.close();
    await flink.close();
  });

  function started(): FakeJob {
    const job = flink.addJob();
    job.restoreFrom(flink.storage.get("file:/sp/one") ?? assert.fail(), "file:///sp/one");
    return job;
  }

  it("are those that active jobs were started from, until their first checkpoint", async () => {
    const fresh = started();
    started().checkpoint();
    const withSavepoint = started();
    withSavepoint.savepoint("file:/sp/two", "CANONICAL", "SAVEPOINT", false);
    started().end("CANCELED");
    flink.addJob();
    flink.addJob({ jobType: "BATCH" });
    const needed = await jobs.neededSnapshots();
    assert.deepEqual(needed.map(({ jobId }) => jobId).sort(), [fresh.id, withSavepoint.id].sort());
    assert.deepEqual([...new Set(needed.map(({ path }) => path))], ["file:/sp/one"]);
  });

  it("are seen of many jobs", async () => {
    const ids = Array.from({ length: 20 }, () => started().id);
    assert.deepEqual((await jobs.neededSnapshots()).map(({ jobId }) => jobId).sort(), ids.sort());
  });

  it("are seen although a cache shows a job as it was before it was started from anything", async () => {
    flink.refreshIntervalMs = 3_000;
    const job = flink.addJob();
    await client.checkpoints(job.id);
    job.restoreFrom(flink.storage.get("file:/sp/one") ?? assert.fail(), "file:///sp/one");
    assert.deepEqual(await jobs.neededSnapshots(), [{ jobId: job.id, path: "file:/sp/one" }]);
    assert.equal(ahead, 3_000);
  });

  it("are not waited for where no job is young", async () => {
    flink.addJob();
    ahead = 120_000;
    assert.deepEqual(await jobs.neededSnapshots(), []);
    assert.equal(ahead, 120_000);
  });
});
