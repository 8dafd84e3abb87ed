import * as assert from "node:assert/strict";
import { observedState } from "../../../provider/deployment/observedState";
import type { CheckpointConfig, JobCheckpoints, Snapshot } from "../../../provider/flink/model";

const JOB = "0123456789abcdef0001000123456789";

function checkpoint(id: number, changes: Partial<Snapshot> = {}): Snapshot {
  const path = `file:/state/${id}`;
  return { id, path, discarded: false, isSavepoint: false, triggerTime: id, checkpointType: "CHECKPOINT", ...changes };
}

const RETAINS: CheckpointConfig = { externalized: true, retainOnCancellation: true };

function seen(
  status: "RUNNING" | "FINISHED" | "FAILED" | "CANCELED",
  latest: JobCheckpoints["latest"],
  { config = RETAINS, completed = 2 }: { config?: CheckpointConfig; completed?: number } = {},
) {
  const checkpoints = { counts: { completed }, latest } as JobCheckpoints;
  return observedState({ id: JOB, startTime: 0, status }, checkpoints, config);
}

describe("the state that a job has left", () => {
  it("is its newest checkpoint or savepoint", () => {
    const savepoint = checkpoint(3, { isSavepoint: true, checkpointType: "SAVEPOINT" });
    assert.equal(seen("FAILED", { completed: checkpoint(2), savepoint }).newestState?.path, "file:/state/3");
    assert.equal(seen("FAILED", { completed: checkpoint(4), savepoint }).newestState?.path, "file:/state/4");
  });

  it("is none of an ended job whose checkpoints are discarded", () => {
    const { newestState, completedCheckpoints } = seen("FAILED", { completed: checkpoint(2, { discarded: true }) });
    assert.deepEqual({ newestState, completedCheckpoints }, { newestState: undefined, completedCheckpoints: 2 });
  });

  it("is only a savepoint of a job that has FINISHED, whatever Flink shows of its checkpoints", () => {
    const completed = checkpoint(4);
    assert.equal(seen("FINISHED", { completed }).newestState, undefined);
    const savepoint = checkpoint(3, { isSavepoint: true, checkpointType: "SAVEPOINT" });
    assert.equal(seen("FINISHED", { completed, savepoint }).newestState?.path, "file:/state/3");
  });

  it("is not a stop's when the job went on after that stop's savepoint, and FINISHED later by itself", () => {
    const savepoint = checkpoint(3, { isSavepoint: true, checkpointType: "SYNC_SAVEPOINT" });
    assert.equal(seen("FINISHED", { completed: checkpoint(2), savepoint }).endedByStop, true);
    assert.equal(seen("FINISHED", { completed: checkpoint(4), savepoint }).endedByStop, false);
  });

  it("is there while a job runs, though Flink's view is older than the discarding of its newest checkpoint", () => {
    const { newestState } = seen("RUNNING", { completed: checkpoint(2, { discarded: true }) });
    assert.equal(newestState?.origin, "RETAINED_CHECKPOINT");
  });

  it("is no checkpoint without a path, and no discarded savepoint, while a job runs", () => {
    const savepoint = checkpoint(3, { isSavepoint: true, discarded: true });
    assert.equal(seen("RUNNING", { completed: checkpoint(2, { path: undefined }), savepoint }).newestState, undefined);
  });

  it("is the job's own checkpoint that a failover has restored, until it completes another one", () => {
    const restored = checkpoint(7, { path: `file:/checkpoints/${JOB}/chk-7` });
    const none = { completed: 0 };
    const { newestState, completedCheckpoints } = seen("RUNNING", { restored }, none);
    assert.deepEqual(newestState, { path: restored.path, origin: "RETAINED_CHECKPOINT", jobId: JOB });
    assert.equal(completedCheckpoints, 1, "it has committed");
    assert.equal(seen("RUNNING", { restored, completed: checkpoint(8) }).newestState?.path, "file:/state/8");
    const savepoint = checkpoint(9, { isSavepoint: true });
    assert.equal(seen("RUNNING", { restored, savepoint }, none).newestState?.path, "file:/state/9");

    const onFailure = { externalized: true, retainOnCancellation: false };
    const never = { externalized: false, retainOnCancellation: false };
    const left = (status: "FAILED" | "CANCELED" | "FINISHED", config: CheckpointConfig) =>
      seen(status, { restored }, { ...none, config }).newestState?.path;
    assert.equal(left("FAILED", onFailure), restored.path);
    assert.equal(left("CANCELED", RETAINS), restored.path);
    assert.equal(left("CANCELED", onFailure), undefined);
    assert.equal(left("FAILED", never), undefined);
    assert.equal(left("FINISHED", RETAINS), undefined);
  });

  it("was started from what a start was given, which a failover to its own checkpoint hides", () => {
    const restored = (path: string) =>
      seen("FAILED", { restored: { id: 1, path, isSavepoint: false } as JobCheckpoints["latest"]["restored"] });
    assert.equal(restored("file:/savepoints/savepoint-012345-1").restoredFrom, "file:/savepoints/savepoint-012345-1");
    assert.equal(restored(`file:/checkpoints/${JOB}/chk-7`).restoredFrom, undefined);
  });
});
