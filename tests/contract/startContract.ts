import assert from "node:assert/strict";
import { newId, RETAINED, type ContractCluster } from "./cluster";
import { assertError, assertFields, at, eventually, list, text } from "./http";
import * as shapes from "./shapes";

/** What Flink says to a submission. */
export function describeStarts(current: () => ContractCluster): void {
  it("runs a job under the id that the client chose", async () => {
    const jobId = newId();
    const answer = await current().run({ jobId, entryClass: "pulumiflink.counting.OtherMain" });
    assert.equal(answer.status, 200);
    const newer = current().subject.version === "2.3.0";
    assert.deepEqual(answer.body, newer ? { jobid: jobId, applicationId: jobId } : { jobid: jobId });
    await current().tasksRunning(jobId);
  });

  it("chooses an id where the client does not", async () => {
    const answer = await current().run({});
    assert.match(text(answer.body, "jobid"), /^[0-9a-f]{32}$/);
  });

  it("refuses a body that it cannot read, and ignores fields that it does not know", async () => {
    const unreadable = [
      { jobId: "zz" },
      { claimMode: "ZZ" },
      { restoreMode: "ZZ" },
      { parallelism: "many" },
      "not JSON",
    ];
    for (const body of unreadable) {
      const answer = await current().send("POST", `/jars/${await current().jarId()}/run`, body);
      assertError(answer, 400, /Request did not match expected format JarRunRequestBody\./);
    }
    assert.equal((await current().run({ noSuchField: 1 })).status, 200);
  });

  it("takes main arguments in one string on 1.20, and ignores them on 2.x", async () => {
    const programArgs = `--output ${current().subject.savepoints}/lines --main-throws`;
    const answer = await current().run({ programArgs, programArgsList: undefined });
    const received = /main-throws|throws/i.test(answer.text) && !/--output is missing/.test(answer.text);
    assert.equal(received && answer.status === 400, current().subject.version === "1.20.0", answer.text);
  });

  it("names an entry class that is not in the jar", async () => {
    const answer = await current().run({ entryClass: "nope.Nope" });
    assertError(answer, 500, /The program's entry point class 'nope\.Nope' was not found in the jar file\./);
    assertError(answer, 500, /^Internal server error\./, /ClassNotFoundException: nope\.Nope/);
  });

  it("shows what the main method threw, and does not use up the id", async () => {
    const jobId = newId();
    for (const attempt of [1, 2]) {
      const answer = await current().run({ jobId }, ["--main-throws"]);
      assertError(answer, 400, /RestHandlerException: Could not execute application\./);
      assertError(answer, 400, /ProgramInvocationException: The main method caused an error: /, /Caused by: /);
      assert.equal((await current().get(`/jobs/${jobId}`)).status, 404, `attempt ${String(attempt)}`);
    }
    assert.equal((await current().run({ jobId })).status, 200);
  });

  it("refuses a parallelism of 0", async () => {
    assertError(await current().run({ parallelism: 0 }), 400, /Parallelism must be at least one/);
  });

  it("refuses an id that it has had, whether that job runs or has ended", async () => {
    const jobId = await current().start({ jobId: newId() });
    const known =
      current().subject.version === "2.3.0"
        ? /\.DuplicateApplicationSubmissionException: Application has already been submitted\./
        : /\.DuplicateJobSubmissionException: Job has already been submitted\./;
    const refused = /The main method caused an error: Failed to execute job '/;
    assertError(await current().run({ jobId }), 400, /Could not execute application\./, refused, known);
    await current().send("PATCH", `/jobs/${jobId}`);
    await current().status(jobId, "CANCELED");
    assertError(await current().run({ jobId }), 400, refused, known);
  });

  it("leaves a failed job where a snapshot is missing", async () => {
    const jobId = newId();
    const savepointPath = `${current().subject.savepoints}/no-such-savepoint`;
    const missing =
      /java\.io\.FileNotFoundException: Cannot find checkpoint or savepoint file\/directory '.*\/no-such-savepoint' on file system 'file'\./;
    const answer = await current().run({ jobId, savepointPath, flinkConfiguration: RETAINED });
    assertError(answer, 400, /JobInitializationException: Could not start the JobMaster\./, missing);
    await current().status(jobId, "FAILED");
    const job = (await current().get(`/jobs/${jobId}`)).body;
    assertFields(job, shapes.jobDetail(current().subject.version));
    assert.deepEqual(at(job, "vertices"), []);
    const exceptions = (await current().get(`/jobs/${jobId}/exceptions`)).body;
    const [entry] = list(exceptions, "exceptionHistory", "entries");
    assert.match(text(entry, "exceptionName"), /\.JobInitializationException$/);
    assert.match(text(entry, "stacktrace"), missing);
    assertError(
      await current().send("PATCH", `/jobs/${jobId}`),
      409,
      /Job cancellation failed because the job has already reached another terminal state \(FAILED\)\./,
    );
    assertError(await current().run({ jobId }), 400, /Duplicate(Job|Application)SubmissionException/);
  });

  it("starts from a savepoint, and counts its checkpoints on", async () => {
    const location = await current().stopped(await current().start());
    const id = await current().start({ savepointPath: location, claimMode: "NO_CLAIM", allowNonRestoredState: false });
    const { body } = await current().completed(id, 1);
    const restored = at(body, "latest", "restored");
    assertFields(restored, shapes.RESTORED);
    assert.equal(at(restored, "external_path"), location);
    assert.equal(at(restored, "is_savepoint"), true);
    assert.equal(at(body, "counts", "restored"), 1);
    assert.ok(Number(at(body, "latest", "completed", "id")) > Number(at(restored, "id")));
  });

  it("restores state with no more subtasks than it has key groups, and with no other number of those", async () => {
    const withGroups = (number: number) => ({ ...RETAINED, "pipeline.max-parallelism": String(number) });
    const id = await current().start({ flinkConfiguration: withGroups(1) });
    const vertices = list((await current().get(`/jobs/${id}`)).body, "vertices");
    assert.ok(vertices.every((vertex) => at(vertex, "maxParallelism") === 1));
    const savepointPath = await current().stopped(id);
    const mismatch = /JobInitializationException: Could not start the JobMaster\./;
    const wide = await current().run({ savepointPath, parallelism: 2, flinkConfiguration: RETAINED });
    assertError(
      wide,
      400,
      mismatch,
      /The maximum parallelism \(1\) of the restored state is lower than the configured/,
    );
    const other = await current().run({ savepointPath, flinkConfiguration: withGroups(2) });
    assertError(other, 400, mismatch, /Max parallelism mismatch between checkpoint\/savepoint state and new program/);
    const again = await current().start({ savepointPath });
    const [vertex] = list((await current().get(`/jobs/${again}`)).body, "vertices");
    assert.equal(at(vertex, "maxParallelism"), 1);
  });

  it("starts from a retained checkpoint, whichever way its path is written", async () => {
    const first = await current().start();
    await current().completed(first, 1);
    await current().send("PATCH", `/jobs/${first}`);
    await current().status(first, "CANCELED");
    let path = "";
    // Of a job that has just ended Flink may still show a view whose checkpoint is gone.
    const started = await eventually(
      async () => {
        const { body } = await current().get(`/jobs/${first}/checkpoints`);
        path = text(body, "latest", "completed", "external_path");
        assert.match(path, /^file:\/[^/].*\/chk-\d+$/);
        const savepointPath = path.replace(/^file:\//, "file:///");
        return await current().run({ flinkConfiguration: RETAINED, savepointPath });
      },
      ({ status }) => status === 200,
    );
    const id = text(started.body, "jobid");
    await current().tasksRunning(id);
    const restored = at((await current().get(`/jobs/${id}/checkpoints`)).body, "latest", "restored");
    assert.equal(at(restored, "external_path"), path);
    // Flink calls whatever a start was given a savepoint.
    assert.equal(at(restored, "is_savepoint"), true);
  });

  it("deletes a snapshot that it has claimed when it has newer ones, and leaves others alone", async () => {
    const location = await current().stopped(await current().start());
    const dispose = async (): Promise<string> => {
      const started = await current().send("POST", "/savepoint-disposal", { "savepoint-path": location });
      const { text: answer } = await eventually(
        () => current().get(`/savepoint-disposal/${text(started.body, "request-id")}`),
        ({ body }) => at(body, "status", "id") === "COMPLETED",
      );
      return answer;
    };
    const unclaimed = await current().start({ savepointPath: location, claimMode: "NO_CLAIM" });
    await current().completed(unclaimed, 3);
    await current().send("PATCH", `/jobs/${unclaimed}`);
    const claimed = await current().start({ savepointPath: location, claimMode: "CLAIM" });
    await current().completed(claimed, 3);
    assert.match(await dispose(), /FileNotFoundException/);
  });
}
