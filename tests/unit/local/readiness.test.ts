import assert from "node:assert/strict";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { waitUntilReady } from "../../../provider/local";
import { processTable } from "../../../provider/local/processTable";
import { answersFor } from "../../../provider/local/readiness";
import { writeRecord, type ProcessRecord } from "../../../provider/local/record";

describe("waiting for a local cluster", () => {
  let directory: string;
  let server: Server;
  let url: string;
  /** What each request for the TaskManagers answers: the first is used up, the last is kept. */
  let answers: unknown[];

  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-local-"));
    server = createServer((request, response) => {
      if (request.url === "/jobmanager/config") {
        response.end(JSON.stringify([{ key: "pulumi-flink.directory", value: directory }]));
        return;
      }
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      response.statusCode = answer === undefined ? 503 : 200;
      response.end(JSON.stringify(answer ?? { errors: [] }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await fs.rm(directory, { recursive: true, force: true });
  });

  function taskManagers(...ports: number[]): unknown {
    return {
      taskmanagers: ports.map((port, index) => ({
        id: `taskmanager-${index + 1}`,
        path: `pekko.tcp://flink@127.0.0.1:${port}/user/rpc/taskmanager_0`,
        slotsNumber: 2,
      })),
    };
  }

  async function record(...processes: ProcessRecord[]): Promise<void> {
    await writeRecord(directory, {
      flinkVersion: "1.20.0",
      restPort: 1,
      rpcPort: 2,
      slotsPerTaskManager: 2,
      fingerprint: "",
      launch: {
        java: "java",
        libraryDirectory: "",
        pluginsDirectory: "",
        jobManagerArguments: [],
        taskManagerArguments: [],
      },
      processes,
    });
  }

  it("says what it waits for, each time it changes", async () => {
    answers = [undefined, taskManagers(), taskManagers(7), taskManagers(7), taskManagers(7, 8)];
    const messages: string[] = [];
    await waitUntilReady(url, 4, { timeoutMs: 5000, onProgress: (message) => messages.push(message) });
    assert.deepEqual(messages, [
      "waiting for Flink's REST API",
      "waiting for TaskManagers: 0 of 4 slots registered",
      "waiting for TaskManagers: 2 of 4 slots registered",
    ]);
  });

  it("ends at its limit with what was missing", async () => {
    answers = [taskManagers(7)];
    await assert.rejects(waitUntilReady(url, 4, { timeoutMs: 1 }), {
      code: "FLINK_LOCAL_START_FAILED",
      message: /not ready after 0\.001 s: waiting for TaskManagers: 2 of 4/,
    });
  });

  it("does not take a TaskManager that died for the one that was started in its place", async () => {
    const pid = process.pid;
    const startTime = (await processTable.startTimeOf(pid)) ?? "";
    await record({ name: "taskmanager-1", pid, startTime, rpcPorts: [8, 9] });
    answers = [taskManagers(7)];
    await assert.rejects(waitUntilReady(url, 2, { timeoutMs: 1, directory }), /0 of 2 slots/);
    answers = [taskManagers(9)];
    await waitUntilReady(url, 2, { timeoutMs: 1, directory });
  });

  it("ends with the log of a process that died", async () => {
    await record({ name: "jobmanager", pid: process.pid, startTime: "never" });
    await fs.mkdir(path.join(directory, "log"));
    await fs.writeFile(path.join(directory, "log", "jobmanager.log"), "ERROR no room\n\tat Some.java:1\n");
    answers = [undefined];
    await assert.rejects(waitUntilReady(url, 2, { timeoutMs: 5000, directory }), {
      code: "FLINK_LOCAL_START_FAILED",
      message: /jobmanager .* died .*jobmanager\.log:\nERROR no room$/,
    });
  });

  it("knows a Flink of another directory", async () => {
    assert.equal(await answersFor(url, directory), true);
    assert.equal(await answersFor(url, "/another"), false);
    assert.equal(await answersFor("http://127.0.0.1:1", directory), false);
  });
});
