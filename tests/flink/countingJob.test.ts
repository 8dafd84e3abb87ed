import * as assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import {
  assertContinuous,
  buildCountingJob,
  countingArguments,
  findDiscontinuities,
  OTHER_ENTRY_CLASS,
  rangesByTag,
  readCounts,
  waitForRecords,
  type CountingArguments,
} from "../rig/countingJob";
import { startFlink, SUPPORTED_VERSIONS, type RealFlink } from "../rig/flink";
import { until } from "../rig/until";

const LIMIT_MS = 30_000;

interface RunOptions {
  parallelism?: number;
  savepointPath?: string;
  allowNonRestoredState?: boolean;
  entryClass?: string;
  flinkConfiguration?: Record<string, string>;
}

interface Operation {
  location?: string;
  "failure-cause"?: { "stack-trace": string };
}

/** As little of Flink's REST API as these tests need, so that they prove the job and not this project's client. */
class PlainRest {
  private jar = "";

  constructor(private readonly url: string) {}

  async upload(jarFile: string): Promise<void> {
    const body = new FormData();
    body.append("jarfile", await openAsBlob(jarFile), "counting.jar");
    const response = await fetch(`${this.url}/jars/upload`, { method: "POST", body });
    this.jar = path.basename(((await response.json()) as { filename: string }).filename);
  }

