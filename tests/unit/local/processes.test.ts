import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { inspectCluster, isClusterGone, stopCluster } from "../../../provider/local";
import { commandLine, jvmArguments } from "../../../provider/local/launch";
import { withDirectoryLock } from "../../../provider/local/lock";
import { memoryConfiguration } from "../../../provider/local/memory";
import { freePorts, isPortFree } from "../../../provider/local/ports";
import { isRunning, processTable, psTable, signalProcess } from "../../../provider/local/processTable";
import { clusterMarker, writeRecord, type ClusterRecord } from "../../../provider/local/record";

describe("the processes of this machine", () => {
  let directory: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-local-"));
  });
  afterEach(async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    child = undefined;
    await fs.rm(directory, { recursive: true, force: true });
  });

  async function start(...args: string[]): Promise<{ pid: number; startTime: string }> {
    child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "--", ...args], { stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    return { pid, startTime: (await processTable.startTimeOf(pid)) ?? "" };
  }

  it("are told from later ones with the same id by their start", async () => {
    const identity = await start();
    assert.equal(await isRunning(identity), true);
    assert.equal(await isRunning({ ...identity, startTime: "another" }), false);
    await signalProcess({ ...identity, startTime: "another" }, "SIGKILL");
    assert.equal(await isRunning(identity), true);
    await signalProcess(identity, "SIGKILL");
    await once(child as ChildProcess, "exit");
    assert.equal(await isRunning(identity), false);
    await signalProcess(identity, "SIGKILL");
  });

  it("are there until their last thread has ended, which may listen still when the first one is gone", async () => {
    const program =
      'const { Worker } = require("node:worker_threads");' +
      'for (let i = 0; i < 8; i += 1) new Worker("for (;;) {}", { eval: true });' +
      "const held = Buffer.alloc(2 ** 28, 1);" +
      'require("node:net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port, held[0]); });';
    for (let kills = 1; kills <= 5; kills += 1) {
      child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
      const [line] = (await once(child.stdout as Readable, "data")) as [Buffer];
      const identity = { pid: child.pid ?? 0, startTime: (await processTable.startTimeOf(child.pid ?? 0)) ?? "" };
      const ended = once(child, "exit");
      await signalProcess(identity, "SIGKILL");
      while (await isRunning(identity));
      assert.equal(await isPortFree(Number.parseInt(String(line), 10)), true);
      await ended;
    }
  });

  it("are found by what is on their command line, by ps as by the default way", async () => {
    const { pid } = await start("-Dneedle=haystack-4711");
    for (const table of [processTable, psTable]) {
      const found = await table.find("-Dneedle=haystack-4711");
      assert.deepEqual(
        found.map((entry) => entry.pid),
        [pid],
      );
      assert.equal(found[0]?.startTime, await table.startTimeOf(pid));
      assert.equal(await table.startTimeOf(2 ** 22 + 1), undefined);
    }
  });

  it("belong to a cluster by its directory, recorded or not, and end with it", async () => {
    assert.equal(await isClusterGone(directory), true);
    const { pid } = await start(clusterMarker(directory), "-Dpulumi-flink.process=jobmanager", "x");
    assert.equal(await isClusterGone(directory), false);
    assert.equal(await isClusterGone(`${directory}-other`), true);
    const { processes } = await inspectCluster(directory);
    const logFile = path.join(directory, "log", "jobmanager.log");
    assert.deepEqual(processes, [{ name: "jobmanager", pid, state: "running", logFile }]);
    await stopCluster(directory);
    assert.equal(await isClusterGone(directory), true);
  });

  it("are no cluster without the JobManager: no job goes on without it", async () => {
    await start(clusterMarker(directory), "-Dpulumi-flink.process=taskmanager-7", "x");
    assert.equal((await inspectCluster(directory)).processes.length, 1);
    assert.equal(await isClusterGone(directory), true);
    await stopCluster(directory);
    assert.deepEqual((await inspectCluster(directory)).processes, []);
  });

  it("that were recorded and have ended are dead, also when their id is in use again", async () => {
    const { pid } = await start();
    const record: ClusterRecord = {
      flinkVersion: "1.20.0",
      restPort: 1,
      rpcPort: 2,
      slotsPerTaskManager: 1,
      fingerprint: "",
      launch: {
        java: "java",
        libraryDirectory: "",
        pluginsDirectory: "",
        jobManagerArguments: [],
        taskManagerArguments: [],
      },
      processes: [{ name: "jobmanager", pid, startTime: "long ago" }],
    };
    await writeRecord(directory, record);
    const { processes, url } = await inspectCluster(directory);
    assert.deepEqual(
      processes.map(({ name, state }) => [name, state]),
      [["jobmanager", "dead"]],
    );
    assert.equal(url, "http://127.0.0.1:1");
    assert.equal(await isClusterGone(directory), true);
    await stopCluster(directory);
    assert.equal(child?.exitCode, null);
  });

  it("are not looked for in a directory that is gone", async () => {
    await stopCluster(path.join(directory, "missing"));
    assert.deepEqual(await fs.readdir(directory), []);
  });

  describe("of Flink", () => {
    const launch = {
      java: "java",
      libraryDirectory: "/lib",
      pluginsDirectory: "/plugins",
      jobManagerArguments: ["-Xjm"],
      taskManagerArguments: ["-Xtm"],
    };

    it("read their configuration from a file, so that no secret is an argument", () => {
      const args = commandLine("/data", launch, "taskmanager-2", [5, 6]);
      assert.deepEqual(args.slice(args.indexOf("-classpath")), [
        "-classpath",
        "/lib/*",
        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
        "--configDir",
        "/data/conf",
        "-Dtaskmanager.resource-id=taskmanager-2",
        "-Dtaskmanager.rpc.port=5,6",
      ]);
      assert.ok(commandLine("/data", launch, "jobmanager", []).includes("-Xjm"));
    });

    it("get the user's JVM options for their role", () => {
      const configuration = {
        ...memoryConfiguration({}),
        "env.java.opts.all": "-Da=b",
        "env.java.opts.taskmanager": '-Dc="d e" -XX:+UseG1GC',
      };
      const taskManager = jvmArguments("taskmanager", configuration);
      assert.deepEqual(taskManager.slice(-3), ["-Da=b", "-Dc=d e", "-XX:+UseG1GC"]);
      assert.equal(taskManager.includes("-XX:+UseSerialGC"), false);
      const jobManager = jvmArguments("jobmanager", configuration);
      assert.equal(jobManager.at(-1), "-Da=b");
      assert.equal(jobManager.includes("-XX:+UseSerialGC"), true);
    });
  });

  describe("that start the same cluster", () => {
    const LONG_MS = 5000;

    it("take turns", async () => {
      const events: string[] = [];
      const work = (name: string) =>
        withDirectoryLock(directory, LONG_MS, async () => {
          events.push(`${name} in`);
          await fs.readdir(directory);
          events.push(`${name} out`);
        });
      await Promise.all(["a", "b", "c"].map(work));
      for (let turn = 0; turn < events.length; turn += 2) {
        assert.equal(events[turn]?.replace("in", "out"), events[turn + 1]);
      }
      assert.deepEqual(await fs.readdir(directory), []);
    });

    it("let the next in when one fails", async () => {
      await assert.rejects(
        withDirectoryLock(directory, LONG_MS, () => Promise.reject(new Error("mine"))),
        /mine/,
      );
      await withDirectoryLock(directory, 0, () => Promise.resolve());
    });

    it("do not wait for one that has died", async () => {
      const holder = { pid: process.pid, startTime: "before the reboot" };
      await fs.writeFile(path.join(directory, "lock"), JSON.stringify(holder));
      const results = await Promise.all(
        [1, 2].map((n) => withDirectoryLock(directory, LONG_MS, () => Promise.resolve(n))),
      );
      assert.deepEqual(results, [1, 2]);
    });

    it("give up after a time, naming the one that holds it", async () => {
      await withDirectoryLock(directory, LONG_MS, async () => {
        await assert.rejects(
          withDirectoryLock(directory, 10, () => Promise.resolve()),
          {
            code: "FLINK_LOCAL_BUSY",
            message: new RegExp(`process ${process.pid}`),
          },
        );
      });
    });
  });

  describe("that listen choose ports which", () => {
    it("are all different and free", async () => {
      const ports = await freePorts(5);
      assert.equal(new Set(ports).size, 5);
      for (const port of ports) {
        assert.equal(await isPortFree(port), true);
      }
    });

    it("no system gives to another process while theirs is down", async () => {
      for (const port of await freePorts(20)) assert.ok(port >= 1024 && port < 30_000, String(port));
    });

    it("are not free while something listens there", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      assert.equal(await isPortFree((server.address() as AddressInfo).port), false);
      server.close();
      await once(server, "close");
    });
  });
});
