import assert from "node:assert/strict";
import { clusterFacts, machinesOf } from "../../../provider/deployment/clusterFacts";

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
