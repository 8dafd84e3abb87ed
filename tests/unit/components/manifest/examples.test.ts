import assert from "node:assert/strict";
import { parseDeployment } from "../../../../index";
import { example, issuesOf, lines } from "./documents";

const JOB = {
  entryClass: "org.apache.flink.streaming.examples.windowing.TopSpeedWindowing",
  mainArgs: ["--windowSize", "10", "--windowUnit", "minutes"],
};
const LOGGERS = { "": "INFO", "org.apache.flink.streaming.examples": "DEBUG" };
const RESOURCES = { jobManager: { cpu: 1, memory: "1g" }, taskManager: { cpu: 1, memory: "2g" } };

describe("the full examples of the documents' own documentation", () => {
  it("of Application Manager is read whole, with a Flink that can be run", () => {
    const parsed = parseDeployment(example("application-manager"), { flinkVersion: "1.20.0" });
    assert.deepEqual(parsed, {
      kind: "application",
      name: "topspeedwindowing-example",
      deploymentTarget: { id: "57b4c290-73ad-11e7-8cf7-a6006ad3dba0" },
      args: {
        state: "RUNNING",
        displayName: "TopSpeedWindowing Example",
        labels: { env: "testing" },
        artifact: {
          ...JOB,
          jarUri: "https://repo.example.org/flink-examples-streaming_2.11-1.6.0-TopSpeedWindowing.jar",
        },
        flinkVersion: "1.20.0",
        parallelism: 1,
        numberOfTaskManagers: 2,
        slotsPerTaskManager: 1,
        resources: RESOURCES,
        flinkConfiguration: { "state.savepoints.dir": "s3://flink/savepoints" },
        logging: { log4jLoggers: LOGGERS },
        upgradeStrategy: { kind: "STATELESS" },
        restoreStrategy: { kind: "LATEST_SAVEPOINT" },
        maxSavepointCreationAttempts: 4,
        maxJobCreationAttempts: 5,
      },
      warnings: parsed.warnings,
    });
    assert.deepEqual(lines(parsed.warnings), [
      'metadata.name: is "TopSpeedWindowing Example", and becomes "topspeedwindowing-example"; displayName keeps the original',
    ]);
  });

  it("of Application Manager may have another name", () => {
    const parsed = parseDeployment(example("application-manager"), { flinkVersion: "1.20.0", name: "top-speed" });
    assert.equal(parsed.name, "top-speed");
    assert.equal(parsed.args.displayName, "TopSpeedWindowing Example");
    assert.deepEqual(parsed.warnings, []);
  });

  it("of Ververica Platform in application mode is read whole, with a Flink that can be run", () => {
    const parsed = parseDeployment(example("application-mode"), { flinkVersion: "1.20.0" });
    assert.deepEqual(parsed, {
      kind: "application",
      name: "top-speed-windowing-example",
      deploymentTarget: { name: "default" },
      args: {
        state: "RUNNING",
        displayName: "TopSpeedWindowing Example",
        labels: { env: "testing" },
        annotations: { "flink.queryable-state.enabled": "false", "flink.security.ssl.enabled": "false" },
        artifact: {
          ...JOB,
          jarUri: "https://repo.example.org/flink-examples-streaming_2.12-1.12.7-TopSpeedWindowing.jar",
          additionalDependencies: [
            "s3://mybucket/some_additional_library.jar",
            "s3://mybucket/some_additional_resources",
          ],
        },
        flinkVersion: "1.20.0",
        parallelism: 2,
        numberOfTaskManagers: 2,
        resources: RESOURCES,
        flinkConfiguration: {
          "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
          "execution.checkpointing.interval": "10s",
          "state.backend": "hashmap",
        },
        highAvailability: true,
        logging: { loggingProfile: "default", log4jLoggers: LOGGERS },
        kubernetes: { envVars: [{ name: "KEY", value: "VALUE" }] },
        upgradeStrategy: { kind: "STATEFUL" },
        restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: false },
        maxSavepointCreationAttempts: 4,
        maxJobCreationAttempts: 4,
        jobFailureExpirationTime: "321 s",
      },
      warnings: parsed.warnings,
    });
    assert.deepEqual(lines(parsed.warnings), [
      'spec.template.spec.flinkConfiguration["state.backend"]: is filesystem, which has become hashmap',
      'spec.template.spec.flinkConfiguration["high-availability"]: is vvp-kubernetes, the platform\'s own, and becomes kubernetes: highAvailability, with storage',
      "spec.template.spec.artifact.flinkImageTag: is 1.12.7-stream2-scala_2.12, one of the platform's own images; the official one of Flink 1.20.0 is taken instead",
    ]);
  });

  it("of Ververica Platform in session mode is read whole, but for what is the cluster's", () => {
    const parsed = parseDeployment(example("session-mode"), { flinkVersion: "2.3.0" });
    assert.deepEqual(parsed, {
      kind: "session",
      name: "top-speed-windowing-example",
      sessionClusterName: "sessions",
      flinkVersion: "2.3.0",
      args: {
        state: "RUNNING",
        displayName: "TopSpeedWindowing Example",
        labels: { env: "testing" },
        annotations: { "flink.queryable-state.enabled": "false", "flink.security.ssl.enabled": "false" },
        jobSubmissionTimeout: "300 s",
        artifact: {
          ...JOB,
          jarUri: "https://repo.example.org/flink-examples-streaming_2.12-1.12.7-TopSpeedWindowing.jar",
        },
        parallelism: 2,
        flinkConfiguration: {
          "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
          "execution.checkpointing.interval": "10s",
          "state.backend": "hashmap",
        },
        upgradeStrategy: { kind: "STATEFUL" },
        restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: false },
        maxSavepointCreationAttempts: 4,
        maxJobCreationAttempts: 4,
      },
      warnings: parsed.warnings,
    });
    assert.deepEqual(lines(parsed.warnings), [
      'spec.template.spec.flinkConfiguration["state.backend"]: is filesystem, which has become hashmap',
      'spec.template.spec.flinkConfiguration["high-availability"]: is read by a cluster\'s processes, not by a job; it is left out',
    ]);
  });

  for (const [name, version] of [
    ["application-manager", "1.6: Flink 1.6.0"],
    ["application-mode", "1.12: Flink 1.12.7"],
    ["session-mode", "1.12: Flink 1.12.0"],
  ] as const) {
    it(`are of a Flink that is too old, which is said in words (${name})`, () => {
      const issues = issuesOf(() => parseDeployment(example(name)));
      assert.ok(
        issues.includes(
          `spec.template.spec.artifact.flinkVersion: is ${version} is too old: 1.17.0 is the oldest that is supported. ` +
            "Give another as the option flinkVersion.",
        ),
        issues.join("\n"),
      );
    });
  }
});
