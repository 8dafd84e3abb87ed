import assert from "node:assert/strict";
import { FlinkClient } from "../../../provider/flink/client";
import {
  BadResponseError,
  JobNotFoundError,
  RequestRejectedError,
  UnauthorizedError,
} from "../../../provider/flink/errors";
import { flinkError, serve, trace, type FakeServer, type Replies } from "./fakeServer";

const JOB = "660c65c7c89080000000000000000001";
const OTHER = "f".repeat(32);
const UNKNOWN_404 = {
  status: 404,
  body: flinkError(
    trace(
      `org.apache.flink.runtime.rest.NotFoundException: Job ${JOB} not found`,
      `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${JOB})`,
    ),
  ),
};
const SUMMARY = {
  jid: JOB,
  name: "CarTopSpeedWindowingExample",
  state: "RUNNING",
  "start-time": 1795254851520,
  "end-time": -1,
  jobType: "STREAMING",
};

describe("what the Flink client reads", () => {
  let server: FakeServer;
  let client: FlinkClient;

  async function given(replies: Replies): Promise<FlinkClient> {
    server = await serve(replies);
    client = new FlinkClient({ url: server.url });
    return client;
  }

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  it("is the overview", async () => {
    await given({
      "GET /overview": {
        body: {
          taskmanagers: 1,
          "slots-total": 4,
          "slots-available": 3,
          "jobs-running": 0,
          "flink-version": "2.3.0",
          "flink-commit": "c0f8d1a",
        },
      },
    });
    assert.deepEqual(await client.overview(), {
      flinkVersion: "2.3.0",
      taskManagers: 1,
      slotsTotal: 4,
      slotsAvailable: 3,
    });
  });

  it("is the cluster's configuration", async () => {
    await given({ "GET /jobmanager/config": { body: [{ key: "taskmanager.cpu.cores", value: "1.0" }] } });
    assert.deepEqual(await client.clusterConfiguration(), { "taskmanager.cpu.cores": "1.0" });
  });

  it("is all jobs, with an end only once they have ended", async () => {
    const active = { ...SUMMARY, tasks: { running: 2, initializing: 1, total: 3 } };
    const ended = { ...active, jid: OTHER, state: "CANCELED", "end-time": 1795254869069 };
    await given({ "GET /jobs/overview": { body: { jobs: [active, ended] } } });
    const jobs = (await client.jobs()).map(({ tasks: { total, running, initializing, finished }, ...job }) => ({
      ...job,
      tasks: [total, running, initializing, finished],
    }));
    const running = {
      id: JOB,
      name: SUMMARY.name,
      status: "RUNNING",
      startTime: 1795254851520,
      tasks: [3, 2, 1, 0],
    };
    assert.deepEqual(jobs, [running, { ...running, id: OTHER, status: "CANCELED", endTime: 1795254869069 }]);
  });

  it("is a job's tasks, summed over its vertices, and the limits of each", async () => {
    const vertices = [
      { parallelism: 2, maxParallelism: 128, tasks: { RUNNING: 2, FINISHED: 0 } },
      { parallelism: 4, maxParallelism: 4, tasks: { RUNNING: 1, INITIALIZING: 3 } },
    ];
    await given({ [`GET /jobs/${JOB}`]: { body: { ...SUMMARY, now: 1795254852000, maxParallelism: -1, vertices } } });
    const job = await client.job(JOB);
    assert.equal(job.now, 1795254852000);
    assert.deepEqual(job.vertices, [
      { parallelism: 2, maxParallelism: 128 },
      { parallelism: 4, maxParallelism: 4 },
    ]);
    assert.equal(job.tasks.total, 6);
    assert.equal(job.tasks.running, 3);
    assert.equal(job.tasks.initializing, 3);
    assert.equal("maxParallelism" in job, false);
  });

  it("is a job's configuration, without the default parallelism", async () => {
    const config = {
      "restart-strategy": "Cluster level default restart strategy",
      "job-parallelism": -1,
      "user-config": { a: "b" },
    };
    await given({ [`GET /jobs/${JOB}/config`]: { body: { jid: JOB, "execution-config": config } } });
    assert.deepEqual(await client.jobConfiguration(JOB), {
      restartStrategy: "Cluster level default restart strategy",
      userConfig: { a: "b" },
    });
  });

  describe("about a job's status", () => {
    it("is one word", async () => {
      await given({ [`GET /jobs/${JOB}/status`]: { body: { status: "INITIALIZING" } } });
      assert.equal(await client.jobStatus(JOB), "INITIALIZING");
    });

    it("comes from the job where Flink has no such route", async () => {
      await given({ [`GET /jobs/${JOB}`]: { body: { ...SUMMARY, now: 1795254852000, vertices: [] } } });
      assert.equal(await client.jobStatus(JOB), "RUNNING");
    });

    it("is that the job is not known, which Flink answers with 500 here", async () => {
      const body = flinkError(
        "Internal server error.",
        `<Exception on server side:\n${trace(`org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${JOB})`)}End of exception on server side>`,
      );
      await given({ [`GET /jobs/${JOB}/status`]: { status: 500, body } });
      await assert.rejects(client.jobStatus(JOB), JobNotFoundError);
      assert.equal(server.seen.length, 1);
    });

    it("is that a word is not one of Flink's", async () => {
      await given({ [`GET /jobs/${JOB}/status`]: { body: { status: "DANCING" } } });
      await assert.rejects(client.jobStatus(JOB), BadResponseError);
    });
  });

  describe("about who is in charge of a job", () => {
    const answered = (className: string) => {
      const text = `<Exception on server side:\n${trace(className)}End of exception on server side>`;
      return { status: 500, body: flinkError("Internal server error.", text) };
    };
    const requirements = `GET /jobs/${JOB}/resource-requirements`;

    it("is that the JobManager is, where the job has requirements", async () => {
      await given({ [requirements]: { body: {} } });
      assert.equal(await client.isInCharge(JOB), true);
    });

    it("is that the JobManager is, where the job has none", async () => {
      await given({ [requirements]: answered("java.lang.UnsupportedOperationException: The DefaultScheduler") });
      assert.equal(await client.isInCharge(JOB), true);
    });

    it("is that nobody is any more", async () => {
      const missing = `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${JOB})`;
      await given({ [requirements]: answered(missing) });
      assert.equal(await client.isInCharge(JOB), false);
    });

    it("is nobody where this Flink does not tell", async () => {
      await given({});
      assert.equal(await client.isInCharge(JOB), false);
    });

    it("is an error where it may not be asked", async () => {
      await given({ [requirements]: { status: 403, body: {} } });
      await assert.rejects(client.isInCharge(JOB), UnauthorizedError);
    });
  });

  it("is a job's checkpoints", async () => {
    const checkpoint = {
      className: "completed",
      id: 3,
      is_savepoint: false,
      savepointFormat: null,
      trigger_timestamp: 1795254854606,
      checkpoint_type: "CHECKPOINT",
      external_path: "file:/cp/chk-3",
      discarded: true,
      state_size: 2048,
    };
    const savepoint = {
      ...checkpoint,
      id: 4,
      is_savepoint: true,
      checkpoint_type: "SYNC_SAVEPOINT",
      external_path: "file:/sp/1",
      discarded: false,
    };
    const restored = { id: 1, restore_timestamp: 1795254939789, is_savepoint: true, external_path: "file:/sp/0" };
    await given({
      [`GET /jobs/${JOB}/checkpoints`]: {
        body: {
          counts: { restored: 1, total: 6, in_progress: 0, completed: 3, failed: 3 },
          summary: { checkpointed_size: { p50: "NaN" } },
          latest: { completed: checkpoint, savepoint, failed: null, restored },
          history: [
            { ...savepoint, id: 5, external_path: "file:/sp/2", checkpoint_type: "SAVEPOINT", state_size: 7 },
            { ...checkpoint, id: 2, external_path: undefined, state_size: 0, failure_message: "declined" },
          ],
        },
      },
    });
    assert.deepEqual(await client.checkpoints(JOB), {
      counts: { completed: 3, failed: 3, restored: 1, inProgress: 0 },
      latest: {
        completed: {
          id: 3,
          path: "file:/cp/chk-3",
          discarded: true,
          triggerTime: 1795254854606,
          isSavepoint: false,
          checkpointType: "CHECKPOINT",
          sizeBytes: 2048,
        },
        savepoint: {
          id: 4,
          path: "file:/sp/1",
          discarded: false,
          triggerTime: 1795254854606,
          isSavepoint: true,
          checkpointType: "SYNC_SAVEPOINT",
          sizeBytes: 2048,
        },
        restored: { id: 1, path: "file:/sp/0", discarded: false, triggerTime: 1795254939789, isSavepoint: true },
      },
      history: [
        {
          id: 5,
          path: "file:/sp/2",
          discarded: false,
          triggerTime: 1795254854606,
          isSavepoint: true,
          checkpointType: "SAVEPOINT",
          sizeBytes: 7,
        },
        {
          id: 2,
          discarded: true,
          triggerTime: 1795254854606,
          isSavepoint: false,
          checkpointType: "CHECKPOINT",
          failureMessage: "declined",
        },
      ],
    });
  });

  it("has no path for a checkpoint in the JobManager's memory", async () => {
    const counts = { restored: 0, in_progress: 0, completed: 1, failed: 0 };
    const completed = {
      id: 1,
      external_path: "<checkpoint-not-externally-addressable>",
      trigger_timestamp: 1,
      discarded: false,
    };
    await given({ [`GET /jobs/${JOB}/checkpoints`]: { body: { counts, latest: { completed } } } });
    assert.equal((await client.checkpoints(JOB))?.latest.completed?.path, undefined);
  });

  for (const words of [
    "Checkpointing has not been enabled.",
    `Checkpointing is not enabled for this job (${JOB}).`,
    `Checkpointing was not enabled for job ${JOB}.`,
  ]) {
    it(`is no checkpoints when Flink says "${words.slice(0, 36)}…"`, async () => {
      const off = {
        status: 404,
        body: flinkError(trace(`org.apache.flink.runtime.rest.handler.RestHandlerException: ${words}`)),
      };
      await given({ [`GET /jobs/${JOB}/checkpoints`]: off, [`GET /jobs/${JOB}/checkpoints/config`]: off });
      assert.equal(await client.checkpoints(JOB), undefined);
      assert.equal(await client.checkpointConfig(JOB), undefined);
    });
  }

  it("is when and how checkpoints are taken and kept", async () => {
    const body = {
      mode: "exactly_once",
      interval: 500,
      timeout: 600000,
      externalization: { enabled: true, delete_on_cancellation: false },
    };
    await given({ [`GET /jobs/${JOB}/checkpoints/config`]: { body } });
    const expected = { intervalMs: 500, timeoutMs: 600000, retainOnCancellation: true, externalized: true };
    assert.deepEqual(await client.checkpointConfig(JOB), expected);
  });

  it("has no interval where Flink's is the largest number it has", async () => {
    const body = `{"interval":9223372036854775807,"timeout":600000,"externalization":{"enabled":false,"delete_on_cancellation":true}}`;
    await given({ [`GET /jobs/${JOB}/checkpoints/config`]: { body } });
    const expected = { timeoutMs: 600000, retainOnCancellation: false, externalized: false };
    assert.deepEqual(await client.checkpointConfig(JOB), expected);
  });

  describe("about a job's failures", () => {
    const stacktrace = trace(
      "org.apache.flink.runtime.client.JobInitializationException: Could not start the JobMaster.",
      "java.io.IOException: gone",
    );
    const entry = {
      exceptionName: "org.apache.flink.runtime.client.JobInitializationException",
      stacktrace,
      timestamp: 7,
      failureLabels: {},
    };

    it("is the root cause and the history", async () => {
      const body = {
        "root-exception": stacktrace,
        timestamp: 7,
        exceptionHistory: { entries: [{ ...entry, taskName: "map (1/1)" }] },
      };
      await given({ [`GET /jobs/${JOB}/exceptions`]: { body } });
      assert.deepEqual(await client.exceptions(JOB), {
        rootCause: "IOException: gone",
        history: [{ time: 7, exceptionName: entry.exceptionName, message: "IOException: gone", taskName: "map (1/1)" }],
      });
    });

    it("is the newest of the history on Flink 2, which has no root exception", async () => {
      await given({
        [`GET /jobs/${JOB}/exceptions`]: { body: { exceptionHistory: { entries: [entry], truncated: false } } },
      });
      assert.equal((await client.exceptions(JOB)).rootCause, "IOException: gone");
    });

    it("is none", async () => {
      const body = { "root-exception": null, exceptionHistory: { entries: [], truncated: false } };
      await given({ [`GET /jobs/${JOB}/exceptions`]: { body } });
      assert.deepEqual(await client.exceptions(JOB), { history: [] });
    });
  });

  it("is how often the job restarted, when there is such a metric", async () => {
    const replies = [[{ id: "numRestarts", value: "2" }], [], [{ id: "numRestarts", value: "NaN" }]];
    await given({ [`GET /jobs/${JOB}/metrics?get=numRestarts`]: (_request, count) => ({ body: replies[count] }) });
    assert.deepEqual(
      [await client.numRestarts(JOB), await client.numRestarts(JOB), await client.numRestarts(JOB)],
      [2, undefined, undefined],
    );
  });

  it("is that a job is not known, on every route about it", async () => {
    const routes = ["", "/config", "/checkpoints", "/checkpoints/config", "/exceptions"];
    await given(Object.fromEntries(routes.map((route) => [`GET /jobs/${JOB}${route}`, UNKNOWN_404])));
    const reads = [
      client.job(JOB),
      client.jobConfiguration(JOB),
      client.checkpoints(JOB),
      client.checkpointConfig(JOB),
      client.exceptions(JOB),
    ];
    for (const read of reads) {
      await assert.rejects(read, (error) => error instanceof JobNotFoundError && error.jobId === JOB);
    }
  });

  it("encodes an id into one segment of the path", async () => {
    await given({});
    await assert.rejects(client.job("a/../b?c"), RequestRejectedError);
    assert.equal(server.seen[0]?.url, "/jobs/a%2F..%2Fb%3Fc");
  });

  for (const id of ["", ".", ".."]) {
    it(`asks nothing about ${JSON.stringify(id)}, which is no id`, async () => {
      await given({});
      await assert.rejects(client.job(id), TypeError);
      assert.equal(server.seen.length, 0);
    });
  }

  it("is under the path prefix of the url", async () => {
    server = await serve({ "GET /api/flink/proxy/jobmanager/config": { body: [] } });
    client = new FlinkClient({ url: `${server.url}/api/flink/proxy/` });
    assert.deepEqual(await client.clusterConfiguration(), {});
  });
});
