import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, promisify } from "node:util";
import type { ArtifactInputs } from "../../../provider/artifacts/artifactInputs";
import { artifactDigest, examineJar } from "../../../provider/artifacts/examineArtifact";
import { resolveArtifact } from "../../../provider/artifacts/resolveArtifact";
import type { TransferOptions } from "../../../provider/artifacts/transfer";
import { repositoryRoot } from "../../rig/repository";
import { withEnvironment } from "../../rig/environment";
import { Folder, jar, sha256Of } from "./jars";
import { JarServer } from "./jarServer";

const MEBIBYTE = 1024 * 1024;
const JOB = jar(["org.example.Main"], "Main-Class: org.example.Main\r\n");
const SECRETS = ["secret-key-7f", "session-token-7f", "access-key-7f"];

function at(jarUri: string): ArtifactInputs {
  return { mainArgs: [], additionalDependencies: [], httpHeaders: {}, jarUri };
}

/** How S3 says what is wrong. */
function refusal(response: ServerResponse, status: number, code: string, more: Record<string, string> = {}): void {
  const fields = Object.entries({ Code: code, Message: `what ${code} means`, ...more });
  const body = fields.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error>${body}</Error>`);
}

/** What S3 may answer that a server of one's own does not; that one's answers are in tests/flink. */
describe("an answer of S3", function () {
  this.timeout(60_000);
  let server: JarServer;
  let temporary: Folder;
  let restore: () => void;
  before(async () => {
    server = await JarServer.start();
    temporary = await Folder.make();
    restore = withEnvironment({
      // By a name: at a number the SDK itself has no other choice than the path.
      AWS_ENDPOINT_URL_S3: server.url("", "localhost"),
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "access-key-7f",
      AWS_SECRET_ACCESS_KEY: "secret-key-7f",
      AWS_SESSION_TOKEN: "session-token-7f",
      AWS_CONFIG_FILE: join(temporary.path, "none"),
      AWS_SHARED_CREDENTIALS_FILE: join(temporary.path, "none"),
      // Of this test alone: other processes fetch jars, too.
      TMPDIR: temporary.path,
    });
  });
  after(async () => {
    restore();
    await server.stop();
    await temporary.remove();
  });

  async function refused(code: string, words: RegExp, options: TransferOptions = {}): Promise<void> {
    await assert.rejects(resolveArtifact(at("s3://jars/a/job.jar"), options), (error: Error & { code?: string }) => {
      assert.match(error.message, words);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, /^[^\p{Cc}]{1,900}$/u);
      for (const secret of SECRETS) assert.ok(!inspect(error).includes(secret), inspect(error));
      return true;
    });
    assert.deepEqual(await readdir(temporary.path), [], "nothing is left behind");
  }

  const answer = (respond: (response: ServerResponse) => void): void =>
    void server.answers.set("/jars/a/job.jar", (_request, response) => respond(response));

  it("is the jar, of a bucket in the path, asked for with what the environment has", async () => {
    answer((response) => response.writeHead(200, { etag: '"one"' }).end(JOB));
    const { sha256, fileName, validator, dispose } = await resolveArtifact(at("s3://jars/a/job.jar"));
    await dispose();
    assert.deepEqual(
      { sha256, fileName, validator },
      { sha256: sha256Of(JOB), fileName: "job.jar", validator: '"one"' },
    );
    const { headers } = server.seen.at(-1) ?? assert.fail();
    assert.match(headers.authorization ?? "", /Credential=access-key-7f\/\d+\/eu-central-1\/s3\//);
    assert.equal(headers["x-amz-security-token"], "session-token-7f");
  });

  it("names a key as it is written", async () => {
    const key = "a b/100%/ü?#.jar";
    server.answers.set(`/jars/${encodeURIComponent(key).replaceAll("%2F", "/")}`, (_request, response) =>
      response.end(JOB),
    );
    const { fileName, dispose } = await resolveArtifact(at(`s3://jars/${key}`));
    await dispose();
    assert.equal(fileName, "ü?#.jar");
  });

  it("that it is the same as before is believed, for the digest and for what is in it", async () => {
    server.serve("/jars/tagged.jar", JOB, '"one"');
    const artifact = at("s3://jars/tagged.jar");
    const first = await examineJar(artifact);
    const requests = server.seen.length;
    assert.deepEqual(await examineJar(artifact), first);
    assert.equal(await artifactDigest(artifact), sha256Of(JOB));
    assert.deepEqual(
      server.seen.slice(requests).map(({ headers }) => headers["if-none-match"]),
      ['"one"', '"one"'],
    );
    const other = jar(["org.example.Main", "B"], "Main-Class: org.example.Main\r\n");
    server.serve("/jars/tagged.jar", other, '"two"');
    assert.equal(await artifactDigest(artifact), sha256Of(other));
  });

  const refusals: [what: string, respond: (response: ServerResponse) => void, code: string, words: RegExp][] = [
    [
      "that it is not allowed says what may be missing",
      (response) => refusal(response, 403, "AccessDenied"),
      "FLINK_ARTIFACT_REFUSED",
      /^cannot be fetched from s3:\/\/jars\/a\/job\.jar: S3 answered 403 \(AccessDenied\): the credentials may not read it \(s3:GetObject\), or it does not exist/,
    ],
    [
      "that the credentials have expired says where they come from",
      (response) => refusal(response, 400, "ExpiredToken", { Token: "session-token-7f" }),
      "FLINK_ARTIFACT_REFUSED",
      /S3 answered 400 \(ExpiredToken\): the credentials are not accepted; see AWS_ACCESS_KEY_ID/,
    ],
    [
      "that the bucket is elsewhere says what to set",
      (response) => refusal(response, 301, "PermanentRedirect", { Endpoint: "jars.s3.amazonaws.com" }),
      "FLINK_ARTIFACT_REFUSED",
      /S3 answered 301 \(PermanentRedirect\): the bucket is in another region than the one that is set; set AWS_REGION$/,
    ],
    [
      "that the object is in an archive is repeated",
      (response) => refusal(response, 403, "InvalidObjectState"),
      "FLINK_ARTIFACT_REFUSED",
      /S3 answered 403 \(InvalidObjectState\): what InvalidObjectState means$/,
    ],
    [
      "that there is no such bucket names it",
      (response) => refusal(response, 404, "NoSuchBucket"),
      "FLINK_ARTIFACT_NOT_FOUND",
      /^does not exist: there is no bucket jars$/,
    ],
    [
      "that is busy may be another one later",
      (response) => refusal(response, 503, "SlowDown"),
      "FLINK_ARTIFACT_UNREACHABLE",
      /S3 answered 503 \(SlowDown\): what SlowDown means$/,
    ],
    [
      "that repeats all secrets is shown without them",
      (response) => refusal(response, 400, "InvalidRequest", { Message: `${SECRETS.join(" and ")}, they are` }),
      "FLINK_ARTIFACT_REFUSED",
      /S3 answered 400 \(InvalidRequest\): \*\*\* and \*\*\* and \*\*\*, they are$/,
    ],
    [
      "that is no answer of S3 is refused by its status",
      (response) => response.writeHead(404, { "content-type": "text/html" }).end("<html><body>nothing here"),
      "FLINK_ARTIFACT_REFUSED",
      /S3 answered 404, and not in S3's words: is it S3 that AWS_ENDPOINT_URL_S3 leads to\?$/,
    ],
    [
      "that is a page in place of the jar is no jar",
      (response) => response.end("<html>sign in</html>"),
      "FLINK_ARTIFACT_NOT_A_JAR",
      /^is not a jar/,
    ],
    [
      "that announces more than any jar has is not listened to",
      (response) => {
        response.writeHead(200, { "content-length": String(3 * 1024 ** 3) });
        response.write("PK");
      },
      "FLINK_ARTIFACT_REFUSED",
      /^is larger than 2048 MiB/,
    ],
  ];
  for (const [what, respond, code, words] of refusals) {
    it(what, async () => {
      answer(respond);
      await refused(code, words);
    });
  }

  it("from another region is asked for there", async () => {
    server.answers.set("/jars/a/job.jar", (request, response) => {
      if (request.headers.authorization?.includes("/us-west-2/") === true) return void response.end(JOB);
      response.setHeader("x-amz-bucket-region", "us-west-2");
      refusal(response, 301, "PermanentRedirect");
    });
    await (await resolveArtifact(at("s3://jars/a/job.jar"))).dispose();
  });

  it("that stops in the middle is not waited for", async () => {
    answer((response) => {
      response.writeHead(200, { "content-length": JOB.length });
      response.write(JOB.subarray(0, 10));
    });
    await refused("FLINK_ARTIFACT_UNREACHABLE", /: nothing came for 0\.3 s$/, { stallTimeoutMs: 300 });
  });

  it("that never comes is not waited for", async () => {
    answer(() => {});
    await refused("FLINK_ARTIFACT_UNREACHABLE", /: nothing came for 0\.3 s$/, { stallTimeoutMs: 300 });
  });

  it("that drips is left after the time for the whole", async () => {
    answer((response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    });
    await refused("FLINK_ARTIFACT_UNREACHABLE", /: it was not complete after 0\.5 s$/, { totalTimeoutMs: 500 });
  });

  it("that is cut off is one that may be whole another time", async () => {
    answer((response) => {
      response.writeHead(200, { "content-length": JOB.length });
      response.write(JOB.subarray(0, 10), () => response.destroy());
    });
    await refused("FLINK_ARTIFACT_UNREACHABLE", /^cannot be fetched from s3:\/\/jars\/a\/job\.jar: /);
  });

  it("is left in the middle by whoever asked", async () => {
    const controller = new AbortController();
    const reason = new Error("the engine is gone");
    answer((response) => {
      response.writeHead(200, { "content-length": JOB.length });
      response.write(JOB.subarray(0, 10), () => controller.abort(reason));
    });
    const { signal } = controller;
    await assert.rejects(resolveArtifact(at("s3://jars/a/job.jar"), { signal }), reason);
  });

  it("without end is left at the limit, in constant memory", async () => {
    const chunk = Buffer.alloc(MEBIBYTE);
    answer((response) => {
      const more = (): void => {
        while (!response.destroyed) if (!response.write(chunk)) return void response.once("drain", more);
      };
      more();
    });
    const before = process.memoryUsage.rss();
    let peak = before;
    await refused("FLINK_ARTIFACT_REFUSED", /^is larger than 300 MiB/, {
      maxBytes: 300 * MEBIBYTE,
      onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())),
    });
    assert.ok(peak - before < 200 * MEBIBYTE, `memory grew by ${(peak - before) / MEBIBYTE} MiB`);
  });
});

describe("a jar in S3, where the AWS SDK is not installed", () => {
  it("is refused in one line that says what to install", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pulumi-flink-no-sdk-"));
    try {
      // What ships, and all that it depends on but the optional peer.
      await cp(join(repositoryRoot, "bin", "provider"), join(folder, "provider"), { recursive: true });
      await mkdir(join(folder, "node_modules"));
      const { dependencies } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
      };
      for (const name of Object.keys(dependencies).filter((each) => !each.startsWith("@"))) {
        await symlink(join(repositoryRoot, "node_modules", name), join(folder, "node_modules", name));
      }
      const script =
        'require("./provider/artifacts/resolveArtifact").resolveArtifact({ jarUri: "s3://jars/job.jar", ' +
        "httpHeaders: {}, mainArgs: [], additionalDependencies: [] }).catch(({ code, message }) => console.log(code, message))";
      const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: folder });
      assert.equal(
        stdout,
        "FLINK_ARTIFACT_NO_S3_CLIENT is in S3, which takes the AWS SDK, and that is not installed here: " +
          "npm install @aws-sdk/client-s3\n",
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
