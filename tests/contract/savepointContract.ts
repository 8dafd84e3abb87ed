import assert from "node:assert/strict";
import { newId, RETAINED, type ContractCluster } from "./cluster";
import { assertError, assertFields, at, eventually, list, text } from "./http";
import * as shapes from "./shapes";

/** What Flink says of savepoints and stops. */
export function describeSavepoints(current: () => ContractCluster): void {
  const path = (id: string): RegExp => new RegExp(`^file:/[^/].*/savepoint-${id.slice(0, 6)}-[0-9a-f]{12}$`);

  it("takes a savepoint while the job goes on, once for each trigger", async () => {
    const id = await current().start();
    const triggerId = newId();
    const started = await current().savepoint(id, triggerId.toUpperCase(), { formatType: "CANONICAL" });
    assert.deepEqual([started.status, started.body], [202, { "request-id": triggerId }]);
    const first = await current().get(`/jobs/${id}/savepoints/${triggerId}`);
    assertFields(first.body, ["status", "operation"]);
    assert.match(text(first.body, "status", "id"), /^(IN_PROGRESS|COMPLETED)$/);
    if (at(first.body, "status", "id") === "IN_PROGRESS") assert.equal(at(first.body, "operation"), null);
    const result = await current().result(id, triggerId);
    assertFields(result, ["location"]);
    assert.match(text(result, "location"), path(id));
    // The key is shared with stop: this starts nothing.
    for (const repeated of [await current().savepoint(id, triggerId), await current().stop(id, triggerId)]) {
      assert.deepEqual([repeated.status, repeated.body], [202, { "request-id": triggerId }]);
    }
    assert.deepEqual(await current().result(id, triggerId), result);
    assert.deepEqual((await current().get(`/jobs/${id}/status`)).body, { status: "RUNNING" });
    const savepoint = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "savepoint");
    assertFields(savepoint, shapes.COMPLETED);
    assert.equal(at(savepoint, "checkpoint_type"), "SAVEPOINT");
    assert.equal(at(savepoint, "is_savepoint"), true);
    assert.equal(at(savepoint, "savepointFormat"), "CANONICAL");
    assert.equal(at(savepoint, "external_path"), text(result, "location"));
  });

  it("stops with a savepoint, and discards the older checkpoints", async () => {
    const id = await current().start();
    await current().completed(id, 1);
    const triggerId = newId();
    const started = await current().stop(id, triggerId, { formatType: "NATIVE" });
    assert.deepEqual([started.status, started.body], [202, { "request-id": triggerId }]);
    const location = text(await current().result(id, triggerId), "location");
    assert.match(location, path(id));
    await current().status(id, "FINISHED");
    const { body } = await eventually(
      () => current().get(`/jobs/${id}/checkpoints`),
      // The statistics are cached: there is a moment that has discarded the one and does not know the other.
      (answer) =>
        at(answer.body, "latest", "completed", "discarded") === true && at(answer.body, "latest", "savepoint") !== null,
    );
    const savepoint = at(body, "latest", "savepoint");
    assertFields(savepoint, shapes.COMPLETED);
    assert.equal(at(savepoint, "checkpoint_type"), "SYNC_SAVEPOINT");
    assert.equal(at(savepoint, "savepointFormat"), "NATIVE");
    assert.equal(at(savepoint, "external_path"), location);
    assert.equal(at(savepoint, "discarded"), false);
    assert.ok(Number(at(savepoint, "id")) > Number(at(body, "latest", "completed", "id")));
    await current().stop(id, triggerId);
    assert.equal(text(await current().result(id, triggerId), "location"), location);
  });

  it("stops a job that takes no checkpoints, too", async () => {
    const id = await current().start({ flinkConfiguration: {} });
    assert.match(await current().stopped(id), path(id));
    await current().status(id, "FINISHED");
  });

  it("acknowledges a stop of a job that is unknown or has ended, and fails it", async () => {
    const ended = await current().start();
    await current().stopped(ended);
    for (const id of [newId(), ended]) {
      const triggerId = newId();
      assert.equal((await current().stop(id, triggerId)).status, 202);
      const failure = at(await current().result(id, triggerId), "failure-cause");
      assertFields(failure, ["class", "stack-trace", "serialized-throwable"]);
      assert.equal(text(failure, "class"), "java.util.concurrent.CompletionException");
      assert.match(text(failure, "stack-trace"), /FlinkJobNotFoundException: Could not find Flink job \(/);
    }
  });

  it("remembers a failure under its trigger, and succeeds under another", async () => {
    const id = await current().start();
    const failing = newId();
    await current().stop(id, failing, { targetDirectory: current().subject.unwritable });
    const result = await current().result(id, failing);
    assertFields(result, ["failure-cause"]);
    assert.match(text(result, "failure-cause", "stack-trace"), /\.checkpoint\.CheckpointException: /);
    await current().stop(id, failing);
    assert.deepEqual(await current().result(id, failing), result);
    assert.deepEqual((await current().get(`/jobs/${id}/status`)).body, { status: "RUNNING" });
    const failed = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "failed");
    assertFields(failed, shapes.FAILED);
    assert.equal(at(failed, "checkpoint_type"), "SYNC_SAVEPOINT");
    assert.match(await current().stopped(id), path(id));
  });

  it("fails the job over when a task declines the savepoint of a stop", async () => {
    const id = await current().start({}, ["--fail-savepoints"]);
    const triggerId = newId();
    await current().stop(id, triggerId);
    const failure = at(await current().result(id, triggerId), "failure-cause");
    assert.match(text(failure, "stack-trace"), /\.checkpoint\.CheckpointException: /);
    await current().status(id, "FAILED");
  });

  it("has a savepoint where the job fails while it stops", async () => {
    const id = await current().start({ flinkConfiguration: { "restart-strategy.type": "none" } }, [
      "--fail-after-checkpoints",
      "1",
    ]);
    const triggerId = newId();
    await current().stop(id, triggerId);
    const failure = text(await current().result(id, triggerId), "failure-cause", "stack-trace");
    assert.match(failure, /\.StopWithSavepointStoppingException: A savepoint has been created at: file:\/\S+, but /);
    assert.match(failure, new RegExp(`the corresponding job ${id} failed during stopping\\.`));
    await current().status(id, "FAILED");
    const savepoint = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "savepoint");
    assert.ok(failure.includes(text(savepoint, "external_path")));
    assert.equal(at(savepoint, "discarded"), false);
  });

  it("cancels after a savepoint where that is asked for", async () => {
    const id = await current().start();
    const triggerId = newId();
    await current().savepoint(id, triggerId, { "cancel-job": true });
    assert.match(text(await current().result(id, triggerId), "location"), path(id));
    await current().status(id, "CANCELED");
    const savepoint = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "savepoint");
    assert.equal(at(savepoint, "checkpoint_type"), "SAVEPOINT");
  });

  it("knows no operation that was not started", async () => {
    const id = await current().start();
    const triggerId = newId();
    const missing = new RegExp(`There is no savepoint operation with triggerId=${triggerId} for job ${id}\\.`);
    assertError(await current().get(`/jobs/${id}/savepoints/${triggerId}`), 404, missing);
    const malformed = await current().get(`/jobs/${id}/savepoints/zz`);
    assertError(malformed, 400, /Cannot resolve path parameter \(triggerid\) from value "zz"\./);
  });

  it("refuses a request that it cannot read", async () => {
    const id = await current().start();
    for (const body of [{ triggerId: "zz" }, { formatType: "ZZ" }, "no JSON"]) {
      const stop = await current().send("POST", `/jobs/${id}/stop`, body);
      assertError(stop, 400, /Request did not match expected format StopWithSavepointRequestBody\./);
      const savepoint = await current().send("POST", `/jobs/${id}/savepoints`, body);
      assertError(savepoint, 400, /Request did not match expected format SavepointTriggerRequestBody\./);
    }
  });

  it("writes to the cluster's directory where the request names none", async () => {
    const id = await current().start();
    const answer = await current().send("POST", `/jobs/${id}/stop`, {});
    assert.equal(answer.status, 202);
    const result = await current().result(id, text(answer.body, "request-id"));
    assert.match(text(result, "location"), path(id));
  });

  it("disposes of a savepoint, so that no job can start from it", async () => {
    const location = await current().stopped(await current().start());
    const dispose = async (savepointPath: string): Promise<unknown> => {
      const started = await current().send("POST", "/savepoint-disposal", { "savepoint-path": savepointPath });
      assert.equal(started.status, 200);
      const { body } = await eventually(
        () => current().get(`/savepoint-disposal/${text(started.body, "request-id")}`),
        (answer) => at(answer.body, "status", "id") === "COMPLETED",
      );
      return at(body, "operation");
    };
    assert.deepEqual(await dispose(location), {});
    const start = await current().run({ savepointPath: location, flinkConfiguration: RETAINED });
    assertError(start, 400, /FileNotFoundException: Cannot find checkpoint or savepoint file\/directory/);
    const failure = at(await dispose(location), "failure-cause");
    assert.equal(text(failure, "class"), "org.apache.flink.util.FlinkException");
    assert.match(text(failure, "stack-trace"), /Could not dispose savepoint .*\nCaused by: .*FileNotFoundException/s);
  });

  it("refuses to dispose of nothing, and knows no disposal that was not started", async () => {
    const nothing = await current().send("POST", "/savepoint-disposal", {});
    assertError(nothing, 400, /Field savepoint-path must not be omitted or be null\./);
    assertError(await current().get(`/savepoint-disposal/${newId()}`), 404, /Operation not found under key/);
  });

  it("shows at most ten entries of history, newest first", async () => {
    const id = await current().start();
    const { body } = await eventually(
      () => current().get(`/jobs/${id}/checkpoints`),
      (answer) => Number(at(answer.body, "counts", "completed")) > 11,
    );
    assert.equal(list(body, "history").length, 10);
  });
}
