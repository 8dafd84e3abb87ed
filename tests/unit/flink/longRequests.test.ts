import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { FlinkClient } from "../../../provider/flink/client";
import { passageOf } from "../../../provider/flink/connection";
import { SubmissionTimeoutError } from "../../../provider/flink/errors";
import { listen, type FakeServer } from "./fakeServer";

const JOB = "0".repeat(32);
const RUN = { jobId: JOB };

describe("a request to Flink that takes long", () => {
  let server: FakeServer;
  let client: FlinkClient;

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  /** A server that answers a submission after a while; never: not at all. */
  async function given(answersAfterMs: number | "never", giveUp?: AbortSignal): Promise<void> {
    server = await listen((request, response) => {
      request.resume();
      if (answersAfterMs === "never") return;
      void delay(answersAfterMs).then(() => response.end(JSON.stringify({ jobid: JOB })));
    });
    client = new FlinkClient(
      { url: server.url },
      { requestTimeoutMs: 100, ...(giveUp === undefined ? {} : { giveUp }) },
    );
  }

  it("has no limit of the HTTP library, which would be 300 s", async () => {
    await given("never");
    const passage = passageOf({ url: server.url }, 100);
    const { dispatcher } = await passage.enter({ method: "GET", route: "/", host: server.host }, false);
    const options = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === "options");
    assert.ok(options !== undefined, "the library keeps its options elsewhere");
    const { headersTimeout, bodyTimeout } =
      (dispatcher as unknown as Record<symbol, Record<string, unknown>>)[options] ?? {};
    assert.deepEqual([headersTimeout, bodyTimeout], [0, 0]);
    await dispatcher.destroy();
  });

  it("has the user's limit when it submits a job, and no other", async () => {
    await given(700);
    assert.equal(await client.runJar("a.jar", RUN, 60_000), JOB);
    await assert.rejects(client.runJar("a.jar", RUN, 300), (error) => {
      assert.ok(error instanceof SubmissionTimeoutError);
      assert.match(
        error.message,
        /job \w+ within jobSubmissionTimeout \(0.3 s\): the job's main method runs .*or raise/,
      );
      return true;
    });
  });

  for (const [what, ask] of [
    ["a read", () => client.jobs()],
    ["a submission", () => client.runJar("a.jar", RUN, 60_000)],
    ["an upload", () => client.uploadJar(__filename, "a.jar")],
  ] as const) {
    it(`ends with the caller's reason when the caller gives up (${what})`, async () => {
      const caller = new AbortController();
      const reason = new Error("told to end");
      await given("never", caller.signal);
      const answer = ask();
      caller.abort(reason);
      await assert.rejects(answer, (error) => error === reason);
    });
  }

  it("leaves nothing behind once it is answered", async () => {
    const caller = new AbortController();
    await given(0, caller.signal);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    await Promise.all(Array.from({ length: 20 }, () => client.runJar("a.jar", RUN, 60_000)));
    assert.deepEqual(getEventListeners(caller.signal, "abort"), []);
    assert.ok(timers() <= before, "a deadline of one minute is still waited for");
  });
});
