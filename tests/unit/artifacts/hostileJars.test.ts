import assert from "node:assert/strict";
import { ftruncate, open } from "node:fs";
import { promisify } from "node:util";
import { inspectJar } from "../../../provider/artifacts/jar";
import { Folder, jar, zip } from "./jars";

const MEBIBYTE = 1024 * 1024;
const MANIFEST = "META-INF/MANIFEST.MF";
const MAIN = "org.example.Main";
/** Where things stand in a zip file's end record, from its end. */
const END_SIZE = 22;
const COUNT_AT = END_SIZE - 10;
/** Where the sizes stand in an entry of the index, from its beginning. */
const PACKED_SIZE_AT = 20;
const SIZE_AT = 24;

/** The same file with other bytes somewhere. */
function patched(file: Buffer, patch: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(file);
  patch(copy);
  return copy;
}

/** Where the first entry of the index begins. */
function indexOf(file: Buffer): number {
  return file.readUInt32LE(file.length - END_SIZE + 16);
}

/** A jar whose end says, as only large ones do, that it has so many entries. */
function withManyEntries(count: bigint): Buffer {
  const file = jar([MAIN]);
  const end = file.length - END_SIZE;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(count, 24);
  record.writeBigUInt64LE(count, 32);
  record.writeBigUInt64LE(BigInt(indexOf(file)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([file.subarray(0, end), record, locator, file.subarray(end)]);
}

const bomb = zip({ [MANIFEST]: `Main-Class: ${MAIN}\n${"a".repeat(64 * MEBIBYTE)}`, "org/example/Main.class": "" });

const CASES: readonly [what: string, file: () => Buffer, words: RegExp][] = [
  ["a manifest of 64 MiB", () => bomb, /its manifest is larger than 1 MiB/],
  [
    "a manifest of 64 MiB that says it is small",
    () => patched(bomb, (copy) => copy.writeUInt32LE(100, indexOf(bomb) + SIZE_AT)),
    /too many bytes/,
  ],
  [
    "a manifest that goes on beyond the file",
    () => patched(jar([MAIN]), (copy) => copy.writeUInt32LE(0xffff0000, indexOf(copy) + PACKED_SIZE_AT)),
    /file data overflows file bounds/,
  ],
  [
    "an index that begins beyond the file",
    () => patched(jar([MAIN]), (copy) => copy.writeUInt32LE(0xfffffff0, copy.length - END_SIZE + 16)),
    /ends too early/,
  ],
  [
    "an index that begins in the middle of a file",
    () => patched(jar([MAIN]), (copy) => copy.writeUInt32LE(3, copy.length - END_SIZE + 16)),
    /invalid central directory/,
  ],
  [
    "more entries than it has",
    () => patched(zip({ "org/example/Main.class": "" }), (copy) => copy.writeUInt16LE(0xfffe, copy.length - COUNT_AT)),
    /is not a jar/,
  ],
  ["billions of entries", () => withManyEntries(4_000_000_000n), /it says that it holds more than 1000000 files/],
  ["a number of entries beyond all numbers", () => withManyEntries(2n ** 63n), /is not a jar/],
  [
    "a class to run that a terminal acts on",
    () => jar([MAIN], "Main-Class: org.\u001b[2JMain\r\n"),
    /main-class .* is not the name of a class/,
  ],
  [
    "a class to run without end",
    () => jar([MAIN], `Main-Class: ${"a".repeat(5_000)}\r\n`),
    /main-class .* is not the name of a class/,
  ],
  [
    "a class to run that is a path",
    () => jar([MAIN], "program-class: ../../Main\r\n"),
    /program-class .* is not the name of a class/,
  ],
];

describe("a hostile jar", function () {
  this.timeout(60_000);
  let folder: Folder;
  before(async () => (folder = await Folder.make()));
  after(() => folder.remove());

  for (const [what, file, words] of CASES) {
    it(`is refused in words, without being unpacked: ${what}`, async () => {
      const path = await folder.write("hostile.jar", file());
      const before = process.memoryUsage.rss();
      await assert.rejects(inspectJar(path, undefined), (error: Error & { code?: string }) => {
        assert.equal(error.code, "FLINK_ARTIFACT_NOT_A_JAR");
        assert.match(error.message, words);
        assert.match(error.message, /^[^\p{Cc}]{1,600}$/u);
        return true;
      });
      const growth = process.memoryUsage.rss() - before;
      assert.ok(growth < 100 * MEBIBYTE, `memory grew by ${growth / MEBIBYTE} MiB`);
    });
  }

  it("may hold bombs and paths that leave their folder: nothing but the manifest is unpacked", async () => {
    const file = zip({
      [MANIFEST]: `Main-Class: ${MAIN}\n`,
      "org/example/Main.class": "",
      "../../../etc/cron.d/x": "x",
      "/etc/passwd": "x",
      "bomb.bin": "a".repeat(64 * MEBIBYTE),
    });
    const facts = await inspectJar(await folder.write("paths.jar", file), undefined);
    assert.deepEqual(facts, { mainClass: MAIN, entryClass: MAIN, hasEntryClass: "yes" });
  });

  it("is shown no class by a name that is none, though its simple name is right", async () => {
    const file = zip({ "org/\u001b[2J/Main.class": "", [`${"a/".repeat(1_000)}Main.class`]: "", "ok/Main.class": "" });
    const facts = await inspectJar(await folder.write("similar.jar", file), MAIN);
    assert.equal(facts.similarClass, "ok.Main");
  });

  it("of gigabytes of nothing is refused from its end alone", async () => {
    const path = await folder.write("sparse.jar", "PK");
    const descriptor = await promisify(open)(path, "r+");
    await promisify(ftruncate)(descriptor, 64 * 1024 * MEBIBYTE);
    const started = Date.now();
    await assert.rejects(inspectJar(path, undefined), { code: "FLINK_ARTIFACT_NOT_A_JAR" });
    assert.ok(Date.now() - started < 30_000);
  });
});
