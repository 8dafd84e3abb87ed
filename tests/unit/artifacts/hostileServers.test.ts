import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import type { ArtifactInputs } from "../../../provider/artifacts/artifactInputs";
import { redirectTarget } from "../../../provider/artifacts/download";
import { resolveArtifact } from "../../../provider/artifacts/resolveArtifact";
import type { TransferOptions } from "../../../provider/artifacts/transfer";
import { Authority } from "../../rig/certificates";
import { listen, type FakeServer } from "../flink/fakeServer";
import { jar } from "./jars";
import { JarServer } from "./jarServer";

const MEBIBYTE = 1024 * 1024;
const JOB = jar(["org.example.Main"], "Main-Class: org.example.Main\r\n");
const SECRETS = ["header-7f", "query-7f", "password-7f", "elsewhere-7f"];
const HEADERS = { Authorization: "Bearer header-7f", "X-Key": "header-7f" };

function at(jarUri: string): ArtifactInputs {
  return { mainArgs: [], additionalDependencies: [], httpHeaders: HEADERS, jarUri };
}

describe("a hostile server of a jar", function () {
  this.timeout(60_000);
  let server: JarServer;
  const others: FakeServer[] = [];
  const outerTmpdir = process.env["TMPDIR"];
  let temporaryFolder: string;
  before(async () => {
    server = await JarServer.start();
    // Of this test alone: other processes fetch jars, too.
    temporaryFolder = mkdtempSync(join(tmpdir(), "pulumi-flink-hostile-"));
    process.env["TMPDIR"] = temporaryFolder;
  });
  after(async () => {
    await server.stop();
    if (outerTmpdir === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = outerTmpdir;
    rmSync(temporaryFolder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const each of others.splice(0)) await each.close();
  });

  async function refused(address: string, code: string, words: RegExp, options: TransferOptions = {}): Promise<void> {
    await assert.rejects(resolveArtifact(at(address), options), (error: Error & { code?: string }) => {
      assert.match(error.message, words);
      assert.equal(error.code, code);
      assert.ok(error.message.length < 1_000);
      for (const secret of SECRETS) assert.ok(!inspect(error).includes(secret), inspect(error));
      return true;
    });
    const left = (await readdir(temporaryFolder)).filter((name) => name.startsWith("pulumi-flink-artifact-"));
    assert.deepEqual(left, [], "nothing is left behind");
  }

  function answer(path: string, respond: (request: IncomingMessage, response: ServerResponse) => void): string {
    server.answers.set(path, respond);
    return server.url(path);
  }

  function endlessly(response: ServerResponse): void {
    const chunk = Buffer.alloc(MEBIBYTE);
    const more = (): void => {
      while (!response.destroyed) if (!response.write(chunk)) return void response.once("drain", more);
    };
    more();
  }

  it("that never ends its jar is left at the limit, in constant memory", async () => {
    const address = answer("/endless.jar", (_request, response) => endlessly(response));
    const before = process.memoryUsage.rss();
    let peak = before;
    await refused(address, "FLINK_ARTIFACT_REFUSED", /^is larger than 300 MiB/, {
      maxBytes: 300 * MEBIBYTE,
      onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())),
    });
    assert.ok(peak - before < 200 * MEBIBYTE, `memory grew by ${(peak - before) / MEBIBYTE} MiB`);
  });

  it("that announces more than any jar has is not listened to", async () => {
    const address = answer("/announced.jar", (_request, response) => {
      response.writeHead(200, { "content-length": String(3 * 1024 ** 3) });
      response.write("PK");
    });
    await refused(address, "FLINK_ARTIFACT_REFUSED", /^is larger than 2048 MiB/);
  });

  it("that drips its jar is left after the time for the whole", async () => {
    const address = answer("/drip.jar", (_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    });
    await refused(address, "FLINK_ARTIFACT_UNREACHABLE", /: it was not complete after 0\.5 s$/, {
      totalTimeoutMs: 500,
    });
  });

  it("that sends headers without end is left", async () => {
    const address = answer("/headers.jar", (request) => {
      request.socket.write(`HTTP/1.1 200 OK\r\n${"x-more: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(10_000)}`);
    });
    await refused(address, "FLINK_ARTIFACT_UNREACHABLE", /cannot be fetched from .*Headers Overflow/);
  });

  it("that sends a compressed bomb has it stored as it is, and refused as no jar", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * MEBIBYTE));
    const address = answer("/bomb.jar", (_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    await refused(address, "FLINK_ARTIFACT_NOT_A_JAR", /^is not a jar/, { maxBytes: MEBIBYTE });
  });

  it("that redirects with a body without end is followed at once", async () => {
    server.serve("/followed.jar", JOB);
    const address = answer("/endless-redirect.jar", (_request, response) => {
      response.writeHead(302, { location: "/followed.jar" });
      endlessly(response);
    });
    await (await resolveArtifact(at(address))).dispose();
  });

  for (const [path, fileName] of [
    ["/..%2f..%2fetc%2fpasswd", "..%2f..%2fetc%2fpasswd"],
    ["/%2e%2e", ""],
    ["/a%00b.jar", "a%00b.jar"],
    ["/a/..%5c..%5cx.jar", "..%5c..%5cx.jar"],
    [`/${"x".repeat(4_000)}`, "x".repeat(4_000)],
  ] as const) {
    it(`decides no file's name or folder, by its address or its headers: ${path.slice(0, 30)}`, async () => {
      const address = new URL(server.url(path));
      answer(address.pathname, (_request, response) => {
        response.writeHead(200, { "content-disposition": 'attachment; filename="../../../etc/cron.d/x"' }).end(JOB);
      });
      const resolved = await resolveArtifact(at(address.href));
      assert.equal(resolved.fileName, fileName);
      assert.equal(basename(resolved.path), "artifact.jar");
      assert.equal(dirname(dirname(resolved.path)), tmpdir());
      await resolved.dispose();
      assert.ok(!existsSync(dirname(resolved.path)));
    });
  }

  describe("that redirects", () => {
    /** The headers with which the place of the redirect was asked. */
    async function followed(location: (target: JarServer) => string): Promise<IncomingMessage["headers"]> {
      const target = await JarServer.start();
      target.serve("/job.jar", JOB);
      const from = answer("/from.jar", (_request, response) => {
        response.writeHead(307, { location: location(target) }).end();
      });
      try {
        await (await resolveArtifact(at(from))).dispose();
        return target.seen[0]?.headers ?? assert.fail("it was not followed");
      } finally {
        await target.stop();
      }
    }

    it("to another port tells it no header", async () => {
      const headers = await followed((target) => target.url("/job.jar"));
      assert.equal(headers.authorization, undefined);
      assert.equal(headers["x-key"], undefined);
    });

    it("with credentials in the address does not make them headers", async () => {
      const headers = await followed((target) => target.url("/job.jar").replace("//", "//user:elsewhere-7f@"));
      assert.equal(headers.authorization, undefined);
    });

    it("by way of another server gets the headers back only for its own address", async () => {
      server.serve("/back.jar", JOB);
      const other = await JarServer.start();
      other.redirect("/", server.url("/back.jar"));
      server.redirect("/there.jar", other.url("/"));
      await (await resolveArtifact(at(server.url("/there.jar")))).dispose();
      assert.equal(other.seen[0]?.headers.authorization, undefined);
      assert.equal(server.seen.at(-1)?.headers.authorization, HEADERS.Authorization);
      await other.stop();
    });

    it("and then fails shows neither credentials nor query of either address", async () => {
      const gone = await JarServer.start();
      const location = `${gone.url("/job.jar").replace("//", "//user:elsewhere-7f@")}?token=elsewhere-7f`;
      await gone.stop();
      const from = answer("/to-gone.jar", (_request, response) => response.writeHead(302, { location }).end());
      await refused(`${from}?signature=query-7f`, "FLINK_ARTIFACT_UNREACHABLE", /ECONNREFUSED/);
      const missing = server.url("/none.jar").replace("//", "//user:password-7f@");
      server.redirect("/to-none.jar", `${missing}?token=elsewhere-7f`);
      await refused(server.url("/to-none.jar?signature=query-7f"), "FLINK_ARTIFACT_NOT_FOUND", /answered 404/);
    });
  });

  for (const [where, location, words] of [
    ["the address of a cloud's credentials", "http://169.254.169.254/latest/meta-data", "a link-local address"],
    ["that address in another spelling", "http://2852039166/", "a link-local address"],
    ["that address as IPv6 has it", "http://[::ffff:169.254.169.254]/", "a link-local address"],
    ["a neighbour by IPv6", "https://[fe80::1]/job.jar", "a link-local address"],
    ["what listens on this machine", "http://localhost:8081/job.jar", "this machine"],
    ["what listens on this machine, by its number", "http://127.1/job.jar", "this machine"],
  ] as const) {
    it(`is not followed to ${where}`, () => {
      assert.throws(() => redirectTarget(new URL("http://jars.example.org/a.jar"), location), {
        message: `is redirected from http://jars.example.org/a.jar to ${words}, which is not followed`,
      });
    });
  }

  describe("over TLS", () => {
    let directory: string;
    let authority: Authority;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), "pulumi-flink-jar-tls-"));
      authority = new Authority(directory, "ours");
    });
    after(() => rmSync(directory, { recursive: true, force: true }));

    it("is not trusted without a known authority, whatever Node's variable says, and gets no header", async () => {
      let requests = 0;
      const pair = authority.issue("server", "IP:127.0.0.1");
      const target = await listen((_request, response) => {
        requests++;
        response.end(JOB);
      }, pair);
      others.push(target);
      const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      try {
        await refused(
          `${target.url}/a.jar?signature=query-7f`,
          "FLINK_ARTIFACT_UNREACHABLE",
          /from https:\/\/127\.0\.0\.1:\d+\/a\.jar: its certificate is not trusted: .*NODE_EXTRA_CA_CERTS/,
        );
      } finally {
        if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
        else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      }
      assert.equal(requests, 0);
    });

    it("is not followed down to plain http", () => {
      // Only the decision: this process trusts no authority of its own.
      assert.throws(
        () => redirectTarget(new URL("https://jars.example.org/a.jar"), "http://jars.example.org/a.jar"),
        /to a http:\/\/ address, which is not followed/,
      );
      assert.equal(
        redirectTarget(new URL("http://jars.example.org/a.jar"), "https://jars.example.org/b.jar").href,
        "https://jars.example.org/b.jar",
      );
    });
  });
});
