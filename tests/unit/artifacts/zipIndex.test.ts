import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { readZipIndex, zipEnd, type ZipIndex } from "../../../provider/artifacts/zipIndex";
import { Folder, jar } from "./jars";

describe("the index of a zip file", () => {
  let folder: Folder;
  before(async () => (folder = await Folder.make()));
  after(() => folder.remove());

  /** Reads the index of a file with this end; what is before it is not there, but as long as it has to be. */
  async function indexOf(end: Buffer, position = 0): Promise<ZipIndex> {
    const file = await open(await folder.write("end.zip", ""), "r+");
    try {
      await file.write(end, 0, end.length, position);
      return await readZipIndex(file, position + end.length);
    } finally {
      await file.close();
    }
  }

  const sizes: ZipIndex[] = [
    { entries: 0, sizeBytes: 0, offset: 0 },
    { entries: 3, sizeBytes: 200, offset: 1_000 },
    { entries: 0xfffe, sizeBytes: 5_000_000, offset: 200_000_000 },
    { entries: 0xffff, sizeBytes: 5_000_000, offset: 200_000_000 },
    { entries: 1_000_000, sizeBytes: 80_000_000, offset: 3_000_000_000 },
    { entries: 2, sizeBytes: 200, offset: 0x1_0000_0010 },
  ];
  for (const index of sizes) {
    it(`is found where its end says it is: ${JSON.stringify(index)}`, async () => {
      assert.deepEqual(await indexOf(zipEnd(index), index.offset + index.sizeBytes), index);
    });
  }

  it("is found behind a comment that looks like an end itself", async () => {
    const index = { entries: 1, sizeBytes: 60, offset: 40 };
    const comment = Buffer.concat([zipEnd({ entries: 9, sizeBytes: 1, offset: 1 }), Buffer.from("no end")]);
    const end = zipEnd(index);
    end.writeUInt16LE(comment.length, 20);
    assert.deepEqual(await indexOf(Buffer.concat([end, comment]), 100), index);
  });

  const refused: [what: string, end: () => Buffer, words: RegExp][] = [
    ["of nothing", () => Buffer.alloc(0), /it has no index/],
    ["of a file that is none", () => Buffer.from("<html>".repeat(20)), /it has no index/],
    ["of half a jar", () => jar(["A"]).subarray(0, 60), /it has no index/],
    ["that goes on beyond the file", () => zipEnd({ entries: 1, sizeBytes: 1, offset: 0 }), /beyond its end/],
    [
      "whose wide record is elsewhere",
      () => {
        const end = zipEnd({ entries: 70_000, sizeBytes: 0, offset: 0 });
        end.writeBigUInt64LE(2n ** 60n, 56 + 8);
        return end;
      },
      /its index begins beyond its end/,
    ],
    [
      "whose wide record is something else",
      () => {
        const end = zipEnd({ entries: 70_000, sizeBytes: 0, offset: 0 });
        end.writeBigUInt64LE(4n, 56 + 8);
        return end;
      },
      /it has no index/,
    ],
  ];
  for (const [what, end, words] of refused) {
    it(`is refused in words: one ${what}`, () => assert.rejects(indexOf(end()), words));
  }
});
