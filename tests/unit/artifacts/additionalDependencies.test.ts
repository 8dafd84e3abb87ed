import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { crc32 } from "node:zlib";
import * as yauzl from "yauzl";
import type { ArtifactInputs } from "../../../provider/artifacts/artifactInputs";
import { artifactDigest } from "../../../provider/artifacts/examineArtifact";
import { resolveArtifact } from "../../../provider/artifacts/resolveArtifact";
import { Folder, jar, sha256Of, zip } from "./jars";
import { JarServer } from "./jarServer";

const MAIN = "org.example.Main";
const JOB = jar([MAIN], `Main-Class: ${MAIN}\r\n`);
const LIBRARY = jar(["org.library.Tool"]);

/** The files of a jar, in the order of its index. */
async function filesOf(path: string): Promise<[name: string, content: string][]> {
  const zipFile = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  const files: [string, string][] = [];
  for await (const entry of zipFile.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zipFile.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks);
    assert.equal(crc32(content), entry.crc32, entry.fileName);
    files.push([entry.fileName, content.toString("latin1")]);
  }
  zipFile.close();
  return files;
}

describe("the additional dependencies of a jar", () => {
  let folder: Folder;
  let server: JarServer;
  let job: string;
  before(async () => {
    folder = await Folder.make();
    server = await JarServer.start();
    job = await folder.write("job.jar", JOB);
  });
  after(async () => {
    await server.stop();
    await folder.remove();
  });

  const at = (path: string): string => pathToFileURL(path).href;
  const artifactWith = (dependencies: readonly string[], more: Partial<ArtifactInputs> = {}): ArtifactInputs =>
    ({
      mainArgs: [],
      httpHeaders: {},
      jarUri: at(job),
      ...more,
      additionalDependencies: dependencies,
    }) as ArtifactInputs;

  it("are packed behind all that the jar has, jars into lib/, in the order in which they are named", async () => {
    const settings = await folder.write("my settings.conf", "limit = 7");
    server.serve("/jars/the%20tool.jar", LIBRARY);
    const resolved = await resolveArtifact(
      artifactWith([
        at(settings),
        server.url("/jars/the%20tool.jar?signature=hunter2"),
        at(await folder.write("B.JAR", JOB)),
      ]),
    );
    const files = await filesOf(resolved.path);
    assert.deepEqual(
      files.map(([name]) => name),
      ["META-INF/MANIFEST.MF", "org/example/Main.class", "my settings.conf", "lib/the-tool.jar", "lib/B.jar"],
    );
    const contents = new Map(files);
    assert.equal(contents.get("my settings.conf"), "limit = 7");
    assert.equal(contents.get("lib/the-tool.jar"), LIBRARY.toString("latin1"));
    assert.equal(contents.get("org/example/Main.class"), "bytes");
    assert.equal(resolved.fileName, "job.jar");
    assert.equal(resolved.mainClass, MAIN);
    assert.equal(resolved.sizeBytes, (await readFile(resolved.path)).length);
    await resolved.dispose();
  });

  it("make the same bytes each time, from wherever the same files come", async () => {
    server.serve("/job.jar", JOB);
    server.serve("/tool.jar", LIBRARY);
    const tool = await folder.write("tool.jar", LIBRARY);
    const bytes = async (artifact: ArtifactInputs): Promise<string> => {
      const { path, sha256, dispose } = await resolveArtifact(artifact);
      assert.equal(sha256, await artifactDigest(artifact));
      const content = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      await dispose();
      return `${sha256} ${content}`;
    };
    const first = await bytes(artifactWith([at(tool)]));
    const moved = { jarUri: server.url("/job.jar") };
    assert.equal(await bytes(artifactWith([server.url("/tool.jar")], moved)), first);
  });

  it("count by content, name and order: each makes another digest", async () => {
    const [a, b] = [await folder.write("a.jar", LIBRARY), await folder.write("b.jar", LIBRARY)];
    const digests = [
      await artifactDigest(artifactWith([])),
      await artifactDigest(artifactWith([at(a)])),
      await artifactDigest(artifactWith([at(b)])),
      await artifactDigest(artifactWith([at(a), at(b)])),
      await artifactDigest(artifactWith([at(b), at(a)])),
    ];
    await folder.write("a.jar", jar(["org.library.Other"]));
    digests.push(await artifactDigest(artifactWith([at(a)])));
    await folder.write("job.jar", jar([MAIN, "B"], `Main-Class: ${MAIN}\r\n`));
    digests.push(await artifactDigest(artifactWith([at(a)])));
    await folder.write("job.jar", JOB);
    assert.equal(new Set(digests).size, digests.length, digests.join("\n"));
    assert.equal(digests[0], sha256Of(JOB), "without any it is the jar's own");
  });

  it("are no part of what artifact.sha256 pins", async () => {
    const tool = await folder.write("pinned-tool.jar", LIBRARY);
    const pinned = artifactWith([at(tool)], { sha256: sha256Of(JOB) });
    const { sha256, dispose } = await resolveArtifact(pinned);
    await dispose();
    assert.equal(sha256, await artifactDigest(pinned));
    assert.equal(sha256, await artifactDigest(artifactWith([at(tool)])));
    await assert.rejects(resolveArtifact(artifactWith([at(tool)], { sha256: sha256Of(LIBRARY) })), {
      code: "FLINK_ARTIFACT_DIGEST_MISMATCH",
    });
  });

  it("may hold the class to run", async () => {
    const tool = await folder.write("entry.jar", LIBRARY);
    const artifact = artifactWith([at(tool)], { entryClass: "org.library.Tool" });
    await (await resolveArtifact(artifact)).dispose();
    const text = await folder.write("org.library.Tool.txt", "no class");
    await assert.rejects(resolveArtifact(artifactWith([at(text)], { entryClass: "org.library.Tool" })), {
      message: "is org.library.Tool, which neither the jar nor one of its additionalDependencies holds",
    });
  });

  describe("on another server than the jar's", () => {
    let other: JarServer;
    const headers = (): Partial<ArtifactInputs> => ({
      jarUri: server.url("/private.jar"),
      httpHeaders: { Authorization: "Bearer hunter2" },
    });
    before(async () => {
      other = await JarServer.start();
      server.serve("/private.jar", JOB);
      for (const each of [server, other]) each.serve("/dependency.jar", LIBRARY);
    });
    after(() => other.stop());

    it("get none of the headers that were given for that one", async () => {
      for (const [place, expected] of [
        [server, "Bearer hunter2"],
        [other, undefined],
      ] as const) {
        await (await resolveArtifact(artifactWith([place.url("/dependency.jar")], headers()))).dispose();
        assert.equal(place.seen.at(-1)?.path, "/dependency.jar");
        assert.equal(place.seen.at(-1)?.headers.authorization, expected);
      }
    });

    it("are refused with a word on that where it asks for credentials", async () => {
      other.answers.set("/locked.jar", (_request, response) => void response.writeHead(401).end());
      await assert.rejects(
        resolveArtifact(artifactWith([other.url("/locked.jar")], headers())),
        /answered 401; artifact\.httpHeaders go to the server of the jar alone$/,
      );
    });
  });

  it("are fetched again only when their server has others", async () => {
    server.serve("/tagged-tool.jar", LIBRARY, '"one"');
    const artifact = artifactWith([server.url("/tagged-tool.jar")]);
    const first = await artifactDigest(artifact);
    assert.equal(await artifactDigest(artifact), first);
    assert.equal(server.seen.at(-1)?.headers["if-none-match"], '"one"');
    server.serve("/tagged-tool.jar", JOB, '"two"');
    assert.notEqual(await artifactDigest(artifact), first);
  });

  it("are packed into a jar whose index is a wide one, as those of more than 65535 files have", async () => {
    const path = await folder.write("wide.jar", withWideEnd(JOB, 2));
    const tool = await folder.write("wide-tool.jar", LIBRARY);
    const resolved = await resolveArtifact(artifactWith([at(tool)], { jarUri: at(path) }));
    assert.deepEqual(
      (await filesOf(resolved.path)).map(([name]) => name),
      ["META-INF/MANIFEST.MF", "org/example/Main.class", "lib/wide-tool.jar"],
    );
    await resolved.dispose();
  });

  describe("are refused, by their number", () => {
    const refused = async (
      dependencies: readonly string[],
      code: string,
      message: RegExp,
      more: Partial<ArtifactInputs> = {},
    ): Promise<void> => {
      await assert.rejects(resolveArtifact(artifactWith(dependencies, more)), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.equal((error as { dependency?: number }).dependency, dependencies.length - 1);
        return true;
      });
    };

    it("when one is missing", async () => {
      const good = at(await folder.write("good.jar", LIBRARY));
      await refused(
        [good, "file:///none.jar"],
        "FLINK_ARTIFACT_NOT_FOUND",
        /^does not exist: there is no file \/none\.jar$/,
      );
      await refused([good, server.url("/none.jar")], "FLINK_ARTIFACT_NOT_FOUND", /^does not exist: .*answered 404$/);
    });

    it("when one is a folder", async () => {
      await mkdir(join(folder.path, "libraries"));
      await refused([at(join(folder.path, "libraries"))], "FLINK_ARTIFACT_UNREADABLE", /^is a folder, not a file/);
    });

    it("when one that is named as a jar is none", async () => {
      const page = await folder.write("page.jar", "<html>sign in</html>");
      await refused([at(page)], "FLINK_ARTIFACT_NOT_A_JAR", /^is not a jar: /);
    });

    it("when the jar has a file or a folder of that name already", async () => {
      const crowded = zip({
        "META-INF/MANIFEST.MF": `Main-Class: ${MAIN}\n`,
        "org/example/Main.class": "",
        "lib/tool.jar": "",
        "application.conf": "",
      });
      const jarUri = at(await folder.write("crowded.jar", crowded));
      for (const [name, entry] of [
        ["tool.jar", "lib/tool.jar"],
        ["application.conf", "application.conf"],
        ["org", "org"],
      ] as const) {
        const elsewhere = await folder.write(`${name}.new`, LIBRARY);
        await mkdir(join(folder.path, "elsewhere"), { recursive: true });
        const file = join(folder.path, "elsewhere", name);
        await rename(elsewhere, file);
        await refused(
          [at(file)],
          "FLINK_ARTIFACT_NOT_PACKED",
          new RegExp(
            `^would be ${entry} in the job's jar, which has a file of that name already; give it another name$`,
          ),
          { jarUri },
        );
      }
    });

    it("and leave nothing behind", async () => {
      const outer = process.env["TMPDIR"];
      const own = await Folder.make();
      process.env["TMPDIR"] = own.path;
      try {
        server.serve("/left.jar", LIBRARY);
        await refused([server.url("/left.jar"), server.url("/none.jar")], "FLINK_ARTIFACT_NOT_FOUND", /404/);
        assert.deepEqual(await readdir(tmpdir()), []);
      } finally {
        if (outer === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = outer;
        await own.remove();
      }
    });
  });

  it("are packed without holding them in memory", async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 7);
    const large = await folder.write("large.bin", Buffer.alloc(0));
    const file = await open(large, "w");
    for (let written = 0; written < 300; written++) await file.write(mebibyte);
    await file.close();
    const before = process.memoryUsage.rss();
    let highest = before;
    const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 5);
    const resolved = await resolveArtifact(artifactWith([at(large)]));
    clearInterval(timer);
    await resolved.dispose();
    assert.ok(highest - before < 100 * 1024 * 1024, `memory grew by ${(highest - before) / 1024 / 1024} MiB`);
  }).timeout(60_000);
});

/** The same zip file with an end that can count further. */
function withWideEnd(file: Buffer, entries: number): Buffer {
  const end = file.subarray(file.length - 22);
  const [size, offset] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  const wide = Buffer.alloc(56);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  for (const [position, value] of [
    [24, entries],
    [32, entries],
    [40, size],
    [48, offset],
  ] as const) {
    wide.writeBigUInt64LE(BigInt(value), position);
  }
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(file.length - 22), 8);
  locator.writeUInt32LE(1, 16);
  const narrow = Buffer.from(end);
  narrow.writeUInt16LE(0xffff, 8);
  narrow.writeUInt16LE(0xffff, 10);
  return Buffer.concat([file.subarray(0, file.length - 22), wide, locator, narrow]);
}
