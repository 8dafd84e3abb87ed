import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderConfiguration, reservedKeys, type FlinkConfiguration } from "../../../provider/local";

function render(flinkVersion: string, flinkConfiguration: FlinkConfiguration = {}) {
  const spec = { directory: "/data/my cluster", restPort: 4001, rpcPort: 4002, slotsPerTaskManager: 3 };
  return renderConfiguration({ ...spec, flinkVersion, flinkConfiguration });
}

describe("the configuration of a local cluster", () => {
  it("is a config.yaml since Flink 1.19 and a flink-conf.yaml before", () => {
    assert.equal(render("1.19.0").fileName, "config.yaml");
    assert.equal(render("1.18.1").fileName, "flink-conf.yaml");
  });

  it("says the same in both formats, but for the checkpoint settings' names", () => {
    const { text, effective } = render("1.18.1");
    const lines = text.trimEnd().split("\n");
    assert.deepEqual(Object.fromEntries(lines.map((line) => line.split(/: (.*)/, 2))), effective);
    const newer = render("1.19.0");
    assert.deepEqual(parse(newer.text, { schema: "failsafe" }), newer.effective);
    assert.deepEqual(newer.effective, effective);
  });

  it("binds every address to the loopback interface", () => {
    const { effective } = render("2.3.0");
    const addresses = Object.entries(effective).filter(([key]) => /address$|host$/.test(key));
    assert.equal(addresses.length, 6);
    assert.deepEqual([...new Set(addresses.map(([, value]) => value))], ["127.0.0.1"]);
    assert.equal(effective["rest.port"], "4001");
    assert.equal(effective["jobmanager.rpc.port"], "4002");
  });

  it("keeps checkpoints and savepoints in the cluster's directory under the names of the version", () => {
    const older = render("1.19.0").effective;
    assert.equal(older["state.checkpoints.dir"], "file:///data/my cluster/checkpoints");
    assert.equal(older["state.savepoints.dir"], "file:///data/my cluster/savepoints");
    const newer = render("1.20.0").effective;
    assert.equal(newer["execution.checkpointing.dir"], "file:///data/my cluster/checkpoints");
    assert.equal(newer["execution.checkpointing.savepoint-dir"], "file:///data/my cluster/savepoints");
    assert.equal(newer["state.checkpoints.dir"], undefined);
  });

  it("lets the user's setting win under its older name too", () => {
    const { effective } = render("2.3.0", { "state.checkpoints.dir": "s3://bucket/checkpoints" });
    assert.equal(effective["state.checkpoints.dir"], "s3://bucket/checkpoints");
    assert.equal(effective["execution.checkpointing.dir"], undefined);
  });

  it("lets the user's settings win over the defaults", () => {
    const { effective } = render("1.20.0", { "web.refresh-interval": 500, "metrics.latency.history-size": 7 });
    assert.equal(effective["web.refresh-interval"], "500");
    assert.equal(effective["metrics.latency.history-size"], "7");
  });

  for (const key of reservedKeys) {
    it(`refuses ${key}, which the cluster sets itself`, () => {
      assert.throws(() => render("1.20.0", { [key]: "1" }), {
        code: "FLINK_LOCAL_CONFIGURATION",
        message: RegExp(key),
      });
    });
  }

  it("quotes what YAML would read as something else", () => {
    const { text } = render("1.20.0", { a: "*", b: "x: y # z", c: "line\nbreak" });
    const { a, b, c } = parse(text) as Record<string, string>;
    assert.deepEqual([a, b, c], ["*", "x: y # z", "line\nbreak"]);
  });

  it("refuses what the format before 1.19 cannot hold", () => {
    for (const value of ["a#b", "a\nb", ""]) {
      assert.throws(() => render("1.18.1", { key: value }), /flinkConfiguration key: Flink before 1\.19/);
    }
  });

  it("refuses a value that is not a scalar", () => {
    assert.throws(() => render("1.20.0", { key: ["a"] as unknown as string }), /flinkConfiguration key/);
  });
});
