import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { readDeath, selectCause } from "../../../provider/local/death";

const FRAME = "\tat org.apache.flink.Some.method(Some.java:1) ~[flink-runtime.jar]";

describe("why a Flink process died", () => {
  it("is its own last word, without stack frames and what came after", () => {
    const log = [
      "2026-01-01 00:00:00,000 INFO  org.apache.flink.runtime.entrypoint.ClusterEntrypoint        [] - Starting",
      "2026-01-01 00:00:01,000 ERROR org.apache.flink.util.FatalExitExceptionHandler [] - FATAL: Thread 'x'",
      "java.lang.NoClassDefFoundError: org/apache/pekko/Some",
      FRAME,
      "2026-01-01 00:00:02,000 ERROR org.apache.flink.runtime.entrypoint.ClusterEntrypoint        [] - Could not start.",
      "org.apache.flink.runtime.entrypoint.ClusterEntrypointException: Failed to initialize the cluster entrypoint.",
      FRAME,
      "Caused by: java.net.BindException: Could not start actor system on any port in port range 38945",
      "\t... 2 more",
      "2026-01-01 00:00:03,000 ERROR org.apache.flink.util.FatalExitExceptionHandler [] - Thread dump:",
      ...Array.from({ length: 100 }, (_, index) => `"thread-${index}" prio=5 RUNNABLE`),
    ].join("\n");
    assert.deepEqual(selectCause(log, "WARNING"), [
      "2026-01-01 00:00:02,000 ERROR org.apache.flink.runtime.entrypoint.ClusterEntrypoint        [] - Could not start.",
      "org.apache.flink.runtime.entrypoint.ClusterEntrypointException: Failed to initialize the cluster entrypoint.",
      "Caused by: java.net.BindException: Could not start actor system on any port in port range 38945",
    ]);
  });

  it("is the end of what it wrote when it had no last word", () => {
    const log = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
    const lines = selectCause(log, "Error: Could not create the Java Virtual Machine.\n");
    assert.equal(lines.length, 21);
    assert.deepEqual(lines.slice(-2), ["line 49", "Error: Could not create the Java Virtual Machine."]);
  });

  it("tells when another process took the port, and when nothing was written", async () => {
    const directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-local-"));
    try {
      const silent = await readDeath(directory, "jobmanager");
      assert.match(silent.error.message, /jobmanager .* died .* It wrote no log\.$/);
      assert.equal(silent.isPortTaken, false);
      await fs.mkdir(path.join(directory, "log"));
      await fs.writeFile(path.join(directory, "log", "jobmanager.log"), "Caused by: java.net.BindException: taken");
      assert.equal((await readDeath(directory, "jobmanager")).isPortTaken, true);
    } finally {
      await fs.rm(directory, { recursive: true, force: true });
    }
  });
});
