import assert from "node:assert/strict";
import { clusterFacts, isElastic, machinesOf } from "../../../provider/deployment/clusterFacts";

describe("what a JobManager's configuration says of its cluster", () => {
  it("is where snapshots go, by the newest name of each setting", () => {
    const { savepointDirectory, checkpointDirectory } = clusterFacts({
      "execution.checkpointing.dir": "s3://b/c",
      "state.checkpoints.dir": "s3://b/old",
      "state.savepoints.dir": "s3://b/s",
    });
    assert.equal(checkpointDirectory, "s3://b/c");
    assert.equal(savepointDirectory, "s3://b/s");
    assert.deepEqual(clusterFacts({}), { setsCheckpointInterval: false });
  });

  it("is how long it remembers jobs, and whether another JobManager will know them", () => {
    const memoryOf = (configuration: Record<string, string>) =>
      clusterFacts({ "web.tmpdir": "/tmp/flink-web-1", ...configuration }).memory;
    const hour = {
      jobManager: "/tmp/flink-web-1",
      endedJobsKeptMs: 3_600_000,
      keepsIds: true,
      isHandedOn: false,
      recoversJobs: false,
    };
    const handedOn = { ...hour, isHandedOn: true, recoversJobs: true };
    assert.deepEqual(memoryOf({}), hour);
    assert.deepEqual(memoryOf({ "jobstore.expiration-time": "60" }), { ...hour, endedJobsKeptMs: 60_000 });
    assert.deepEqual(memoryOf({ "jobstore.max-capacity": "10" }), { ...hour, endedJobsKeptMs: 0 });
    const kept = { "job-result-store.delete-on-commit": "false" };
    assert.deepEqual(memoryOf({ "high-availability.type": "zookeeper", ...kept }), handedOn);
    assert.deepEqual(memoryOf({ "high-availability": "kubernetes", ...kept }), handedOn);
    assert.deepEqual(memoryOf(kept), hour, "without high availability nobody reads them");
    assert.deepEqual(memoryOf({ "high-availability.type": "NONE" }), hour);
    assert.equal(clusterFacts({ "web.tmpdir": "/tmp/flink-web-1" }, true).memory?.isHandedOn, true);
  });

  it("is that high availability forgets the ids of ended jobs, where it is not told to keep their results", () => {
    for (const deletes of ["", "true"]) {
      const configuration = { "high-availability.type": "zookeeper", "job-result-store.delete-on-commit": deletes };
      const { memory } = clusterFacts({ "web.tmpdir": "/tmp/flink-web-1", ...configuration });
      assert.deepEqual([memory?.keepsIds, memory?.isHandedOn, memory?.recoversJobs], [false, false, true]);
    }
  });

  it("is whether it gets itself the slots that a job asks for, which an id in Kubernetes alone does not say", () => {
    const id = { "kubernetes.cluster-id": "flink" };
    assert.ok(!isElastic({ ...id, "high-availability.type": "kubernetes" }));
    assert.ok(isElastic({ ...id, "execution.target": "kubernetes-session" }));
    assert.ok(isElastic({ ...id, "kubernetes.internal.jobmanager.entrypoint.class": "o.a.f.k.Entrypoint" }));
    assert.ok(isElastic({ "yarn.application.id": "application_1" }));
    assert.ok(isElastic({ "jobmanager.scheduler": "Adaptive" }));
    assert.ok(!isElastic({}));
  });

  it("is which machines it is on, as far as names and addresses tell", () => {
    const address = (jobManager: string) => ({ "jobmanager.rpc.address": jobManager });
    assert.deepEqual(machinesOf(address("localhost"), ["192.168.1.5"]), ["192.168.1.5"]);
    assert.deepEqual(machinesOf(address("127.0.0.1"), ["127.0.0.1", "127.0.0.1"]), ["127.0.0.1"]);
    assert.deepEqual(machinesOf(address("10.0.0.1"), ["10.0.0.1"]), ["10.0.0.1"]);
    assert.deepEqual(machinesOf(address("jobmanager"), ["10.0.0.5"]), ["jobmanager", "10.0.0.5"]);
    assert.deepEqual(machinesOf({}, ["10.0.0.5", "10.0.0.6"]), ["10.0.0.5", "10.0.0.6"]);
    assert.deepEqual(machinesOf(address("jobmanager"), []), ["jobmanager"]);
  });
});
