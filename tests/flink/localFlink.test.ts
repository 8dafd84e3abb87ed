import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { openAsBlob } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { FormData, request } from "undici";
import {
  inspectCluster,
  isClusterGone,
  obtainFlink,
  scaleTaskManagers,
  startCluster,
  stopCluster,
  waitUntilReady,
} from "../../provider/local";
import { liveProcesses } from "../../provider/local/record";
import { exampleJar, guardedDirectory, startFlink, SUPPORTED_VERSIONS, type RealFlink } from "../rig/flink";
import { listeningAddresses } from "../rig/processSockets";
import { until } from "../rig/until";

const TIMEOUT_MS = 240_000;
const MODULE = path.resolve(__dirname, "../../provider/local/index.js");

async function call(
  method: "GET" | "POST",
  url: string,
  body?: string | FormData,
): Promise<Record<string, unknown> & { statusCode: number }> {
  const response = await request(url, { method, ...(body === undefined ? {} : { body }) });
  return { ...((await response.body.json()) as object), statusCode: response.statusCode };
}

async function runExample(flink: RealFlink): Promise<string> {
  const form = new FormData();
  form.set("jarfile", await openAsBlob(await exampleJar(flink.version)), "example.jar");
  const uploaded = await call("POST", `${flink.url}/jars/upload`, form);
  const jar = path.basename(String(uploaded["filename"]));
  const configuration = { "execution.checkpointing.interval": "200ms" };
  const run = JSON.stringify({ parallelism: 2, flinkConfiguration: configuration });
  const started = await call("POST", `${flink.url}/jars/${jar}/run`, run);
  assert.equal(started.statusCode, 200, JSON.stringify(started));
  return String(started["jobid"]);
}

async function waitForTasks(flink: RealFlink, job: string): Promise<void> {
  await until(`the tasks of ${job} run`, async () => {
    const { vertices } = await call("GET", `${flink.url}/jobs/${job}`);
    const states = (vertices as { status: string }[] | undefined)?.map(({ status }) => status) ?? [];
    return states.length > 0 && states.every((state) => state === "RUNNING");
  });
}

async function slots(url: string): Promise<unknown> {
  return (await call("GET", `${url}/overview`))["slots-total"];
}

for (const version of SUPPORTED_VERSIONS) {
  describe(`a local cluster of Flink ${version}`, function () {
    this.timeout(TIMEOUT_MS);
    let flink: RealFlink;
    let job: string;

    before(async () => {
      flink = await startFlink({ version, taskManagers: 2, slotsPerTaskManager: 2 });
    });
    after(() => flink.stop());

    it("registers the slots of all its TaskManagers", async () => {
      assert.equal(await slots(flink.url), 4);
      const { processes, flinkVersion } = await inspectCluster(flink.directory);
      assert.equal(flinkVersion, version);
      assert.deepEqual(
        processes.map(({ name, state }) => [name, state]),
        [
          ["jobmanager", "running"],
          ["taskmanager-1", "running"],
          ["taskmanager-2", "running"],
        ],
      );
    });

    it("listens on the loopback interface only", async () => {
      const { processes } = await inspectCluster(flink.directory);
      for (const { name, pid } of processes) {
        const addresses = listeningAddresses(pid);
        assert.ok(addresses.length > 0, `${name} listens nowhere`);
        assert.deepEqual([...new Set(addresses)], ["127.0.0.1"], name);
      }
    });

    it("runs a job that writes checkpoints into the cluster's directory", async () => {
      job = await runExample(flink);
      await waitForTasks(flink, job);
      await until("a checkpoint completes", async () => {
        const { latest } = await call("GET", `${flink.url}/jobs/${job}/checkpoints`);
        const completed = (latest as { completed?: { external_path: string } } | undefined)?.completed;
        return completed?.external_path.startsWith(`file:${flink.directory}/checkpoints/`) === true;
      });
    });

    it("sees that a TaskManager was killed and brings it back for the job", async () => {
      await flink.killTaskManager(1);
      const { processes } = await inspectCluster(flink.directory);
      assert.equal(processes.find(({ name }) => name === "taskmanager-1")?.state, "dead");
      await flink.restore();
      assert.equal(await slots(flink.url), 4);
      await waitForTasks(flink, job);
    });

    it("keeps what runs when it is started again", async () => {
      const before = await liveProcesses(flink.directory);
      await flink.restore();
      assert.deepEqual(await liveProcesses(flink.directory), before);
    });

    it("comes back at the same address after the JobManager was killed", async () => {
      await flink.restartJobManager();
      assert.equal(await slots(flink.url), 4);
      assert.equal((await call("GET", `${flink.url}/jobs/${job}`)).statusCode, 404);
    });

    it("keeps savepoints, and no process, when it is stopped", async () => {
      job = await runExample(flink);
      await waitForTasks(flink, job);
      const trigger = await call("POST", `${flink.url}/jobs/${job}/stop`, JSON.stringify({ drain: false }));
      let savepoint: string | undefined;
      await until("the savepoint is complete", async () => {
        const answer = await call("GET", `${flink.url}/jobs/${job}/savepoints/${String(trigger["request-id"])}`);
        savepoint = (answer["operation"] as { location?: string } | undefined)?.location;
        return savepoint !== undefined;
      });
      assert.equal(await isClusterGone(flink.directory), false);
      await stopCluster(flink.directory);
      assert.equal(await isClusterGone(flink.directory), true);
      assert.ok(savepoint !== undefined && savepoint.startsWith(`file:${flink.directory}/savepoints/`), savepoint);
      await fs.access(path.join(savepoint.slice("file:".length), "_metadata"));
      assert.deepEqual((await fs.readdir(flink.directory)).sort(), [
        "checkpoints",
        "conf",
        "log",
        "processes.json",
        "savepoints",
      ]);
    });
  });
}

