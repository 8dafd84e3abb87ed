import assert from "node:assert/strict";
import { explainFlinkVersion } from "../../../provider/values/flinkVersion";

describe("a version of Flink", () => {
  it("must be a full version that is not too old", () => {
    assert.equal(explainFlinkVersion("1.17.0"), undefined);
    assert.equal(explainFlinkVersion("2.3.0"), undefined);
    assert.match(explainFlinkVersion("1.16.3") ?? "", /too old: 1\.17\.0/);
    assert.match(explainFlinkVersion("1.20") ?? "", /"1\.20\.0"/);
    assert.match(explainFlinkVersion("latest") ?? "", /not a full Flink version/);
  });
});
