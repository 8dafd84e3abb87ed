import assert from "node:assert/strict";
import { engineAddress } from "../../../provider/engine/address";
import { createResourceLog } from "../../../provider/engine/log";
import { startEngineServer } from "./engineServer";

const urn = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/flink:FlinkDeployment::orders";

/** What is written to the console while `body` runs. */
async function consoleLines(body: () => Promise<void>): Promise<string[]> {
  const { log, warn } = console;
  const written: string[] = [];
  console.log = console.warn = (line: unknown) => void written.push(String(line));
  try {
    await body();
  } finally {
    Object.assign(console, { log, warn });
  }
  return written;
}

describe("the log of a resource", () => {
  it("shows lines on the resource's row, in order, and only progress as ephemeral", async () => {
    const engine = await startEngineServer();
    try {
      const log = createResourceLog(urn, engine.address);
      log.progress("stopping with a savepoint");
      log.info("savepoint s3://states/1");
      log.warn("no checkpoint interval");
      await log.flush();
      assert.deepEqual(engine.lines, [
        { severity: 1, message: "stopping with a savepoint", urn, streamid: 0, ephemeral: true },
        { severity: 1, message: "savepoint s3://states/1", urn, streamid: 0, ephemeral: false },
        { severity: 2, message: "no checkpoint interval", urn, streamid: 0, ephemeral: false },
      ]);
    } finally {
      engine.close();
    }
  });

  it("falls back to the console, without progress, when the engine is gone", async () => {
    const engine = await startEngineServer();
    engine.close();
    const written = await consoleLines(async () => {
      const log = createResourceLog(urn, engine.address);
      log.progress("waiting");
      log.info("stays");
      log.warn("careful");
      await log.flush();
    });
    assert.deepEqual(written, ["stays", "careful"]);
  });

  it("waits a bounded time for an engine that does not answer", async () => {
    const engine = await startEngineServer(() => new Promise(() => undefined));
    try {
      const before = Date.now();
      const written = await consoleLines(async () => {
        const log = createResourceLog(urn, engine.address);
        for (const text of ["one", "two", "three"]) log.info(text);
        await log.flush();
      });
      assert.deepEqual(written, ["one", "two", "three"]);
      assert.ok(Date.now() - before < 4_000, "only the first line may wait");
    } finally {
      engine.close();
    }
  });

  it("tries an engine again that was busy for a while", async () => {
    let isBusy = true;
    let time = 0;
    const engine = await startEngineServer(() => (isBusy ? new Promise(() => undefined) : Promise.resolve()));
    try {
      const log = createResourceLog(urn, engine.address, () => time);
      const written = await consoleLines(async () => {
        log.info("one");
        await log.flush();
        isBusy = false;
        log.info("two");
        await log.flush();
        time = 10_000;
        log.info("three");
        await log.flush();
      });
      assert.deepEqual(written, ["one", "two"]);
      assert.deepEqual(
        engine.lines.map(({ message }) => message),
        ["one", "three"],
      );
    } finally {
      engine.close();
    }
  });

  it("goes to the console where there is no engine at all", async () => {
    const written = await consoleLines(async () => {
      const log = createResourceLog(urn, undefined);
      log.info("stays");
      await log.flush();
    });
    assert.deepEqual(written, ["stays"]);
  });
});

describe("the engine's address", () => {
  it("is the last argument of the provider process", () => {
    assert.equal(engineAddress(["127.0.0.1:40657"]), "127.0.0.1:40657");
    assert.equal(engineAddress(["--logtostderr", "[::1]:80"]), "[::1]:80");
  });

  it("is unknown in a process that is no provider", () => {
    assert.equal(engineAddress([]), undefined);
    assert.equal(engineAddress(["bin/tests/unit/**/*.test.js"]), undefined);
  });
});
