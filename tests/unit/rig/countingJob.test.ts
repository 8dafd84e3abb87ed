import * as assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import {
  assertContinuous,
  countingArguments,
  findDiscontinuities,
  rangesByTag,
  readCounts,
  waitForRecords,
  type CountedLine,
} from "../../rig/countingJob";

/** Lines of one split and one key, for the sequence numbers given. */
function lines(tag: string, sequences: number[], split = 0): CountedLine[] {
  return sequences.map((sequence) => ({ split, sequence, key: `k${split}`, count: sequence + 1, tag }));
}

describe("the counting job's checker", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-counts-"));
  });

  afterEach(async () => {
    await fs.rm(directory, { recursive: true, force: true });
  });

  it("reads committed files only", async () => {
    await fs.writeFile(path.join(directory, "part-a-0"), "0,0,k0,1,v1\n1,0,k0,2,v1\n");
    await fs.writeFile(path.join(directory, "part-b-0"), "0,1,k1,1,v2\n");
    await fs.writeFile(path.join(directory, ".part-a-1.inprogress.1234"), "0,2,k2,1,v1\n0,3,k");
    await fs.writeFile(path.join(directory, "._SUCCESS"), "");
    const read = await readCounts(directory);
    assert.deepEqual(
      read.sort((a, b) => a.sequence - b.sequence || a.split - b.split),
      [
        { split: 0, sequence: 0, key: "k0", count: 1, tag: "v1" },
        { split: 1, sequence: 0, key: "k0", count: 2, tag: "v1" },
        { split: 0, sequence: 1, key: "k1", count: 1, tag: "v2" },
      ],
    );
  });

  it("reads nothing from a folder that does not exist yet", async () => {
    assert.deepEqual(await readCounts(path.join(directory, "later")), []);
  });

  it("refuses a line that is not the job's", async () => {
    await fs.writeFile(path.join(directory, "part-a-0"), "0,0,k0\n");
    await assert.rejects(readCounts(directory), /no line of the counting job: 0,0,k0/);
  });

  it("returns what each version wrote when nothing is lost or doubled", () => {
    const all = [...lines("v2", [3, 4]), ...lines("v1", [2, 0, 1]), ...lines("v1", [0, 1], 1)];
    assert.deepEqual(assertContinuous(all), {
      v1: { records: 5, splits: { 0: { first: 0, last: 2 }, 1: { first: 0, last: 1 } } },
      v2: { records: 2, splits: { 0: { first: 3, last: 4 } } },
    });
  });

  it("names a lost record", () => {
    assert.deepEqual(findDiscontinuities(lines("v1", [0, 1, 3])), [
      "split 0: sequence number 2 is lost",
      "key k0: count 3 is lost",
    ]);
  });

  it("notices that the first record is lost", () => {
    assert.throws(() => assertContinuous(lines("v1", [1, 2])), /split 0: sequence number 0 is lost/);
  });

  it("names a doubled record and the versions that wrote it", () => {
    assert.throws(
      () => assertContinuous([...lines("v1", [0, 1]), ...lines("v2", [1, 2])]),
      /split 0: sequence number 1 is there 2 times \(tags v1, v2\)/,
    );
  });

  it("notices keyed state that began anew while the source went on", () => {
    const forgotten = lines("v2", [2, 3]).map((line) => ({ ...line, count: line.count - 2 }));
    assert.deepEqual(findDiscontinuities([...lines("v1", [0, 1]), ...forgotten]), [
      "key k0: count 1 is there 2 times (tags v1, v2)",
      "key k0: count 2 is there 2 times (tags v1, v2)",
    ]);
  });

  it("does not take an empty folder for success", () => {
    assert.throws(() => assertContinuous([]), /No record has been committed/);
  });

  it("says what each version wrote even where records are doubled", () => {
    assert.deepEqual(rangesByTag([...lines("v1", [0, 1]), ...lines("v2", [0])]), {
      v1: { records: 2, splits: { 0: { first: 0, last: 1 } } },
      v2: { records: 1, splits: { 0: { first: 0, last: 0 } } },
    });
  });

  it("waits for records that come later", async () => {
    const waiting = waitForRecords(directory, (read) => read.length >= 2, 5_000);
    await fs.writeFile(path.join(directory, "part-a-0"), "0,0,k0,1,v1\n");
    await fs.writeFile(path.join(directory, "part-a-1"), "0,1,k1,1,v1\n");
    assert.equal((await waiting).length, 2);
  });

  it("says what there is when it has waited in vain", async () => {
    await fs.writeFile(path.join(directory, "part-a-0"), "0,0,k0,1,v1\n");
    await assert.rejects(
      waitForRecords(directory, (read) => read.length >= 2, 0),
      /After 0 ms .* not yet as expected: 1 of v1/,
    );
  });

  it("spells arguments as the job's main method takes them", () => {
    assert.deepEqual(
      countingArguments({ output: "/tmp/a b", tag: "v1", failSavepoints: true, slowStart: 5, keys: undefined }),
      ["--output", "file:///tmp/a%20b", "--tag", "v1", "--fail-savepoints", "true", "--slow-start", "5"],
    );
  });
});
