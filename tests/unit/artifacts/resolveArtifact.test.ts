import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { ArtifactInputs } from "../../../provider/artifacts/artifactInputs";
import type { AssetValue } from "../../../provider/artifacts/pulumiAsset";
import { resolveArtifact } from "../../../provider/artifacts/resolveArtifact";
import type { ArtifactProgress } from "../../../provider/artifacts/transfer";
import { fileAsset } from "../deployment/inputsFixture";
import { Folder, jar, sha256Of, zip } from "./jars";
import { JarServer } from "./jarServer";

const MAIN = "org.example.Main";
const JOB = jar([MAIN, "org.example.Other"], `Main-Class: ${MAIN}\r\n`);

const NOTHING_ELSE = { mainArgs: [], additionalDependencies: [], httpHeaders: {} };

function at(jarUri: string, more: Partial<ArtifactInputs> = {}): ArtifactInputs {
  return { ...NOTHING_ELSE, ...more, jarUri } as ArtifactInputs;
}

function asset(path: string): ArtifactInputs {
  return { ...NOTHING_ELSE, jar: fileAsset(path) as unknown as AssetValue };
}

describe("the jar of a job", () => {
  let folder: Folder;
  let server: JarServer;
  before(async () => {
    folder = await Folder.make();
    server = await JarServer.start();
  });
  after(async () => {
    await server.stop();
    await folder.remove();
  });

  it("is read where it is, from a path, an asset or a file address", async () => {
    const path = await folder.write("my job.jar", JOB);
    const artifacts: ArtifactInputs[] = [
      at(pathToFileURL(path).href),
      asset(path),
      asset(relative(process.cwd(), path)),
      { ...NOTHING_ELSE, jar: { ...fileAsset(""), uri: pathToFileURL(path).href } as unknown as AssetValue },
    ];
    for (const artifact of artifacts) {
      const resolved = await resolveArtifact(artifact);
      assert.deepEqual(
        { ...resolved, dispose: undefined },
        {
          path,
          sha256: sha256Of(JOB),
          fileName: "my job.jar",
          sizeBytes: JOB.length,
          mainClass: MAIN,
          dispose: undefined,
        },
      );
      await resolved.dispose();
      assert.ok(existsSync(path), "the user's own file stays");
    }
  });

  it("is fetched over http with its headers, and removed afterwards", async () => {
    server.serve("/jobs/job.jar", JOB);
    const progress: ArtifactProgress[] = [];
    const artifact = at(server.url("/jobs/job.jar?signature=hunter2"), { httpHeaders: { "X-Token": "t1" } });
    const resolved = await resolveArtifact(artifact, { onProgress: (now) => progress.push(now) });
    assert.equal(resolved.sha256, sha256Of(JOB));
    assert.equal(resolved.fileName, "job.jar");
    assert.equal(resolved.sizeBytes, JOB.length);
    assert.deepEqual(await readFile(resolved.path), JOB);
    assert.equal(server.seen.at(-1)?.headers["x-token"], "t1");
    assert.deepEqual(progress.at(-1), { receivedBytes: JOB.length, totalBytes: JOB.length });
    await resolved.dispose();
    assert.equal(existsSync(dirname(resolved.path)), false);
  });

  it("is found through redirects, without telling headers to another host", async () => {
    server.serve("/final.jar", JOB);
    server.redirect("/same", "/final.jar", 307);
    server.redirect("/other", server.url("/final.jar", "localhost"));
    const httpHeaders = { Authorization: "hunter2" };
    await (await resolveArtifact(at(server.url("/same"), { httpHeaders }))).dispose();
    assert.equal(server.seen.at(-1)?.headers.authorization, "hunter2");
    const before = server.seen.length;
    await (await resolveArtifact(at(server.url("/other"), { httpHeaders }))).dispose();
    const [first, second] = server.seen.slice(before);
    assert.equal(first?.headers.authorization, "hunter2");
    assert.equal(second?.path, "/final.jar");
    assert.equal(second?.headers.authorization, undefined);
  });

  it("is accepted when it is the one that is pinned", async () => {
    server.serve("/pinned.jar", JOB);
    const path = await folder.write("pinned.jar", JOB);
    for (const address of [server.url("/pinned.jar"), pathToFileURL(path).href]) {
      await (await resolveArtifact(at(address, { sha256: sha256Of(JOB) }))).dispose();
    }
  });

  it("may name the class to run in program-class, which wins over Main-Class, and over several lines", async () => {
    const long = `org.example.${"averylongpackagename.".repeat(5)}Job`;
    const [head, tail] = [long.slice(0, 50), long.slice(50)];
    const manifest = `Main-Class: ${MAIN}\r\nProgram-Class: ${head}\r\n ${tail}\r\n\r\nName: x\r\nMain-Class: wrong.One\r\n`;
    const path = await folder.write("program.jar", jar([long, MAIN], manifest));
    assert.equal((await resolveArtifact(asset(path))).mainClass, long);
  });

  it("needs no manifest when the class is given, which may be in a jar within", async () => {
    const plain = await folder.write("plain.jar", zip({ "org/example/Main.class": "" }));
    assert.equal((await resolveArtifact({ ...asset(plain), entryClass: MAIN })).mainClass, undefined);
    const nested = await folder.write("nested.jar", zip({ "lib/inner.jar": "" }));
    await resolveArtifact({ ...asset(nested), entryClass: MAIN });
  });

  describe("is refused", () => {
    const refused = async (artifact: ArtifactInputs, code: string, message: RegExp, stallTimeoutMs?: number) => {
      const left = await temporaryFolders();
      await assert.rejects(
        resolveArtifact(artifact, stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
        (error: Error) => {
          assert.equal((error as { code?: string }).code, code);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message + error.stack, /hunter2/);
          return true;
        },
      );
      assert.deepEqual(await temporaryFolders(), left, "nothing is left behind");
      // A file is closed a moment after its last use.
      const deadline = Date.now() + 5_000;
      while ((await openJars()).length > 0 && Date.now() < deadline) await setImmediate();
      assert.deepEqual(await openJars(), [], "nothing is left open");
    };
    /** The jars that this process holds open, where the system tells. */
    const openJars = async () => {
      const descriptors = await readdir("/proc/self/fd").catch(() => []);
      const files = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
      return files.filter((file) => file.endsWith(".jar"));
    };
    const temporaryFolders = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith("pulumi-flink-artifact-")).sort();
    const secret = { httpHeaders: { Authorization: "hunter2" } };

    it("when there is no such file", () =>
      refused(
        asset(join(folder.path, "none.jar")),
        "FLINK_ARTIFACT_NOT_FOUND",
        /^does not exist: there is no file .*none\.jar$/,
      ));

    it("when it is a folder", async () => {
      await mkdir(join(folder.path, "a-folder"));
      await refused(asset(join(folder.path, "a-folder")), "FLINK_ARTIFACT_UNREADABLE", /^is a folder, not a file/);
    });

    it("when it is not a jar", async () => {
      const path = await folder.write("text.jar", "<html>sign in</html>");
      await refused(asset(path), "FLINK_ARTIFACT_NOT_A_JAR", /^is not a jar: /);
    });

    it("when it is only the beginning of a jar", async () => {
      const path = await folder.write("half.jar", JOB.subarray(0, JOB.length / 2));
      await refused(asset(path), "FLINK_ARTIFACT_NOT_A_JAR", /^is not a jar: /);
    });

    it("when a page came in its place", async () => {
      server.serve("/page.jar", Buffer.from("<html>sign in</html>"));
      await refused(at(server.url("/page.jar")), "FLINK_ARTIFACT_NOT_A_JAR", /^is not a jar: /);
    });

    it("when it is another one than pinned, naming both", async () => {
      const pin = "0".repeat(64);
      const path = await folder.write("other.jar", JOB);
      const message = new RegExp(`^asks for a jar of SHA-256 ${pin}, but the jar there has ${sha256Of(JOB)}$`);
      await refused({ ...asset(path), sha256: pin }, "FLINK_ARTIFACT_DIGEST_MISMATCH", message);
      server.serve("/other-pin.jar", JOB);
      await refused(at(server.url("/other-pin.jar"), { sha256: pin }), "FLINK_ARTIFACT_DIGEST_MISMATCH", message);
    });

    it("when no class to run is named anywhere", async () => {
      const path = await folder.write("library.jar", jar([MAIN]));
      await refused(
        asset(path),
        "FLINK_ARTIFACT_NO_ENTRY_CLASS",
        /^is not given, and the jar's manifest names no Main-Class or program-class/,
      );
    });

    it("when the class to run is not in it, naming one that is meant perhaps", async () => {
      const path = await folder.write("classes.jar", jar([MAIN]));
      const code = "FLINK_ARTIFACT_ENTRY_CLASS_MISSING";
      await refused(
        { ...asset(path), entryClass: "org.wrong.main" },
        code,
        /^is org\.wrong\.main, which the jar does not hold; it has org\.example\.Main$/,
      );
      await refused(
        { ...asset(path), entryClass: "org.wrong.X" },
        code,
        /^is org\.wrong\.X, which the jar does not hold$/,
      );
    });

    it("when the manifest names a class that is not in it", async () => {
      const path = await folder.write("broken.jar", jar([], `Main-Class: ${MAIN}\r\n`));
      await refused(asset(path), "FLINK_ARTIFACT_ENTRY_CLASS_MISSING", /which the jar does not hold/);
    });

    it("when its server does not know it", () =>
      refused(
        at(server.url("/none.jar?key=hunter2"), secret),
        "FLINK_ARTIFACT_NOT_FOUND",
        /^does not exist: the server of http:\/\/127\.0\.0\.1:\d+\/none\.jar answered 404$/,
      ));

    it("when its server does not give it, saying where credentials go", async () => {
      server.answers.set("/locked.jar", (_request, response) => void response.writeHead(401).end("hunter2"));
      await refused(
        at(server.url("/locked.jar"), secret),
        "FLINK_ARTIFACT_REFUSED",
        /answered 401; credentials for it go into artifact\.httpHeaders$/,
      );
    });

    it("when its server has trouble", async () => {
      server.answers.set("/trouble.jar", (_request, response) => void response.writeHead(503).end());
      await refused(
        at(server.url("/trouble.jar")),
        "FLINK_ARTIFACT_UNREACHABLE",
        /^cannot be fetched now: .*answered 503$/,
      );
    });

    it("when there is no server", async () => {
      const gone = await JarServer.start();
      const url = gone.url("/a.jar?key=hunter2");
      await gone.stop();
      await refused(
        at(url, secret),
        "FLINK_ARTIFACT_UNREACHABLE",
        /^cannot be fetched from http:\/\/127\.0\.0\.1:\d+\/a\.jar: .*ECONNREFUSED/,
      );
    });

    it("when its server never answers", async () => {
      server.answers.set("/silent.jar", () => {});
      await refused(at(server.url("/silent.jar")), "FLINK_ARTIFACT_UNREACHABLE", /nothing came for 0\.2 s$/, 200);
    });

    it("when its server stops sending in the middle", async () => {
      server.answers.set("/stalled.jar", (_request, response) => {
        response.writeHead(200, { "content-length": JOB.length });
        response.write(JOB.subarray(0, 10));
      });
      await refused(at(server.url("/stalled.jar")), "FLINK_ARTIFACT_UNREACHABLE", /nothing came for 0\.2 s$/, 200);
    });

    it("when its server closes the connection in the middle", async () => {
      server.answers.set("/cut.jar", (_request, response) => {
        response.writeHead(200, { "content-length": JOB.length });
        response.write(JOB.subarray(0, 10), () => response.destroy());
      });
      await refused(at(server.url("/cut.jar")), "FLINK_ARTIFACT_UNREACHABLE", /^cannot be fetched from/);
    });

    it("when it is redirected for ever", async () => {
      server.redirect("/loop.jar", "/loop.jar");
      await refused(at(server.url("/loop.jar")), "FLINK_ARTIFACT_REFUSED", /^is redirected more than 5 times from/);
    });

    it("when it is redirected to a place that is not followed", async () => {
      server.redirect("/to-file.jar", "file:///etc/passwd");
      await refused(
        at(server.url("/to-file.jar")),
        "FLINK_ARTIFACT_REFUSED",
        /to a file:\/\/ address, which is not followed$/,
      );
    });

    it("by whoever asked, in the middle", async () => {
      const controller = new AbortController();
      const reason = new Error("the engine is gone");
      server.answers.set("/slow.jar", (_request, response) => {
        response.writeHead(200, { "content-length": JOB.length });
        response.write(JOB.subarray(0, 10), () => controller.abort(reason));
      });
      const left = await temporaryFolders();
      await assert.rejects(resolveArtifact(at(server.url("/slow.jar")), { signal: controller.signal }), reason);
      assert.deepEqual(await temporaryFolders(), left);
    });
  });

  it("is fetched without holding it in memory", async function () {
    this.timeout(60_000);
    const mebibyte = Buffer.alloc(1024 * 1024, 7);
    const mebibytes = 200;
    server.answers.set("/large.jar", (_request, response) => {
      let sent = 0;
      const more = () => {
        while (sent < mebibytes) {
          sent += 1;
          if (!response.write(mebibyte)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    const before = process.memoryUsage().rss;
    let highest = before;
    const onProgress = () => (highest = Math.max(highest, process.memoryUsage().rss));
    // It is not a jar, but that is seen only after the last byte has come.
    await assert.rejects(resolveArtifact(at(server.url("/large.jar")), { onProgress }), {
      code: "FLINK_ARTIFACT_NOT_A_JAR",
    });
    assert.ok(highest - before < 100 * 1024 * 1024, `memory grew by ${(highest - before) / 1024 / 1024} MiB`);
  });
});
