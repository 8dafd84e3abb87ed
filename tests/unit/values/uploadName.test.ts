import assert from "node:assert/strict";
import fc from "fast-check";
import { parseUploadName, uploadName } from "../../../provider/values/uploadName";

const UID = "0123456789abcdef";
const SHA = "a".repeat(32) + "b".repeat(32);

describe("the name that a jar is uploaded under", () => {
  it("says whose it is, what it holds and what it was called", () => {
    assert.equal(uploadName(UID, SHA, "top-speed_1.0.jar"), `pulumi-flink-${UID}-${SHA}-top-speed_1.0.jar`);
  });

  it("reads back, whatever the file was called", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "B", "7", ".", "-", "/", "\\", " ", "ü", "\0", "\n", "語", "%") }),
        (fileName) => {
          const name = uploadName(UID, SHA, fileName);
          assert.match(name, /^[A-Za-z0-9._-]+\.jar$/);
          assert.ok(name.length < 200);
          assert.deepEqual(parseUploadName(name), { uidPrefix: UID, sha256: SHA });
        },
      ),
    );
  });

  it("makes no path of what looks like one", () => {
    assert.equal(uploadName(UID, SHA, "../../etc/passwd"), `pulumi-flink-${UID}-${SHA}-etc-passwd.jar`);
    assert.equal(uploadName(UID, SHA, "..."), `pulumi-flink-${UID}-${SHA}-job.jar`);
  });

  it("is told from names that others gave", () => {
    for (const name of [
      "job.jar",
      "pulumi-flink-job.jar",
      `x${uploadName(UID, SHA, "a")}`,
      `${uploadName(UID, SHA, "a")}x`,
    ]) {
      assert.equal(parseUploadName(name), undefined, name);
    }
  });
});