  async post(resource: string, body: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(`${this.url}${resource}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  async get<T>(resource: string): Promise<T> {
    return (await (await fetch(`${this.url}${resource}`)).json()) as T;
  }

  submit(
    args: CountingArguments,
    options: RunOptions = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    return this.post(`/jars/${this.jar}/run`, { parallelism: 1, ...options, programArgsList: countingArguments(args) });
  }

  async run(args: CountingArguments, options?: RunOptions): Promise<string> {
    const { status, json } = await this.submit(args, options);
    assert.equal(status, 200, JSON.stringify(json));
    return String(json["jobid"]);
  }

  async start(args: CountingArguments, options?: RunOptions): Promise<string> {
    const jobId = await this.run(args, options);
    const isRunning = async (): Promise<boolean> => {
      const { vertices } = await this.get<{ vertices?: { status: string }[] }>(`/jobs/${jobId}`);
      return vertices?.every(({ status }) => status === "RUNNING") ?? false;
    };
    await until(`the tasks of ${args.tag} run`, isRunning, LIMIT_MS);
    return jobId;
  }

  async state(jobId: string): Promise<string> {
    return (await this.get<{ status: string }>(`/jobs/${jobId}/status`)).status;
  }

  async ended(jobId: string): Promise<string> {
    let state = "";
    const hasEnded = async (): Promise<boolean> => {
      state = await this.state(jobId);
      return ["FINISHED", "FAILED", "CANCELED"].includes(state);
    };
    await until("the job has ended", hasEnded, LIMIT_MS);
    return state;
  }

  async operate(jobId: string, kind: "stop" | "savepoints", body: object = {}): Promise<Operation> {
    const { json } = await this.post(`/jobs/${jobId}/${kind}`, body);
    const resource = `/jobs/${jobId}/savepoints/${String(json["request-id"])}`;
    let operation: Operation | null | undefined;
    const isComplete = async (): Promise<boolean> => {
      ({ operation } = await this.get<{ operation?: Operation | null }>(resource));
      return operation !== undefined && operation !== null;
    };
    await until(`the ${kind} operation is complete`, isComplete, LIMIT_MS);
    assert.ok(operation);
    return operation;
  }

  async savepoint(jobId: string): Promise<string> {
    return savepointOf(await this.operate(jobId, "savepoints"));
  }

  async stop(jobId: string, drain = false): Promise<string> {
    const location = savepointOf(await this.operate(jobId, "stop", { drain }));
    assert.equal(await this.ended(jobId), "FINISHED");
    return location;
  }

  async cancel(jobId: string): Promise<void> {
    await fetch(`${this.url}/jobs/${jobId}`, { method: "PATCH" });
    assert.equal(await this.ended(jobId), "CANCELED");
  }
}

function savepointOf(operation: Operation): string {
  assert.ok(operation.location !== undefined, operation["failure-cause"]?.["stack-trace"]);
  return operation.location;
}

for (const version of SUPPORTED_VERSIONS) {
  describe(`the counting job on Flink ${version}`, function () {
    this.timeout(180_000);
    let flink: RealFlink;
    let rest: PlainRest;
    let folders = 0;
    const folder = (): string => path.join(flink.directory, `counts-${++folders}`);
    const written = (output: string, tag: string): Promise<unknown> =>
      waitForRecords(output, (lines) => (rangesByTag(lines)[tag]?.records ?? 0) >= 50, LIMIT_MS);

    before(async () => {
      const jar = await buildCountingJob();
      flink = await startFlink({
        version,
        flinkConfiguration: { "execution.checkpointing.interval": "300 ms", "restart-strategy.type": "none" },
      });
      rest = new PlainRest(flink.url);
      await rest.upload(jar);
    });

    after(async () => {
      await flink?.stop();
    });

    it("loses and doubles nothing over stops with savepoints, at another parallelism, and drained", async () => {
      const output = folder();
      let savepointPath = await rest.stop(await startAndWait(output, "v1"));
      assertContinuous(await readCounts(output));
      savepointPath = await rest.stop(await startAndWait(output, "v2", { parallelism: 2, savepointPath }));
      assertContinuous(await readCounts(output));
      await rest.stop(await startAndWait(output, "v3", { savepointPath }), true);
      const tags = assertContinuous(await readCounts(output));
      assert.deepEqual(Object.keys(tags).sort(), ["v1", "v2", "v3"]);
      assert.equal(tags["v2"]?.splits[0]?.first, (tags["v1"]?.splits[0]?.last ?? NaN) + 1);
    });

    it("shows doubles when it starts from an older savepoint than the newest", async () => {
      const output = folder();
      const jobId = await startAndWait(output, "v1");
      const savepointPath = await rest.savepoint(jobId);
      const before = (await readCounts(output)).length;
      await waitForRecords(output, (lines) => lines.length > before + 50, LIMIT_MS);
      await rest.stop(jobId);
      await rest.stop(await startAndWait(output, "v2", { savepointPath }));
      const lines = await readCounts(output);
      assert.throws(() => assertContinuous(lines), /2 times \(tags v[12], v[12]\)/);
    });

    it("shows doubles when it starts empty after a cancel", async () => {
      const output = folder();
      await rest.cancel(await startAndWait(output, "v1"));
      assert.deepEqual(findDiscontinuities(await readCounts(output)), []);
      await rest.cancel(await startAndWait(output, "v2"));
      assert.ok(findDiscontinuities(await readCounts(output)).some((problem) => /0 is there 2 times/.test(problem)));
    });

    it("needs allowNonRestoredState once an operator with state is gone", async () => {
      const output = folder();
      const first = await rest.start({ output, tag: "v1", extraOperator: "more" });
      await written(output, "v1");
      const savepointPath = await rest.stop(first);
      const refused = await rest.submit({ output }, { savepointPath });
      assert.notEqual(refused.status, 200);
      assert.match(JSON.stringify(refused.json), /operator is not available in the new program/);
      await rest.stop(await startAndWait(output, "v2", { savepointPath, allowNonRestoredState: true }));
      assertContinuous(await readCounts(output));
    });

    it("declines savepoints while a file exists, and then loses nothing", async () => {
      const output = folder();
      const marker = `${output}.decline`;
      await fs.writeFile(marker, "");
      const flinkConfiguration = { "execution.checkpointing.tolerable-failed-checkpoints": "10" };
      const jobId = await rest.start({ output, tag: "v1", failSavepointsWhile: marker }, { flinkConfiguration });
      const { location, "failure-cause": cause } = await rest.operate(jobId, "savepoints");
      assert.equal(location, undefined);
      assert.match(cause?.["stack-trace"] ?? "", /The savepoint is declined/);
      await fs.rm(marker);
      assert.equal(await rest.state(jobId), "RUNNING");
      await rest.stop(jobId);
      assertContinuous(await readCounts(output));
    });

    it("declines as many savepoints as it is told, whatever restarts come between", async () => {
      const output = folder();
      const flinkConfiguration = {
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.delay": "100 ms",
        "restart-strategy.fixed-delay.attempts": "10",
      };
      const jobId = await rest.start({ output, tag: "v1", failSavepoints: 1 }, { flinkConfiguration });
      assert.equal((await rest.operate(jobId, "stop")).location, undefined);
      // Flink's views of a job that restarts are old ones for a while: the job shows that it runs again by what it writes.
      await written(output, "v1");
      const isStopped = async () => (await rest.operate(jobId, "stop")).location !== undefined;
      await until("the job can be stopped", isStopped, LIMIT_MS);
      assert.equal(await rest.ended(jobId), "FINISHED");
      assertContinuous(await readCounts(output));
    });

    it("makes slow what it is told, savepoints or checkpoints", async () => {
      const output = folder();
      const jobId = await rest.start({ output, tag: "v1", slowSavepoint: 1_500 });
      await written(output, "v1");
      const before = Date.now();
      await rest.savepoint(jobId);
      assert.ok(Date.now() - before >= 1_500);
      const { latest } = await rest.get<{ latest: { completed: { end_to_end_duration: number } } }>(
        `/jobs/${jobId}/checkpoints`,
      );
      assert.ok(latest.completed.end_to_end_duration < 1_500);
      await rest.cancel(jobId);
    });

    it("fails where it is told to", async () => {
      const atStart = await rest.run({ output: folder(), failAtStart: true });
      const afterRecords = await rest.run({ output: folder(), failAfter: 20 });
      const output = folder();
      const afterCheckpoints = await rest.run({ output, failAfterCheckpoints: 2 });
      for (const jobId of [atStart, afterRecords, afterCheckpoints]) {
        assert.equal(await rest.ended(jobId), "FAILED");
      }
      const refused = await rest.submit({ output: folder(), mainThrows: true });
      assert.match(JSON.stringify(refused.json), /IllegalStateException: main\(\) throws/);
    });

    it("ends by itself after its limit, by either entry class", async () => {
      const output = folder();
      const jobId = await rest.run({ output, limit: 40, rate: 0 }, { parallelism: 2, entryClass: OTHER_ENTRY_CLASS });
      assert.equal(await rest.ended(jobId), "FINISHED");
      assert.equal((await rest.get<{ name: string }>(`/jobs/${jobId}`)).name, "counting-other");
      assert.equal(assertContinuous(await readCounts(output))["-"]?.records, 80);
    });

    async function startAndWait(output: string, tag: string, options?: RunOptions): Promise<string> {
      const jobId = await rest.start({ output, tag }, options);
      await written(output, tag);
      return jobId;
    }
  });
}
