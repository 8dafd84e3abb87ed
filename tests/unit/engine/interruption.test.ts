import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as path from "node:path";

const compiled = path.resolve(__dirname, "../../../provider/engine/interruption.js");

/** Runs a script in a process of its own, sends it SIGINT at its first line, and gives what it printed and its end. */
async function interruptedProcess(script: string): Promise<{ printed: string[]; signal: NodeJS.Signals | null }> {
  const source = `const interruption = require(${JSON.stringify(compiled)});\n${script}`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    if (text === "") child.kill("SIGINT");
    text += more;
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once("close", (_, endedBy) => resolve(endedBy)),
  );
  return { printed: text.trim().split("\n"), signal };
}

describe("an interrupted provider process", () => {
  it("finishes the step under way, starts no other, and ends by the signal", async () => {
    const { printed, signal } = await interruptedProcess(`
      interruption.untilInterrupted(async (interrupted) => {
        console.log("step 1");
        await new Promise((resolve) => interrupted.addEventListener("abort", resolve));
        console.log("step 1 done");
        interrupted.throwIfAborted();
        console.log("step 2");
      }).catch((error) => console.log(error.code, interruption.interrupted().aborted));
      setInterval(() => undefined, 1000);
    `);
    assert.deepEqual(printed, ["step 1", "step 1 done", "FLINK_INTERRUPTED true"]);
    assert.equal(signal, "SIGINT");
  });

  it("ends at once when no operation runs", async () => {
    const { printed, signal } = await interruptedProcess(`
      interruption.untilInterrupted(async () => "done").then((result) => console.log(result));
      setInterval(() => undefined, 1000);
    `);
    assert.deepEqual(printed, ["done"]);
    assert.equal(signal, "SIGINT");
  });

  it("hears the engine's Cancel call, which the SDK's provider only acknowledges, while an operation runs", async () => {
    const { printed, signal } = await interruptedProcess(`
      const grpc = require("@grpc/grpc-js");
      const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
      const { ResourceProviderClient, ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb");
      const server = new grpc.Server();
      server.addService(ResourceProviderService, { cancel: (_, answer) => answer(undefined, new Empty()) });
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (_, port) => {
        const client = new ResourceProviderClient("127.0.0.1:" + port, grpc.credentials.createInsecure());
        const cancel = () => new Promise((resolve) => client.cancel(new Empty(), resolve));
        const said = [];
        await interruption.untilInterrupted(async () => undefined);
        await cancel();
        said.push("idle: " + interruption.interrupted().aborted);
        await interruption.untilInterrupted(async (interrupted) => {
          await cancel();
          said.push("running: " + interrupted.reason.code + ", answers: " + interruption.outOfTime().aborted);
          await new Promise((resolve) => interruption.outOfTime().addEventListener("abort", resolve));
          said.push("answers: " + interruption.outOfTime().reason.code);
        });
        console.log(said.join("; "));
      });
    `);
    assert.deepEqual(printed, ["idle: false; running: FLINK_INTERRUPTED, answers: false; answers: FLINK_INTERRUPTED"]);
    assert.equal(signal, "SIGINT");
  });
});
