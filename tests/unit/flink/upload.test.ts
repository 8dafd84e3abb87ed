import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { FlinkClient, type FlinkClientOptions } from "../../../provider/flink/client";
import { BadResponseError, ClusterUnreachableError } from "../../../provider/flink/errors";
import { flinkError, listen, type FakeServer } from "./fakeServer";

const ID = "3ee9c3d6-d2c3-47bf-96a9-ac761dcefd69_a.jar";
const MEGABYTE = 1024 * 1024;

describe("uploading a jar to Flink", () => {
  let directory: string;
  let server: FakeServer;
  let client: FlinkClient;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "pulumi-flink-upload-"));
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  async function given(
    listener: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
    options?: FlinkClientOptions,
  ): Promise<void> {
    server = await listen((request, response) => {
      Promise.resolve(listener(request, response)).catch(() => response.destroy());
    });
    client = new FlinkClient({ url: server.url }, options);
  }

  function succeed(response: ServerResponse, filename = `/tmp/flink-web-upload/${ID}`): void {
    response.end(JSON.stringify({ filename, status: "success" }));
  }

  function fileOf(size: number, name = "some.jar"): string {
    const file = join(directory, name);
    writeFileSync(file, "");
    truncateSync(file, size);
    return file;
  }

  it("sends one multipart field with the file, its length announced", async () => {
    const file = join(directory, "content.jar");
    const content = Buffer.from("PK\u0003\u0004 a jar\r\n--with--\r\nodd bytes \u00ff");
    writeFileSync(file, content);
    let seen: { headers: IncomingMessage["headers"]; body: Buffer } | undefined;
    await given(async (request, response) => {
      seen = { headers: request.headers, body: await buffer(request) };
      succeed(response);
    });
    assert.equal(await client.uploadJar(file, "a.jar"), ID);
    assert.ok(seen !== undefined);
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(seen.headers["content-type"] ?? "")?.[1];
    assert.ok(boundary !== undefined);
    assert.equal(seen.headers["content-length"], String(seen.body.length));
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="a.jar"\r\nContent-Type: application/x-java-archive\r\n\r\n`;
    assert.deepEqual(seen.body, Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]));
  });

  for (const [name, expected] of [
    ['a "b";\r\nc/d\\ü.jar', "a__b____c_d__.jar"],
    [`${"x".repeat(300)}.jar`, `${"x".repeat(176)}.jar`],
    ["app-1.0+build_7.jar", "app-1.0+build_7.jar"],
  ] as const) {
    it(`names the jar ${expected.slice(0, 24)} on Flink`, async () => {
      let body = "";
      await given(async (request, response) => {
        body = (await buffer(request)).toString();
        succeed(response);
      });
      await client.uploadJar(fileOf(3), name);
      assert.ok(body.includes(`filename="${expected}"`), body);
    });
  }

  it("finds the id in a path of Windows, too", async () => {
    await given((request, response) => {
      request.resume();
      succeed(response, `C:\\Temp\\flink-web-upload\\${ID}`);
    });
    assert.equal(await client.uploadJar(fileOf(3), "a.jar"), ID);
  });

  it("tells its progress up to the file's size", async () => {
    await given((request, response) => {
      request.resume().on("end", () => succeed(response));
    });
    const seen: [number, number][] = [];
    const size = 300_000;
    await client.uploadJar(fileOf(size), "a.jar", (...progress) => seen.push(progress));
    assert.ok(seen.length > 1);
    assert.deepEqual(seen.at(-1), [size, size]);
    assert.deepEqual(
      seen.map(([sent]) => sent),
      seen.map(([sent]) => sent).sort((a, b) => a - b),
    );
  });

  it("needs no more memory for 200 MB than for one chunk", async function () {
    this.timeout(60_000);
    const size = 200 * MEGABYTE;
    const hash = createHash("sha1");
    let received = 0;
    await given((request, response) => {
      request.on("data", (chunk: Buffer) => {
        received += chunk.length;
        hash.update(chunk);
      });
      request.on("end", () => succeed(response));
    });
    const file = fileOf(size, "large.jar");
    const before = process.memoryUsage().rss;
    let peak = before;
    await client.uploadJar(file, "large.jar", () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    });
    assert.ok(received > size);
    const growth = Math.round((peak - before) / MEGABYTE);
    // Both ends are in this process. Buffering the file would take 200 MB once or twice.
    assert.ok(growth < 120, `${growth} MB`);
  });

  it("goes on beyond the request timeout while bytes flow", async () => {
    const size = 24 * MEGABYTE;
    // A loaded machine may let nothing flow for half a second.
    const timeout = 2_000;
    await given(
      (request, response) => {
        // Takes a little at a time: longer in all than the timeout, never as long at once.
        request.on("data", () => {
          request.pause();
          setTimeout(() => request.resume(), 7);
        });
        request.on("end", () => succeed(response));
      },
      { requestTimeoutMs: timeout },
    );
    const started = Date.now();
    assert.equal(await client.uploadJar(fileOf(size), "a.jar"), ID);
    assert.ok(Date.now() - started > timeout);
  });

  it("gives up when no byte is taken for the request timeout", async () => {
    await given(() => undefined, { requestTimeoutMs: 200 });
    await assert.rejects(client.uploadJar(fileOf(100 * MEGABYTE), "a.jar"), ClusterUnreachableError);
  });

  it("gives up when the answer does not come", async () => {
    await given((request) => void request.resume(), { requestTimeoutMs: 200 });
    await assert.rejects(client.uploadJar(fileOf(10), "a.jar"), ClusterUnreachableError);
  });

  it("stops when the caller gives up, with the caller's reason", async () => {
    const giveUp = new AbortController();
    const reason = new Error("enough");
    await given(() => undefined);
    const upload = client.uploadJar(fileOf(100 * MEGABYTE), "a.jar", () => giveUp.abort(reason), giveUp.signal);
    await assert.rejects(upload, (error) => error === reason);
  });

  it("does not start when the caller has given up before", async () => {
    let requests = 0;
    await given(() => void requests++);
    const reason = new Error("enough");
    const upload = client.uploadJar(fileOf(1), "a.jar", undefined, AbortSignal.abort(reason));
    await assert.rejects(upload, (error) => error === reason);
    assert.equal(requests, 0);
  });

  it("sends an empty file", async () => {
    await given((request, response) => {
      request.resume().on("end", () => succeed(response));
    });
    const file = fileOf(0, "empty.jar");
    assert.equal(statSync(file).size, 0);
    assert.equal(await client.uploadJar(file, "a.jar"), ID);
  });

  it("fails for a file that is not there, before anything is sent", async () => {
    await given(() => undefined);
    await assert.rejects(client.uploadJar(join(directory, "absent.jar"), "a.jar"), { code: "ENOENT" });
  });

  it("says why Flink did not take it", async () => {
    await given((request, response) => {
      request.resume().on("end", () => {
        const reason = "org.apache.flink.runtime.rest.handler.RestHandlerException: Only Jar files are allowed.";
        response.writeHead(400).end(JSON.stringify(flinkError(reason)));
      });
    });
    await assert.rejects(client.uploadJar(fileOf(1), "a.txt"), /RestHandlerException: Only Jar files are allowed/);
  });

  it("does not take another answer for success", async () => {
    await given((request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify({ status: "failure" })));
    });
    await assert.rejects(client.uploadJar(fileOf(1), "a.jar"), BadResponseError);
  });
});
