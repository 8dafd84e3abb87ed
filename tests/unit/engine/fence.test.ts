import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as net from "node:net";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { createConfiguration } from "../../../provider/engine/configuration";
import { EngineGoneError, engineFence, holdEngine } from "../../../provider/engine/fence";
import { neverAgain, startEngineServer, type EngineServer } from "./engineServer";

describe("the fence", () => {
  it("lets pass while the engine is there, and stops for good once it is gone", async () => {
    const engine = await startEngineServer();
    const fence = engineFence(engine.address);
    await fence();
    await fence();
    engine.close();
    await assert.rejects(fence, (error: unknown) => {
      assert.ok(error instanceof EngineGoneError);
      assert.equal(error.code, "FLINK_ENGINE_GONE");
      assert.match(error.message, /Nothing more is done/);
      return true;
    });
    const other = await startEngineServer(undefined, engine.address);
    try {
      await assert.rejects(fence, EngineGoneError, "another process on the engine's port is not the engine");
      await assert.rejects(engineFence(engine.address), EngineGoneError);
    } finally {
      other.close();
    }
  });

  it("takes no other engine for its own that came to the same port before it looked again", async () => {
    for (const looksBefore of [false, true]) {
      const engine = await startEngineServer();
      const fence = engineFence(engine.address);
      holdEngine(engine.address);
      if (looksBefore) await fence();
      else await connected(engine.address);
      engine.close();
      const other = await startEngineServer(undefined, engine.address);
      try {
        await assert.rejects(fence, EngineGoneError);
      } finally {
        other.close();
      }
    }
  });

  it("has connected with its engine once the first call is answered", async () => {
    const engine = await startEngineServer();
    const { argv } = process;
    process.argv = [...argv, engine.address];
    try {
      await createConfiguration().configure({ config: { get: () => undefined, require: () => "" } });
    } finally {
      process.argv = argv;
    }
    await connected(engine.address);
    engine.close();
    const other = await startEngineServer(undefined, engine.address);
    try {
      await assert.rejects(engineFence(engine.address), EngineGoneError);
    } finally {
      other.close();
    }
  });

  it("knows its engine again after it was stopped itself, and not another one on the same port", async () => {
    for (const dies of [true, false]) {
      const [engine, address] = await inProcess(`startEngineServer().then(({ address }) => console.log(address));`);
      const [orphan, held] = await inProcess(
        `const address = process.argv.at(-1);
        holdEngine(address);
        const fence = engineFence(address);
        const look = () => fence().then(() => console.log("passes"), ({ code }) => console.log(code));
        look().then(() => process.stdin.on("data", look));`,
        address,
      );
      let other: EngineServer | undefined;
      try {
        assert.equal(held, "passes");
        orphan.kill("SIGSTOP");
        const ended = once(engine, "exit");
        if (dies) {
          engine.kill("SIGKILL");
          await ended;
        }
        other = dies ? await startEngineServer(undefined, address) : undefined;
        const looked = firstLine(orphan);
        orphan.stdin?.write("look again\n");
        orphan.kill("SIGCONT");
        assert.equal(await looked, dies ? "FLINK_ENGINE_GONE" : "passes");
      } finally {
        other?.close();
        orphan.kill("SIGKILL");
        engine.kill("SIGKILL");
      }
    }
  });

  it("lets pass while the engine is too busy to answer, and stops when it ends", async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => sockets.push(socket.resume()));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as net.AddressInfo;
    neverAgain(port);
    const fence = engineFence(`127.0.0.1:${port}`, 20);
    await fence();
    await fence();
    assert.equal(sockets.length, 1, "it asks on the one connection that it has");
    for (const socket of sockets) socket.destroy();
    await assert.rejects(fence, EngineGoneError);
    server.close();
  });

  it("always lets pass where there is no engine", async () => {
    await engineFence(undefined)();
  });
});

/** Once the connection that is held has been made. */
async function connected(address: string): Promise<void> {
  // Connections are accepted in their order.
  const socket = net.connect(Number(address.split(":")[1]), "127.0.0.1");
  await once(socket, "connect");
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
}

/** Runs a script in a process of its own, and gives its first line. */
async function inProcess(script: string, ...args: string[]): Promise<[ChildProcess, string]> {
  const modules = [
    path.join(__dirname, "engineServer.js"),
    path.resolve(__dirname, "../../../provider/engine/fence.js"),
  ];
  const imports = modules.map((file) => `...require(${JSON.stringify(file)})`).join();
  const source = `const { startEngineServer, engineFence, holdEngine } = { ${imports} };\n${script}`;
  const child = spawn(process.execPath, ["-e", source, ...args], { stdio: ["pipe", "pipe", "ignore"] });
  return [child, await firstLine(child)];
}

async function firstLine(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return line;
}
