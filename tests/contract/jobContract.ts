import assert from "node:assert/strict";
import { newId, RETAINED, type ContractCluster } from "./cluster";
import { assertError, assertFields, at, eventually, list, text, type Answer } from "./http";
import * as shapes from "./shapes";

/** What Flink says of a job. */
export function describeJobs(current: () => ContractCluster): void {
  it("answers 404 for an unknown job, but 500 for its status", async () => {
    const id = newId();
    for (const path of ["", "/config", "/exceptions", "/checkpoints", "/checkpoints/config"]) {
      const answer = await current().get(`/jobs/${id}${path}`);
      assertError(answer, 404, new RegExp(`NotFoundException: Job ${id} not found`));
    }
    const status = await current().get(`/jobs/${id}/status`);
    assertError(status, 500, /^Internal server error\./);
    assertError(status, 500, new RegExp(`FlinkJobNotFoundException: Could not find Flink job \\(${id}\\)`));
    assert.deepEqual((await current().get(`/jobs/${id}/metrics?get=numRestarts`)).body, []);
    assertError(await current().send("PATCH", `/jobs/${id}`), 404, /RestHandlerException: Job could not be found\./);
  });

  it("refuses a malformed job id", async () => {
    assertError(await current().get("/jobs/zzz"), 400, /Cannot resolve path parameter \(jobid\) from value "zzz"\./);
  });

  it("describes a running job", async () => {
    const { version, slots } = current().subject;
    const id = await current().start();
    assert.deepEqual((await current().get(`/jobs/${id}/status`)).body, { status: "RUNNING" });
    const jobs = list((await current().get("/jobs")).body, "jobs");
    assert.deepEqual(
      jobs.find((job) => at(job, "id") === id),
      { id, status: "RUNNING" },
    );
    const detail = (await current().get(`/jobs/${id}`)).body;
    assertFields(detail, shapes.jobDetail(version));
    assertFields(at(detail, "timestamps"), shapes.JOB_STATES);
    assertFields(at(detail, "status-counts"), shapes.TASK_STATES);
    assert.equal(at(detail, "state"), "RUNNING");
    assert.equal(at(detail, "end-time"), -1);
    for (const vertex of list(detail, "vertices")) {
      assertFields(vertex, shapes.VERTEX);
      assertFields(at(vertex, "tasks"), shapes.TASK_STATES);
      assert.equal(at(vertex, "tasks", "RUNNING"), 1);
    }
    const overview = list((await current().get("/jobs/overview")).body, "jobs").find((job) => at(job, "jid") === id);
    assertFields(overview, shapes.jobOverview(version));
    assertFields(at(overview, "tasks"), [...shapes.TASK_STATES.map((state) => state.toLowerCase()), "total"]);
    assert.equal(at(overview, "tasks", "running"), at(overview, "tasks", "total"));
    const free = at((await current().get("/overview")).body, "slots-available");
    assert.equal(free, slots - 1);
  });

  it("describes a job's configuration and its lack of exceptions", async () => {
    const { version } = current().subject;
    const id = await current().start();
    const config = (await current().get(`/jobs/${id}/config`)).body;
    assertFields(config, ["jid", "name", "execution-config"]);
    assertFields(at(config, "execution-config"), shapes.executionConfig(version));
    assert.equal(at(config, "execution-config", "job-parallelism"), 1);
    const exceptions = (await current().get(`/jobs/${id}/exceptions`)).body;
    assertFields(exceptions, shapes.exceptions(version));
    assert.deepEqual(at(exceptions, "exceptionHistory"), { entries: [], truncated: false });
  });

  it("counts a job's restarts in a metric", async () => {
    const id = await current().start();
    const metrics = await eventually(
      () => current().get(`/jobs/${id}/metrics?get=numRestarts,noSuchMetric`),
      ({ body }) => list(body).length > 0,
    );
    assert.deepEqual(metrics.body, [{ id: "numRestarts", value: "0" }]);
  });

  it("keeps the failures that a job was restarted after, newest first, with their times", async () => {
    const flinkConfiguration = {
      "restart-strategy.type": "fixed-delay",
      "restart-strategy.fixed-delay.attempts": "1000",
      "restart-strategy.fixed-delay.delay": "10 ms",
    };
    const run = await current().run({ flinkConfiguration }, ["--rate", "0", "--fail-after", "10"]);
    const id = text(run.body, "jobid");
    const answer = await eventually(
      () => current().get(`/jobs/${id}/exceptions`),
      ({ body }) => list(body, "exceptionHistory", "entries").length >= 3,
    );
    const entries = list(answer.body, "exceptionHistory", "entries");
    const times = entries.map((entry) => Number(at(entry, "timestamp")));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => b - a),
    );
    const { body: detail } = await current().get(`/jobs/${id}`);
    assert.ok(times.every((time) => time >= Number(at(detail, "start-time")) && time <= Number(at(detail, "now"))));
    await eventually(
      () => current().get(`/jobs/${id}/metrics?get=numRestarts`),
      ({ body }) => Number(at(body, 0, "value")) >= entries.length - 1,
    );
  });

  it("keeps no more than sixteen of them", async () => {
    const flinkConfiguration = {
      "restart-strategy.type": "fixed-delay",
      "restart-strategy.fixed-delay.attempts": "1000",
      "restart-strategy.fixed-delay.delay": "1 ms",
    };
    const run = await current().run({ flinkConfiguration }, ["--rate", "0", "--fail-after", "1"]);
    const id = text(run.body, "jobid");
    const restarts = async (): Promise<Answer> => {
      await current().get(`/jobs/${id}/status`);
      return await current().get(`/jobs/${id}/metrics?get=numRestarts`);
    };
    await eventually(restarts, ({ body }) => Number(at(body, 0, "value")) > 16);
    const { body } = await current().get(`/jobs/${id}/exceptions`);
    assert.equal(list(body, "exceptionHistory", "entries").length, 16);
  });

  it("asks a job's own master for its resources, which is there until the job's end is kept", async () => {
    const id = await current().start();
    const requirements = () => current().get(`/jobs/${id}/resource-requirements`);
    assertError(await requirements(), 500, /UnsupportedOperationException: The DefaultScheduler does not support/);
    await current().send("PATCH", `/jobs/${id}`);
    await current().status(id, "CANCELED");
    const gone = new RegExp(`FlinkJobNotFoundException: Could not find Flink job \\(${id}\\)`);
    const { body } = await eventually(requirements, (answer) => gone.test(JSON.stringify(answer.body)));
    assert.match(JSON.stringify(body), /^\{"errors":\["Internal server error\."/);
  });

  it("names the root cause of a failure", async () => {
    const { version } = current().subject;
    const id = text(
      (await current().run({ flinkConfiguration: RETAINED }, ["--fail-after-checkpoints", "1"])).body,
      "jobid",
    );
    await current().status(id, "FAILED");
    const exceptions = (await current().get(`/jobs/${id}/exceptions`)).body;
    assertFields(exceptions, shapes.exceptions(version));
    const [entry] = list(exceptions, "exceptionHistory", "entries");
    for (const field of ["exceptionName", "stacktrace", "timestamp", "failureLabels", "concurrentExceptions"]) {
      assert.notEqual(at(entry, field), undefined, field);
    }
    assert.match(text(entry, "stacktrace"), /\nCaused by: \S+: |^\S+: .*\n\tat /);
    const detail = (await current().get(`/jobs/${id}`)).body;
    assert.equal(at(detail, "state"), "FAILED");
    assert.ok(Number(at(detail, "end-time")) > 0);
    const completed = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "completed");
    assert.equal(at(completed, "discarded"), false);
  });

  it("shows a job that ends by itself as FINISHED", async () => {
    const id = text((await current().run({}, ["--limit", "3"])).body, "jobid");
    await current().status(id, "FINISHED");
    const refused = /terminal state \(FINISHED\)/;
    // For a moment the job's master is still there to take it.
    const cancel = () => current().send("PATCH", `/jobs/${id}`);
    assertError(await eventually(cancel, ({ status }) => status !== 202), 409, refused);
  });

  it("cancels, again and again", async () => {
    const id = await current().start();
    for (const attempt of [1, 2]) {
      const answer = await current().send("PATCH", `/jobs/${id}`);
      assert.deepEqual([answer.status, answer.body], [202, {}], `attempt ${String(attempt)}`);
    }
    await current().status(id, "CANCELED");
    assert.equal((await current().send("PATCH", `/jobs/${id}?mode=cancel`)).status, 202);
    const wrong = await current().send("PATCH", `/jobs/${id}?mode=zz`);
    assertError(wrong, 400, /Cannot resolve query parameter \(mode\) from value "zz"\./);
  });

  it("shows a job without slots as RUNNING, though no task runs", async () => {
    const { slots } = current().subject;
    const id = text((await current().run({ parallelism: slots + 1, flinkConfiguration: RETAINED })).body, "jobid");
    await current().status(id, "RUNNING");
    const vertices = list((await current().get(`/jobs/${id}`)).body, "vertices");
    assert.ok(vertices.length > 0 && vertices.every((vertex) => at(vertex, "status") !== "RUNNING"));
    const triggerId = newId();
    await current().stop(id, triggerId);
    const result = await current().result(id, triggerId);
    assert.match(text(result, "failure-cause", "stack-trace"), /Not all required tasks are currently running\./);
    assert.deepEqual((await current().get(`/jobs/${id}/status`)).body, { status: "RUNNING" });
  });

  it("counts and describes checkpoints", async () => {
    const id = await current().start();
    const { body } = await current().completed(id, 2);
    assertFields(body, shapes.CHECKPOINTS);
    assertFields(at(body, "counts"), shapes.COUNTS);
    assertFields(at(body, "summary"), shapes.SUMMARY);
    assertFields(at(body, "latest"), shapes.LATEST);
    const completed = at(body, "latest", "completed");
    assertFields(completed, shapes.COMPLETED);
    assert.equal(at(completed, "is_savepoint"), false);
    assert.equal(at(completed, "checkpoint_type"), "CHECKPOINT");
    assert.equal(at(completed, "discarded"), false);
    assert.match(text(completed, "external_path"), new RegExp(`^file:/.*/${id}/chk-${String(at(completed, "id"))}$`));
    assert.deepEqual([at(body, "latest", "savepoint"), at(body, "latest", "restored")], [null, null]);
    // Newest first, and only the newest is kept.
    const ids = list(body, "history").map((each) => Number(at(each, "id")));
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => b - a),
    );
    const older = list(body, "history").filter((each) => Number(at(each, "id")) < Number(at(completed, "id")));
    assert.ok(older.every((each) => at(each, "discarded") === true || at(each, "status") !== "COMPLETED"));
  });

  it("describes how a job takes checkpoints", async () => {
    const id = await current().start();
    const config = (await current().get(`/jobs/${id}/checkpoints/config`)).body;
    assertFields(config, shapes.CHECKPOINT_CONFIG);
    assert.equal(at(config, "mode"), "exactly_once");
    assert.equal(at(config, "interval"), 100);
    assert.equal(at(config, "timeout"), 600_000);
    assert.deepEqual(at(config, "externalization"), { enabled: true, delete_on_cancellation: false });
  });

  it("has empty statistics for a job that takes no checkpoints", async () => {
    const id = await current().start({ flinkConfiguration: {} });
    const config = (await current().get(`/jobs/${id}/checkpoints/config`)).body;
    assertFields(config, shapes.CHECKPOINT_CONFIG);
    assert.equal(at(config, "interval"), 2 ** 63);
    assert.deepEqual(at(config, "externalization"), { enabled: false, delete_on_cancellation: true });
    const checkpoints = (await current().get(`/jobs/${id}/checkpoints`)).body;
    assert.deepEqual(at(checkpoints, "counts"), { restored: 0, total: 0, in_progress: 0, completed: 0, failed: 0 });
    assert.deepEqual(at(checkpoints, "history"), []);
  });

  it("keeps a cancelled job's last checkpoint only where it is to be retained", async () => {
    const plain = { "execution.checkpointing.interval": "100 ms" };
    for (const [flinkConfiguration, discarded] of [
      [RETAINED, false],
      [plain, true],
    ] as const) {
      const id = await current().start({ flinkConfiguration });
      await current().completed(id, 1);
      await current().send("PATCH", `/jobs/${id}`);
      await current().status(id, "CANCELED");
      const latest = await eventually(
        () => current().get(`/jobs/${id}/checkpoints`),
        ({ body }) => at(body, "latest", "completed", "discarded") === discarded,
      );
      assertFields(at(latest.body, "latest", "completed"), shapes.COMPLETED);
    }
  });
}
