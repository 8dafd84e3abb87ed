import assert from "node:assert/strict";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { failuresOf, inputsWith, refuses } from "./inputsFixture";

function warningsOf(changes: Record<string, unknown>): string[] {
  const { warnings, failures } = checkDeploymentInputs(inputsWith(changes));
  assert.deepEqual(failures, []);
  return warnings;
}

const every = (interval: string) => ({ flinkConfiguration: { "execution.checkpointing.interval": interval } });

describe("where a FlinkDeployment's snapshots are kept", () => {
  refuses([
    [
      "a folder whose third slash is missing, as Flink does",
      { savepointTargetDirectory: "file://savepoints/orders" },
      'savepointTargetDirectory: names the host "savepoints", which Flink refuses; a folder has three slashes: file:///savepoints/orders',
    ],
    [
      "a web server to write to",
      { savepointTargetDirectory: "https://host/savepoints" },
      /^savepointTargetDirectory: begins with https:, where Flink can keep no snapshots; storage has a scheme such as "s3/,
    ],
    [
      "an image to start from",
      { initialSavepointPath: "local:///savepoints/1" },
      /^initialSavepointPath: begins with local:, where Flink can keep no snapshots/,
    ],
    [
      "checkpoints without a scheme",
      { flinkConfiguration: { "execution.checkpointing.dir": "/checkpoints" } },
      'flinkConfiguration["execution.checkpointing.dir"]: must begin with the scheme of its storage, such as "s3://" or "file:///", but is "/checkpoints"',
    ],
    [
      "checkpoints on a web server, under the setting's older name",
      { flinkConfiguration: { "state.checkpoints.dir": "http://host/c" } },
      /^flinkConfiguration\["state\.checkpoints\.dir"\]: begins with http:/,
    ],
  ]);

  it("is doubted where Flink knows the scheme by a plugin at most", () => {
    assert.deepEqual(warningsOf({ savepointTargetDirectory: "s4://bucket/savepoints" }), [
      "savepointTargetDirectory begins with s4:, which Flink knows only with a file system plugin of its own; did you mean s3:?",
    ]);
    const [warning] = warningsOf({ flinkConfiguration: { "execution.checkpointing.dir": "storage://x/c" } });
    assert.match(
      warning ?? "",
      /^flinkConfiguration\["execution\.checkpointing\.dir"\] begins with storage:, .* of its own$/,
    );
  });

  for (const path of ["s3://b/s", "s3a://b/s", "gs://b/s", "abfss://c@a.x/s", "hdfs:///s", "file:/s", "file:///s"]) {
    it(`may be ${path}`, () => {
      assert.deepEqual(warningsOf({ savepointTargetDirectory: path, initialSavepointPath: path }), []);
    });
  }
});

describe("the parallelism of a FlinkDeployment", () => {
  const limit = { flinkConfiguration: { "pipeline.max-parallelism": 4 } };

  refuses([
    [
      "more than its own maximum",
      { parallelism: 8, ...limit },
      "parallelism: is 8, above pipeline.max-parallelism in flinkConfiguration, which is 4",
    ],
  ]);

  it("may be its maximum, or not be known yet", () => {
    assert.deepEqual(failuresOf(inputsWith({ parallelism: 4, ...limit })), []);
    assert.deepEqual(failuresOf(inputsWith({ parallelism: UNKNOWN_VALUE, ...limit })), []);
    assert.deepEqual(failuresOf(inputsWith({ parallelism: 8, flinkConfiguration: UNKNOWN_VALUE })), []);
  });
});

describe("the health check of a FlinkDeployment's arguments", () => {
  it("is warned of that no start can pass in time", () => {
    const healthCheck = { completedCheckpoints: 3, timeout: "10 min" };
    assert.deepEqual(warningsOf({ healthCheck, ...every("5 min") }), [
      "healthCheck.timeout is 10 min, and 3 checkpoints take at least 10 min with an execution.checkpointing.interval of " +
        "5 min: no start can be healthy in time; raise the timeout, or ask for fewer",
    ]);
    assert.deepEqual(warningsOf({ healthCheck, ...every("4 min") }), []);
    assert.deepEqual(warningsOf({ healthCheck, ...every("240000") }), [], "a bare number is milliseconds");
    assert.equal(warningsOf({ healthCheck, ...every("300000") }).length, 1);
    assert.deepEqual(warningsOf({ healthCheck, ...every("sometimes") }), []);
    assert.deepEqual(warningsOf({ healthCheck, flinkConfiguration: UNKNOWN_VALUE }), []);
  });

  it("is warned of that is given time and nothing to do", () => {
    assert.deepEqual(warningsOf({ healthCheck: { timeout: "1 min" } }), [
      "healthCheck.timeout has no effect without completedCheckpoints or maxRestarts",
    ]);
    assert.deepEqual(warningsOf({ healthCheck: { timeout: "1 min", maxRestarts: 0 } }), []);
    assert.deepEqual(warningsOf({ healthCheck: {} }), []);
    assert.deepEqual(warningsOf({ healthCheck: UNKNOWN_VALUE }), []);
  });
});
