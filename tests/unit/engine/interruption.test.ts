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
});
