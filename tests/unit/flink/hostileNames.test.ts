import assert from "node:assert/strict";
import { FlinkClient } from "../../../provider/flink/client";
import { BadResponseError } from "../../../provider/flink/errors";
import { flinkError, serve, type FakeServer, type Replies } from "./fakeServer";

const JOB = "0123456789abcdef0123456789abcdef";
/** Each would leave its folder or its place in a path, a line or a command. */
const PATHS = [
  "../../x",
  "/etc/passwd",
  "..",
  ".",
  "",
  "a/b.jar",
  "..\\..\\x",
  "a\u0000.jar",
  "a\nb.jar",
  "x".repeat(300),
];
const JOB_IDS = [
  "../../x",
  "..",
  "%2e%2e",
  "",
  `${JOB}/../x`,
  `${JOB};rm -rf ~`,
  JOB.toUpperCase(),
  `${JOB}\n`,
  "$(id)",
];

describe("names that a hostile Flink gives", () => {
  let server: FakeServer;
  let client: FlinkClient;

  async function given(replies: Replies): Promise<void> {
    server = await serve(replies);
    client = new FlinkClient({ url: server.url });
  }

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  /** The answer is refused, with a message that may be shown on a terminal. */
  async function refused(call: Promise<unknown>): Promise<void> {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof BadResponseError, String(error));
      assert.match(error.message, /has not the shape that Flink 1\.17 to 2\.3 gives it/);
      assert.match(error.message, /^[^\p{Cc}]{1,1000}$/u);
      return true;
    });
  }

  for (const id of PATHS) {
    it(`are no jars where they are not the name of one file: ${JSON.stringify(id.slice(0, 20))}`, async () => {
      await given({ "GET /jars": { body: { files: [{ id, name: "job.jar", uploaded: 1, entry: [] }] } } });
      await refused(client.jars());
    });
  }

  for (const filename of ["..", "/tmp/..", "/tmp/", "", "a\u0000.jar", "/tmp/a\nb.jar", `/tmp/${"x".repeat(300)}`]) {
    it(`are no uploaded jar where they are not the name of one file: ${JSON.stringify(filename.slice(0, 20))}`, async () => {
      await given({ "POST /jars/upload": { body: { filename, status: "success" } } });
      await refused(client.uploadJar(__filename, "job.jar"));
    });
  }

  it("of an uploaded jar count by their last part alone", async () => {
    await given({ "POST /jars/upload": { body: { filename: "../../../etc/cron.d/job.jar", status: "success" } } });
    assert.equal(await client.uploadJar(__filename, "job.jar"), "job.jar");
  });

  for (const id of ["%2e%2e", "%2e%2e%2f%2e%2e", "..%2f..", "a?b#c"]) {
    it(`stay one part of the path however often it is decoded before Flink: ${id}`, async () => {
      await given({ [`DELETE /jars/${encodeURIComponent(encodeURIComponent(id))}`]: { body: {} } });
      await client.deleteJar(id);
      const url = server.seen[0]?.url ?? "";
      // What a proxy makes of it is still one part; only Flink decodes it to the end.
      assert.match(decodeURIComponent(url), /^\/jars\/[^/?#]+$/);
      assert.equal(new URL(decodeURIComponent(url), server.url).pathname.split("/").length, 3);
    });
  }

  for (const jid of JOB_IDS) {
    it(`are no jobs where they are no job ids: ${JSON.stringify(jid)}`, async () => {
      const job = { jid, name: "x", state: "RUNNING", "start-time": 1, "end-time": -1, tasks: {} };
      await given({
        "GET /jobs/overview": { body: { jobs: [job] } },
        "POST /jars/a.jar/run": { body: { jobid: jid } },
      });
      await refused(client.jobs());
      await refused(client.runJar("a.jar", { jobId: JOB }, 5_000));
    });
  }

  it("of jobs and versions lose what a terminal would act on", async () => {
    const name = "\u001b[2J\u001b]0;gone\u0007\u202eevil\r\u009b31m";
    const job = { jid: JOB, name, state: "RUNNING", "start-time": 1, "end-time": -1, tasks: {} };
    await given({
      "GET /jobs/overview": { body: { jobs: [job] } },
      "GET /overview": {
        body: { "flink-version": `1.20.0${name}`, taskmanagers: 1, "slots-total": 1, "slots-available": 1 },
      },
    });
    const [listed] = await client.jobs();
    assert.equal(listed?.name, "\ufffd[2J\ufffd]0;gone\ufffd\ufffdevil\ufffd\ufffd31m");
    assert.ok(!(await client.overview()).flinkVersion.includes("\u001b"));
  });

  it("of exceptions lose it, too, in message and cause", async () => {
    const trace = "org.example.E: \u001b[2Jgone\u0007\n\tat \u001b[2J";
    await given({ "GET /overview": { status: 500, body: flinkError(trace) } });
    await assert.rejects(client.overview(), (error: Error) => {
      assert.match(error.message, /E: \ufffd\[2Jgone\ufffd/);
      assert.match((error.cause as Error).message, /^[^\p{Cc}]+\n\tat [^\p{Cc}]+$/u);
      return true;
    });
  });

  for (const location of ["s3://bucket/a\u0000b", "file:/x\n\u001b[2J", `s3://${"x".repeat(5_000)}`]) {
    it(`are no place of a savepoint with control characters or without end: ${JSON.stringify(location.slice(0, 20))}`, async () => {
      const snapshot = { id: 1, external_path: location };
      await given({
        [`GET /jobs/${JOB}/savepoints/ee`]: { body: { status: { id: "COMPLETED" }, operation: { location } } },
        [`GET /jobs/${JOB}/checkpoints`]: {
          body: { counts: { completed: 1, failed: 0, restored: 0, in_progress: 0 }, latest: { completed: snapshot } },
        },
      });
      await refused(client.savepointOperation(JOB, "ee"));
      await refused(client.checkpoints(JOB));
    });
  }
});
