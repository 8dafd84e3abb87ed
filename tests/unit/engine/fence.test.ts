import assert from "node:assert/strict";
import * as net from "node:net";
import { EngineGoneError, engineFence } from "../../../provider/engine/fence";
import { startEngineServer } from "./engineServer";

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
    const other = await listenAt(engine.address);
    try {
      await assert.rejects(fence, EngineGoneError, "another process on the engine's port is not the engine");
      await assert.rejects(engineFence(engine.address), EngineGoneError);
    } finally {
      other.close();
    }
  });

  it("always lets pass where there is no engine", async () => {
    await engineFence(undefined)();
  });
});

async function listenAt(address: string): Promise<net.Server> {
  const server = net.createServer((socket) => socket.destroy());
  const port = Number(address.split(":")[1]);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
