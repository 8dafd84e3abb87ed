import assert from "node:assert/strict";
import { FlinkClient, type FlinkClientOptions } from "../../../provider/flink/client";
import {
  ClusterUnreachableError,
  DuplicateJobError,
  JarNotFoundError,
  JobSubmissionError,
  NoSavepointDirectoryError,
  RequestRejectedError,
  SubmissionDisabledError,
} from "../../../provider/flink/errors";
import { flinkError, serve, trace, type FakeServer, type Replies, type Reply } from "./fakeServer";

const JOB = "660c65c7c89080000000000000000001";
const TRIGGER = "66666666666666666666666666666666";
const NOT_FOUND = `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${JOB})`;

function rejection(status: number, ...throwables: string[]): Reply {
  return { status, body: flinkError(trace(...throwables)) };
}

function notExecuted(...causes: string[]): Reply {
  return rejection(
    400,
    "org.apache.flink.runtime.rest.handler.RestHandlerException: Could not execute application.",
    "java.util.concurrent.CompletionException: org.apache.flink.util.FlinkRuntimeException: Could not execute application.",
    ...causes,
  );
}

describe("what the Flink client changes", () => {
  let server: FakeServer;
  let client: FlinkClient;

  async function given(replies: Replies, options?: FlinkClientOptions): Promise<void> {
    server = await serve(replies);
    client = new FlinkClient({ url: server.url }, options);
  }

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  function sentBody(): unknown {
    return JSON.parse(server.seen.at(-1)?.body ?? "") as unknown;
  }

  describe("by running a jar", () => {
    const RUN = "POST /jars/a.jar/run";
    const overview = (version: string): Replies => ({
      "GET /overview": { body: { "flink-version": version, taskmanagers: 1, "slots-total": 1, "slots-available": 1 } },
    });

    it("sends everything it was given", async () => {
      await given({ ...overview("2.3.0"), [RUN]: { body: { jobid: JOB, applicationId: JOB } } });
      const run = {
        jobId: JOB,
        entryClass: "org.example.Main",
        programArgs: ["--a", "b c"],
        parallelism: 2,
        savepointPath: "file:/sp",
        allowNonRestoredState: true,
        flinkConfiguration: { "execution.checkpointing.interval": "1 s" },
      };
      assert.equal(await client.runJar("a.jar", { ...run, claimMode: "NO_CLAIM" }, 5_000), JOB);
      const { programArgs, ...rest } = run;
      assert.deepEqual(sentBody(), { ...rest, programArgsList: programArgs, claimMode: "NO_CLAIM" });
    });

    for (const [version, key] of [
      ["1.17.2", "restoreMode"],
      ["1.19.1-vendor-3", "restoreMode"],
      ["1.20.0", "claimMode"],
      ["2.3.0", "claimMode"],
      ["<unknown>", "claimMode"],
    ] as const) {
      it(`calls the claim mode ${key} on Flink ${version}, which it asks for once`, async () => {
        await given({ ...overview(version), [RUN]: { body: { jobid: JOB } } });
        await client.runJar("a.jar", { jobId: JOB, claimMode: "CLAIM" }, 5_000);
        await client.runJar("a.jar", { jobId: JOB, claimMode: "CLAIM" }, 5_000);
        assert.deepEqual(sentBody(), { jobId: JOB, [key]: "CLAIM" });
        assert.deepEqual(
          server.seen.map(({ method }) => method),
          ["GET", "POST", "POST"],
        );
      });
    }

    for (const throwable of [
      "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.",
      "org.apache.flink.runtime.client.DuplicateApplicationSubmissionException: Application has already been submitted.",
    ]) {
      it(`knows a job id that was used before by ${/Duplicate\w+/.exec(throwable)?.[0]}`, async () => {
        await given({ [RUN]: notExecuted(throwable) });
        await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), (error) => {
          assert.ok(error instanceof DuplicateJobError);
          assert.equal(error.code, "FLINK_DUPLICATE_JOB");
          return error.jobId === JOB;
        });
      });
    }

    it("leaves it open whether a job was started when it was a proxy that answered 500, and no Flink", async () => {
      await given({ [RUN]: { status: 500, body: "<html><title>Upstream took too long</title></html>" } });
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), (error) => {
        assert.ok(error instanceof ClusterUnreachableError && error.outcomeUnknown);
        assert.match(error.message, /answered 500, Upstream took too long\. Whether Flink carried the request out/);
        return true;
      });
    });

    it("says why main() failed, and keeps the whole trace as the cause", async () => {
      await given({
        [RUN]: notExecuted(
          "org.apache.flink.client.program.ProgramInvocationException: The main method caused an error: x",
          "java.lang.IllegalArgumentException: --input is missing",
        ),
      });
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), (error) => {
        assert.ok(error instanceof JobSubmissionError);
        assert.equal(error.rootCause, "IllegalArgumentException: --input is missing");
        assert.match(
          error.message,
          /could not be started: IllegalArgumentException: --input is missing \(POST \/jars\/a\.jar\/run at 127/,
        );
        assert.ok(error.cause instanceof Error && error.cause.message.includes("RestHandlerException"));
        return true;
      });
    });

    it("says that the entry class is not there", async () => {
      await given({
        [RUN]: {
          status: 500,
          body: flinkError(
            "Internal server error.",
            `<Exception on server side:\n${trace("java.util.concurrent.CompletionException: x", "org.apache.flink.client.program.ProgramInvocationException: The program's entry point class 'no.Such' was not found in the jar file.", "java.lang.ClassNotFoundException: no.Such")}End of exception on server side>`,
          ),
        },
      });
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), /ClassNotFoundException: no\.Such/);
    });

    it("says that the jar is gone", async () => {
      const gone =
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Jar file /tmp/flink-web-upload/a.jar does not exist";
      await given({ [RUN]: rejection(500, "java.util.concurrent.CompletionException: x", gone) });
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), JarNotFoundError);
    });

    it("says that Flink takes no jars", async () => {
      await given({});
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), SubmissionDisabledError);
      await assert.rejects(client.jars(), SubmissionDisabledError);
      await assert.rejects(client.deleteJar("a.jar"), SubmissionDisabledError);
      await assert.rejects(client.uploadJar(__filename, "a.jar"), SubmissionDisabledError);
    });

    it("passes on any other refusal", async () => {
      const reason =
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Request did not match expected format JarRunRequestBody.";
      await given({ [RUN]: rejection(400, reason) });
      await assert.rejects(client.runJar("a.jar", { jobId: JOB }, 5_000), (error) => {
        assert.ok(error instanceof RequestRejectedError);
        return error.status === 400 && error.rootCause.startsWith("RestHandlerException: Request did not match");
      });
    });

    it("escapes a jar's id twice where Flink unescapes it twice", async () => {
      await given({});
      await assert.rejects(client.runJar("u_a b+1%.jar", { jobId: JOB }, 5_000));
      assert.equal(server.seen[0]?.url, "/jars/u_a%2520b%252B1%2525.jar/run");
    });
  });

  it("is the list of jars", async () => {
    const file = { id: "u_a.jar", name: "a.jar", uploaded: 1795254850637 };
    const entry = [{ name: "org.example.Main", description: null }];
    await given({
      "GET /jars": {
        body: {
          address: "http://x",
          files: [
            { ...file, entry },
            { ...file, id: "u_b.jar", entry: [] },
          ],
        },
      },
    });
    assert.deepEqual(await client.jars(), [
      { ...file, entryClasses: ["org.example.Main"] },
      { ...file, id: "u_b.jar", entryClasses: [] },
    ]);
  });

  it("is to delete a jar, which may be gone already", async () => {
    const gone =
      "org.apache.flink.runtime.rest.handler.RestHandlerException: File a.jar does not exist in /tmp/flink-web-upload.";
    await given({ "DELETE /jars/a.jar": (_request, count) => (count === 0 ? { body: {} } : rejection(400, gone)) });
    await client.deleteJar("a.jar");
    await client.deleteJar("a.jar");
    assert.equal(server.seen.length, 2);
  });

  describe("by savepoints", () => {
    const STOP = `POST /jobs/${JOB}/stop`;
    const SAVEPOINT = `POST /jobs/${JOB}/savepoints`;

    it("spells the bodies of stop and savepoint as each wants it", async () => {
      const accepted = { status: 202, body: { "request-id": TRIGGER } };
      await given({ [STOP]: accepted, [SAVEPOINT]: accepted });
      await client.stopWithSavepoint(JOB, {
        triggerId: TRIGGER,
        targetDirectory: "file:/sp",
        formatType: "NATIVE",
        drain: true,
      });
      assert.deepEqual(sentBody(), {
        triggerId: TRIGGER,
        targetDirectory: "file:/sp",
        formatType: "NATIVE",
        drain: true,
      });
      await client.triggerSavepoint(JOB, { triggerId: TRIGGER, targetDirectory: "file:/sp", formatType: "CANONICAL" });
      assert.deepEqual(sentBody(), {
        triggerId: TRIGGER,
        "target-directory": "file:/sp",
        formatType: "CANONICAL",
        "cancel-job": false,
      });
    });

    for (const [key, property] of [
      ["execution.checkpointing.savepoint-dir", "targetDirectory"],
      ["state.savepoints.dir", "target-directory"],
    ] as const) {
      it(`says that there is no directory when ${key} is not set`, async () => {
        const reason = `org.apache.flink.runtime.rest.handler.RestHandlerException: Config key [${key}] is not set. Property [${property}] must be provided.`;
        await given({ [STOP]: rejection(400, reason) });
        await assert.rejects(client.stopWithSavepoint(JOB, { triggerId: TRIGGER }), NoSavepointDirectoryError);
      });
    }

    const operation = (reply: Reply): Replies => ({ [`GET /jobs/${JOB}/savepoints/${TRIGGER}`]: reply });
    const failure = (stackTrace: string) => ({
      status: { id: "COMPLETED" },
      operation: {
        "failure-cause": {
          class: "java.util.concurrent.CompletionException",
          "stack-trace": stackTrace,
          "serialized-throwable": "rO0AB",
        },
      },
    });

    it("tells that one is under way", async () => {
      await given(operation({ body: { status: { id: "IN_PROGRESS" }, operation: null } }));
      assert.deepEqual(await client.savepointOperation(JOB, TRIGGER), { kind: "inProgress" });
    });

    it("tells where it is", async () => {
      await given(
        operation({ body: { status: { id: "COMPLETED" }, operation: { location: "file:/sp/savepoint-1" } } }),
      );
      assert.deepEqual(await client.savepointOperation(JOB, TRIGGER), {
        kind: "completed",
        path: "file:/sp/savepoint-1",
      });
    });

    it("tells that Flink knows of none", async () => {
      const words = `There is no savepoint operation with triggerId=${TRIGGER} for job ${JOB}.`;
      await given(operation(rejection(404, `org.apache.flink.runtime.rest.handler.RestHandlerException: ${words}`)));
      assert.deepEqual(await client.savepointOperation(JOB, TRIGGER), { kind: "unknown" });
    });

    it("tells why it failed, also when the job is not known: that trigger id is used up", async () => {
      await given(operation({ body: failure(trace("java.util.concurrent.CompletionException: x", NOT_FOUND)) }));
      const result = await client.savepointOperation(JOB, TRIGGER);
      assert.ok(result.kind === "failed");
      assert.equal(result.reason, `FlinkJobNotFoundException: Could not find Flink job (${JOB})`);
      assert.equal(result.savepointPath, undefined);
      assert.match(result.cause.message, /^java\.util\.concurrent/);
    });

    it("tells the path of a savepoint that is complete though the job did not stop", async () => {
      const stopping = `org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has been created at: file:/sp/savepoint-2, but the corresponding job ${JOB} failed during stopping. The savepoint is consistent.`;
      await given(
        operation({
          body: failure(trace("java.util.concurrent.CompletionException: x", stopping, "java.lang.Exception: sink")),
        }),
      );
      const result = await client.savepointOperation(JOB, TRIGGER);
      assert.ok(result.kind === "failed");
      assert.equal(result.savepointPath, "file:/sp/savepoint-2");
      assert.equal(result.reason, "Exception: sink");
    });

    it("does not take a missing route for a missing operation", async () => {
      await given({});
      await assert.rejects(client.savepointOperation(JOB, TRIGGER), RequestRejectedError);
    });
  });

  describe("by disposing of a savepoint", () => {
    const operation = (reply: Reply): Replies => ({ [`GET /savepoint-disposal/${TRIGGER}`]: reply });
    const failure = (...throwables: string[]): Reply => ({
      body: { status: { id: "COMPLETED" }, operation: { "failure-cause": { "stack-trace": trace(...throwables) } } },
    });
    const NOT_DISPOSED = "org.apache.flink.util.FlinkException: Could not dispose savepoint file:/sp/savepoint-1.";

    it("names its path, and gives the id that Flink chose", async () => {
      await given({ "POST /savepoint-disposal": { body: { "request-id": TRIGGER } } });
      assert.equal(await client.disposeSavepoint("file:/sp/savepoint-1"), TRIGGER);
      assert.deepEqual(sentBody(), { "savepoint-path": "file:/sp/savepoint-1" });
    });

    for (const [title, reply, expected] of [
      ["is under way", { body: { status: { id: "IN_PROGRESS" }, operation: null } }, { kind: "inProgress" }],
      ["is done", { body: { status: { id: "COMPLETED" }, operation: {} } }, { kind: "completed" }],
      [
        "found nothing to delete",
        failure(
          NOT_DISPOSED,
          "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory 'file:/sp/savepoint-1' on file system 'file'.",
        ),
        { kind: "missing" },
      ],
      [
        "failed",
        failure(NOT_DISPOSED, "java.nio.file.AccessDeniedException: /sp"),
        { kind: "failed", reason: "AccessDeniedException: /sp" },
      ],
      [
        "is forgotten",
        rejection(404, "org.apache.flink.runtime.rest.NotFoundException: Operation not found under key: K@1f"),
        { kind: "unknown" },
      ],
    ] as const satisfies readonly (readonly [string, Reply, unknown])[]) {
      it(`tells that one ${title}`, async () => {
        await given(operation(reply));
        assert.deepEqual(await client.disposalOperation(TRIGGER), expected);
      });
    }

    it("does not take a missing route for a forgotten one", async () => {
      await given({});
      await assert.rejects(client.disposalOperation(TRIGGER), RequestRejectedError);
      await assert.rejects(client.disposeSavepoint("file:/sp"), RequestRejectedError);
    });
  });

  describe("by cancelling", () => {
    const CANCEL = `PATCH /jobs/${JOB}?mode=cancel`;
    const ended =
      "org.apache.flink.runtime.rest.handler.RestHandlerException: Job cancellation failed because the job has already reached another terminal state (FINISHED).";
    const missing = "org.apache.flink.runtime.rest.handler.RestHandlerException: Job could not be found.";
    for (const [outcome, reply] of [
      ["accepted", { status: 202, body: {} }],
      ["alreadyEnded", rejection(409, ended)],
      ["unknown", rejection(404, missing, NOT_FOUND)],
    ] as const) {
      it(`tells that it is ${outcome}`, async () => {
        await given({ [CANCEL]: reply });
        assert.equal(await client.cancel(JOB), outcome);
      });
    }

    it("does not take a proxy's 404 for a missing job", async () => {
      await given({ [CANCEL]: { status: 404, body: "<html><head><title>404 Not Found</title></head></html>" } });
      await assert.rejects(client.cancel(JOB), /answered 404: 404 Not Found/);
    });
  });

  describe("is asked for before it is sent", () => {
    it("once for every request that is not a read", async () => {
      let asked = 0;
      const accepted = { status: 202, body: {} };
      await given(
        {
          [`POST /jobs/${JOB}/stop`]: accepted,
          [`PATCH /jobs/${JOB}?mode=cancel`]: accepted,
          "DELETE /jars/a.jar": accepted,
          "GET /jobmanager/config": { body: [] },
        },
        {
          beforeMutation: () => Promise.resolve(void asked++),
        },
      );
      await client.clusterConfiguration();
      assert.equal(asked, 0);
      await client.stopWithSavepoint(JOB, { triggerId: TRIGGER });
      await client.cancel(JOB);
      await client.deleteJar("a.jar");
      assert.equal(asked, 3);
    });

    it("and is not sent when the answer is no", async () => {
      const no = new Error("the engine is gone");
      await given({}, { beforeMutation: () => Promise.reject(no) });
      const attempts = [
        () => client.cancel(JOB),
        () => client.runJar("a.jar", { jobId: JOB }, 5_000),
        () => client.uploadJar(__filename, "a.jar"),
        () => client.deleteJar("a.jar"),
        () => client.stopWithSavepoint(JOB, { triggerId: TRIGGER }),
        () => client.triggerSavepoint(JOB, { triggerId: TRIGGER }),
      ];
      for (const attempt of attempts) await assert.rejects(attempt, (error) => error === no);
      assert.equal(server.seen.length, 0);
    });
  });
});