describe("the processes of a local cluster", function () {
  this.timeout(TIMEOUT_MS);
  const [version] = SUPPORTED_VERSIONS;
  let directory: string;

  beforeEach(async () => {
    directory = await guardedDirectory();
  });
  afterEach(async () => {
    await stopCluster(directory);
    await fs.rm(directory, { recursive: true, force: true });
  });

  /** What a program does that starts the cluster in a process of its own. */
  function program(source: object): string {
    const spec = { directory, source, taskManagers: 1, slotsPerTaskManager: 1 };
    return `require(${JSON.stringify(MODULE)}).startCluster(${JSON.stringify(spec)})`;
  }

  it("outlive the process that started them, and can be joined by more TaskManagers", async () => {
    const { libraryDirectory } = await obtainFlink(version);
    const flinkHome = path.join(directory, "home");
    await fs.mkdir(flinkHome);
    await fs.symlink(libraryDirectory, path.join(flinkHome, "lib"));
    await promisify(execFile)(process.execPath, ["-e", program({ flinkHome })]);

    const { url, processes } = await inspectCluster(directory);
    assert.deepEqual(
      processes.map(({ state }) => state),
      ["running", "running"],
    );
    const grown = await scaleTaskManagers(directory, 2);
    assert.equal(grown.url, url);
    await waitUntilReady(grown.url, 2, { timeoutMs: TIMEOUT_MS, directory });
    assert.equal(await slots(grown.url), 2);
  });

  it("are started once by two that start them at the same time, and by one that was killed and its retry", async () => {
    await obtainFlink(version);
    const source = { flinkVersion: version };
    const spec = { directory, source, taskManagers: 1, slotsPerTaskManager: 1 };
    const killed = spawn(process.execPath, ["-e", program(source)], { stdio: "ignore" });
    await until("the first process of the cluster is there", async () => !(await isClusterGone(directory)));
    killed.kill("SIGKILL");
    const [first, second] = await Promise.all([startCluster(spec), startCluster(spec)]);
    assert.deepEqual(second, first);
    await waitUntilReady(first.url, 1, { timeoutMs: TIMEOUT_MS, directory });
    const names = (await liveProcesses(directory)).map(({ name }) => name).sort();
    assert.deepEqual(names, ["jobmanager", "taskmanager-1"]);
  });

  it("are left alone when another configuration is started in their directory", async () => {
    const spec = { directory, source: { flinkVersion: version }, taskManagers: 1, slotsPerTaskManager: 1 };
    await startCluster(spec);
    const before = await liveProcesses(directory);
    await assert.rejects(startCluster({ ...spec, flinkConfiguration: { "parallelism.default": 2 } }), {
      code: "FLINK_LOCAL_CONFIGURATION",
    });
    assert.deepEqual(await liveProcesses(directory), before);
  });

  it("say at their start why they cannot run", async () => {
    const spec = { directory, source: { flinkVersion: version }, taskManagers: 1, slotsPerTaskManager: 1 };
    const broken = { ...spec, flinkConfiguration: { "jobstore.expiration-time": "soon" } };
    await assert.rejects(startCluster(broken), (error: Error & { code?: string }) => {
      assert.equal(error.code, "FLINK_LOCAL_START_FAILED");
      assert.match(error.message, /NumberFormatException: For input string: "soon"/);
      assert.doesNotMatch(error.message, /^\s+at /m);
      return true;
    });
    assert.equal(await isClusterGone(directory), true);
  });
});
