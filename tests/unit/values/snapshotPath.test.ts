import assert from "node:assert/strict";
import { isSameSnapshot, mayBeSameSnapshot } from "../../../provider/values/snapshotPath";

describe("paths of snapshots", () => {
  it("are the same however many slashes follow the scheme, and with the name of the file in them", () => {
    for (const spelling of ["file:/a/sp-1", "file:///a/sp-1", "file:/a/sp-1/", "file:///a/sp-1/_metadata"]) {
      assert.ok(isSameSnapshot(spelling, "file:/a/sp-1"), spelling);
    }
    for (const other of ["file:/a/sp-2", "file:/b/sp-1", "s3://a/sp-1", "file:/a/sp-1/more"]) {
      assert.equal(isSameSnapshot(other, "file:/a/sp-1"), false, other);
    }
  });

  it("may be the same where their last part is", () => {
    for (const name of ["s3://bucket/x/sp-1", "s3a://bucket/x/sp-1/", "file:/mnt/sp-1/_metadata"]) {
      assert.ok(mayBeSameSnapshot(name, "s3p://bucket/x/sp-1"), name);
    }
    assert.equal(mayBeSameSnapshot("s3://bucket/sp-1", "s3://bucket/sp-2"), false);
  });
});
