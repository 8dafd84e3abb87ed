import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeploymentHooks } from "../../rig/deploymentHooks";
import { makeJar } from "../../rig/fakeFlink";
import { prepare, start, useRig } from "./fixture";

const MEGABYTE = 1024 * 1024;

/** What the lines on the row said went on, each with the time that it names, in seconds. */
function told(lines: readonly { message: string; ephemeral: boolean }[], pattern: RegExp): number[] {
  return lines
    .filter(({ ephemeral, message }) => ephemeral && pattern.test(message))
    .map(({ message }) => {
      const [, hours = 0, minutes = 0, seconds = 0] =
        /(?:(\d+) h ?)?(?:(\d+) min ?)?(?:([\d.]+) s)?\)?(?:, attempt.*)?$/.exec(message) ?? [];
      return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    });
}

function assertTold(times: readonly number[], untilSeconds: number): void {
  assert.ok((times.at(-1) ?? 0) >= untilSeconds, `the last line is of ${times.at(-1) ?? "no"} s`);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.ok(Math.max(...gaps) <= 5, `nothing was said for ${Math.max(...gaps)} s`);
  assert.ok(times.length <= untilSeconds * 2, `${times.length} lines`);
}

describe("the hooks of a FlinkDeployment in a long run", () => {
  const rig = useRig();

  it("tell how a savepoint goes that takes ten minutes, and have no limit of their own for it", async () => {
    const { flink, stack, program } = await start(rig);
    flink.settle = { stop: 310 };
    await stack.up(program({ restartNonce: 1 }));
    assertTold(told(stack.engine.lines, /^savepoint of job \w+ in progress/), 9.5 * 60);
    assert.equal(stack.outputs.status.state, "RUNNING");
  });

  it("tell how a restore goes that takes minutes", async () => {
    const { flink, stack, program } = await start(rig);
    flink.settle = { start: 120 };
    await stack.up(program({ restartNonce: 1 }));
    assertTold(told(stack.engine.lines, /^job \w+ is \w+, tasks/), 3.5 * 60);
    assert.equal(stack.outputs.status.state, "RUNNING");
  });

  it("tell that the cluster does not answer a submission yet", async () => {
    const { flink, stack, program } = await start(rig, {
      jobSubmissionTimeout: "5 s",
      timeouts: { unreachable: "1 ms" },
    });
    flink.fault({ method: "POST", path: /\/run$/ }, "hang");
    const message = await stack.failingUp(program({ restartNonce: 1 }));
    assert.match(message, /has not answered the submission of job \w+ within jobSubmissionTimeout \(5 s\)/);
    const times = told(stack.engine.lines, /is submitted, its main method runs on the cluster/);
    assert.equal(times.length, 2, String(times));
  });
});

describe("the hooks of a FlinkDeployment with a jar of 1 GB", function () {
  this.timeout(300_000);
  const rig = useRig();
  let folder: string;
  let proxy: Server;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulumi-flink-large-"));
  });

  afterEach(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A jar that can be read as such, with a gap of zeros between its entries and its index. */
  async function largeJar(path: string): Promise<string> {
    const jar = Buffer.from(makeJar({ content: "large" }));
    const end = jar.lastIndexOf("PK\x05\x06");
    const index = jar.readUInt32LE(end + 16);
    const gap = 1024 * MEGABYTE;
    jar.writeUInt32LE(index + gap, end + 16);
    const file = await open(path, "w");
    await file.write(jar, 0, index, 0);
    await file.write(jar, index, jar.length - index, index + gap);
    await file.close();
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path, { highWaterMark: MEGABYTE })) hash.update(chunk as Buffer);
    return hash.digest("hex");
  }

  it("upload it in constant memory, and tell how far they are", async () => {
    const { flink, stack } = await prepare(rig);
    let received = 0;
    // In place of what is uploaded, the cluster gets a small jar of the same name.
    proxy = createServer((request, response) => {
      const { method, url = "/", headers } = request;
      if (url !== "/jars/upload") {
        request.pipe(
          forward(new URL(url, flink.url), { method, headers }, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(response);
          }),
        );
        return;
      }
      let head = "";
      request.on("data", (chunk: Buffer) => {
        if (head === "") head = chunk.toString("latin1", 0, 1024);
        received += chunk.length;
      });
      request.once("end", () => {
        const form = new FormData();
        const name = /filename="([^"]+)"/.exec(head)?.[1] ?? "";
        form.set("jarfile", new Blob([new Uint8Array(makeJar({ content: "large" }))]), name);
        void fetch(`${flink.url}/jars/upload`, { method: "POST", body: form }).then(async (answer) => {
          response.end(await answer.text());
        });
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const path = join(folder, "large.jar");
    const hash = await largeJar(path);
    const jar = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path, hash };
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const grownBytes = await new DeploymentHooks().measured(
      { cluster: { url }, artifact: { jar } },
      stack.engine.address,
    );
    assert.ok(received > 1024 * MEGABYTE);
    assert.equal(flink.activeJobs().length, 1);
    const grown = Math.round(grownBytes / MEGABYTE);
    assert.ok(grown < 150, `${grown} MB`);
    const uploading = stack.engine.lines.filter(({ message }) => message.startsWith("uploading large.jar: "));
    assert.ok(uploading.length >= 1 && uploading.length < 300, `${uploading.length} lines`);
  });
});
