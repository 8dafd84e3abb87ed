import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { argumentNames } from "../../../provider/deployment/schema";
import { durationsOf } from "../../../provider/deployment/inputs";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { failuresOf, fileAsset, inputsWith, refuses } from "./inputsFixture";

function accepted(news: Record<string, unknown>) {
  const { inputs, failures } = checkDeploymentInputs(news);
  assert.deepEqual(failures, []);
  return inputs;
}

describe("the arguments of a FlinkDeployment", () => {
  it("get every default", () => {
    assert.deepEqual(accepted(inputsWith()), {
      cluster: { url: "http://localhost:8081" },
      state: "RUNNING",
      artifact: {
        jarUri: "https://jars.example.org/job.jar",
        entryClass: "org.example.Main",
        mainArgs: [],
        additionalDependencies: [],
        httpHeaders: {},
      },
      parallelism: 1,
      flinkConfiguration: {},
      upgradeStrategy: { kind: "STATEFUL", fallback: "REFUSE" },
      restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: false, claimMode: "NO_CLAIM" },
      savepointFormatType: "CANONICAL",
      maxSavepointCreationAttempts: 4,
      maxJobCreationAttempts: 4,
      jobFailureExpirationTime: "0 s",
      jobSubmissionTimeout: "300 s",
      timeouts: { running: "5 min", cancel: "1 min", unreachable: "1 min" },
      healthCheck: { timeout: "5 min", completedCheckpoints: 0 },
      rollback: true,
      drain: false,
      onDelete: "SAVEPOINT",
      savepointHistory: { maxCount: 20, dispose: false },
      annotations: {},
      labels: {},
      maxEvents: 50,
    });
  });

  it("stay the same when checked again", () => {
    const once = accepted(
      inputsWith({ state: "suspended", artifact: { jar: fileAsset("job.jar"), mainArgs: "a 'b c'" } }),
    );
    assert.deepEqual(accepted({ ...once }), once);
  });

  it("fill in the rest of an object that is given in part", () => {
    const inputs = accepted(inputsWith({ timeouts: { running: "90 s" }, upgradeStrategy: { kind: "stateless" } }));
    assert.deepEqual(inputs.timeouts, { running: "90 s", cancel: "1 min", unreachable: "1 min" });
    assert.deepEqual(inputs.upgradeStrategy, { kind: "STATELESS", fallback: "REFUSE" });
  });

  it("take null as left out, and hold no undefined", () => {
    const inputs = accepted(inputsWith({ parallelism: null, timeouts: { savepoint: null }, displayName: undefined }));
    assert.equal(inputs.parallelism, 1);
    assert.deepEqual(JSON.parse(JSON.stringify(inputs)), inputs);
    assert.equal("displayName" in inputs, false);
  });

  it("accept what the resource class and Pulumi add", () => {
    const added = { uid: "u1", resourceUrn: "urn:pulumi:x", __provider: "exports.handler" };
    const inputs = accepted(inputsWith(added));
    assert.deepEqual({ ...inputs, ...added }, inputs);
    accepted(
      inputsWith({
        uid: UNKNOWN_VALUE,
        resourceUrn: UNKNOWN_VALUE,
        __provider: UNKNOWN_VALUE,
      }),
    );
  });

  it("accept the documents' spelling of states", () => {
    assert.equal(accepted(inputsWith({ state: "running" })).state, "RUNNING");
    assert.equal(accepted(inputsWith({ state: "CANCELED" })).state, "CANCELLED");
    assert.equal(accepted(inputsWith({ state: "cancelled" })).state, "CANCELLED");
  });

  it("split a line of main arguments and keep a list", () => {
    const mainArgsOf = (mainArgs: unknown) =>
      accepted(inputsWith({ artifact: { jarUri: "file:///job.jar", mainArgs } })).artifact.mainArgs;
    assert.deepEqual(mainArgsOf("--size 10 --name 'a b'"), ["--size", "10", "--name", "a b"]);
    assert.deepEqual(mainArgsOf(["--name", "a b", ""]), ["--name", "a b", ""]);
  });

  it("turn numbers and booleans of the Flink configuration into strings", () => {
    const flinkConfiguration = { "a.b": 3, "c.d": true, "e.f": "10s", "g.h": 0.5 };
    assert.deepEqual(accepted(inputsWith({ flinkConfiguration })).flinkConfiguration, {
      "a.b": "3",
      "c.d": "true",
      "e.f": "10s",
      "g.h": "0.5",
    });
  });

  it("give their durations in milliseconds", () => {
    assert.deepEqual(durationsOf(accepted(inputsWith())), {
      jobSubmission: 300_000,
      running: 300_000,
      cancel: 60_000,
      unreachable: 60_000,
    });
    const given = { jobFailureExpirationTime: "321 s", jobSubmissionTimeout: 10, timeouts: { savepoint: "10 min" } };
    assert.deepEqual(durationsOf(accepted(inputsWith(given))), {
      jobFailureExpiration: 321_000,
      jobSubmission: 10_000,
      savepoint: 600_000,
      running: 300_000,
      cancel: 60_000,
      unreachable: 60_000,
    });
  });

  it("accept an asset just as the SDK serializes it", async () => {
    const runtime = pulumi.runtime as unknown as {
      serializeProperty(label: string, value: unknown, dependencies: Set<unknown>): Promise<unknown>;
    };
    for (const asset of [
      new pulumi.asset.FileAsset("job.jar"),
      new pulumi.asset.RemoteAsset("https://x.org/job.jar"),
    ]) {
      const jar = await runtime.serializeProperty("jar", asset, new Set());
      assert.deepEqual(accepted(inputsWith({ artifact: { jar } })).artifact.jar, jar);
    }
    const refused: [unknown, RegExp][] = [
      [new pulumi.asset.StringAsset("text"), /^artifact\.jar: is a StringAsset, but a jar is not text/],
      [
        new pulumi.asset.RemoteAsset("s3://b/a.jar"),
        /^artifact\.jar: is a RemoteAsset at s3:\/\/, which Pulumi does not read; give it as jarUri/,
      ],
      [new pulumi.asset.FileArchive("folder"), /^artifact\.jar: is an archive; give the jar itself/],
    ];
    for (const [asset, message] of refused) {
      const jar = await runtime.serializeProperty("jar", asset, new Set());
      const failures = failuresOf(inputsWith({ artifact: { jar } }));
      assert.equal(failures.length, 1);
      assert.match(failures[0] ?? "", message);
    }
  });

  it("accept an asset of which only the hash is left, as diff gets it", () => {
    accepted(inputsWith({ artifact: { jar: { ...fileAsset("", "abc"), path: undefined } } }));
    const { path, ...empty } = fileAsset("");
    assert.equal(path, "");
    assert.deepEqual(failuresOf(inputsWith({ artifact: { jar: empty } })), [
      "artifact.jar: is an asset without a path or an address",
    ]);
  });

  it("need no cluster unless the job is to run", () => {
    accepted(inputsWith({ cluster: undefined, state: "SUSPENDED" }));
    accepted(inputsWith({ cluster: undefined, state: "CANCELLED" }));
    accepted(inputsWith({ cluster: undefined, state: UNKNOWN_VALUE }));
  });

  refuses([
    [
      "an unknown state",
      { state: "RUNING" },
      `state: is "RUNING", which is not known; did you mean RUNNING?; allowed: RUNNING, CANCELLED, SUSPENDED`,
    ],
    ["a state of another type", { state: 1 }, "state: must be one of RUNNING, CANCELLED, SUSPENDED, not a number"],
    [
      "an unknown upgrade strategy",
      { upgradeStrategy: { kind: "STATEFULL" } },
      /^upgradeStrategy\.kind: .*did you mean STATEFUL\?/,
    ],
    [
      "a blue/green upgrade",
      { upgradeStrategy: { kind: "BLUE_GREEN" } },
      "upgradeStrategy.kind: BLUE_GREEN is not available in this version; allowed: STATEFUL, STATELESS, NONE",
    ],
    [
      "an unknown fallback",
      { upgradeStrategy: { fallback: "REFUSED" } },
      /^upgradeStrategy\.fallback: .*did you mean REFUSE\?/,
    ],
    [
      "an unknown restore strategy",
      { restoreStrategy: { kind: "LATEST_STAT" } },
      /^restoreStrategy\.kind: .*did you mean LATEST_STATE\?/,
    ],
    [
      "an unknown claim mode",
      { restoreStrategy: { claimMode: "LEGACY" } },
      /^restoreStrategy\.claimMode: .*allowed: NO_CLAIM, CLAIM/,
    ],
    ["an unknown savepoint format", { savepointFormatType: "NATIV" }, /^savepointFormatType: .*did you mean NATIVE\?/],
    ["an unknown deletion", { onDelete: "KEEP" }, /^onDelete: .*allowed: SAVEPOINT, CANCEL/],
    ["a mistyped key", { paralelism: 2 }, "paralelism: is not known here; did you mean parallelism?"],
    ["a key of a later version", { blueGreen: {} }, /^blueGreen: is not known here; the keys are cluster, state, /],
    [
      "a negative number of checkpoints",
      { healthCheck: { completedCheckpoints: -1 } },
      "healthCheck.completedCheckpoints: must be at least 0, but is -1",
    ],
    [
      "half a checkpoint",
      { healthCheck: { completedCheckpoints: 0.5 } },
      "healthCheck.completedCheckpoints: must be a whole number, but is 0.5",
    ],
    [
      "a negative number of restarts",
      { healthCheck: { maxRestarts: -1 } },
      /^healthCheck\.maxRestarts: must be at least 0/,
    ],
    ["half a restart", { healthCheck: { maxRestarts: 1.5 } }, /^healthCheck\.maxRestarts: must be a whole number/],
    ["a health check without time", { healthCheck: { timeout: 0 } }, /^healthCheck\.timeout: must be longer than zero/],
    [
      "a mistyped number of restarts",
      { healthCheck: { maxRestart: 1 } },
      "healthCheck.maxRestart: is not known here; did you mean maxRestarts?",
    ],
    [
      "a mistyped timeout",
      { timeouts: { savepoints: "1 min" } },
      "timeouts.savepoints: is not known here; did you mean savepoint?",
    ],
    ["an object of another type", { timeouts: "5 min" }, "timeouts: must be an object, not a string"],
    ["a parallelism of zero", { parallelism: 0 }, "parallelism: must be at least 1, but is 0"],
    ["a broken parallelism", { parallelism: 1.5 }, "parallelism: must be a whole number, but is 1.5"],
    ["a parallelism as text", { parallelism: "2" }, "parallelism: must be a whole number, not a string"],
    ["a parallelism above Flink's limit", { parallelism: 40_000 }, "parallelism: must be at most 32768, but is 40000"],
    [
      "no savepoint attempts",
      { maxSavepointCreationAttempts: 0 },
      "maxSavepointCreationAttempts: must be at least 1, but is 0",
    ],
    ["negative job attempts", { maxJobCreationAttempts: -1 }, "maxJobCreationAttempts: must be at least 1, but is -1"],
    [
      "a history of no savepoints",
      { savepointHistory: { maxCount: 0 } },
      "savepointHistory.maxCount: must be at least 1, but is 0",
    ],
    [
      "a history of more savepoints than a state can hold",
      { savepointHistory: { maxCount: 1_001 } },
      "savepointHistory.maxCount: must be at most 1000, but is 1001",
    ],
    [
      "savepoints of no age",
      { savepointHistory: { maxAge: "0 s" } },
      "savepointHistory.maxAge: must be longer than zero",
    ],
    [
      "a disposal that is neither on nor off",
      { savepointHistory: { dispose: "yes" } },
      "savepointHistory.dispose: must be true or false, not a string",
    ],
    [
      "state that may have no age",
      { restoreStrategy: { maxStateAge: 0 } },
      "restoreStrategy.maxStateAge: must be longer than zero",
    ],
    [
      "an age of state without a unit",
      { restoreStrategy: { maxStateAge: "30" } },
      /^restoreStrategy\.maxStateAge: has no unit: write "30 s"/,
    ],
    ["no events", { maxEvents: 0 }, "maxEvents: must be at least 1, but is 0"],
    [
      "a duration that does not parse",
      { jobSubmissionTimeout: "soon" },
      /^jobSubmissionTimeout: must be a duration such as "90 s"/,
    ],
    ["a duration of zero", { timeouts: { running: "0 s" } }, "timeouts.running: must be longer than zero"],
    ["a negative duration", { timeouts: { cancel: -3 } }, "timeouts.cancel: must not be negative, but is -3"],
    [
      "a duration of another type",
      { timeouts: { unreachable: true } },
      /^timeouts\.unreachable: must be a duration .*not a boolean/,
    ],
    [
      "a negative expiration",
      { jobFailureExpirationTime: "-1 h" },
      "jobFailureExpirationTime: must not be negative, but is -1 h",
    ],
    ["a flag as text", { rollback: "false" }, "rollback: must be true or false, not a string"],
    ["a drain as a number", { drain: 1 }, "drain: must be true or false, not a number"],
    [
      "a savepoint directory without a scheme",
      { savepointTargetDirectory: "/savepoints" },
      `savepointTargetDirectory: must begin with the scheme of its storage, such as "s3://" or "file:///", but is "/savepoints"`,
    ],
    [
      "an initial savepoint without a scheme",
      { initialSavepointPath: "C:/sp" },
      /^initialSavepointPath: must begin with the scheme/,
    ],
    ["an empty savepoint directory", { savepointTargetDirectory: "" }, "savepointTargetDirectory: must not be empty"],
    [
      "a claimed savepoint that a rollback would need",
      { restoreStrategy: { claimMode: "CLAIM" } },
      /^restoreStrategy\.claimMode: can be CLAIM only with rollback: false/,
    ],
    [
      "non-restored state with nothing restored",
      { restoreStrategy: { kind: "NONE", allowNonRestoredState: true } },
      /^restoreStrategy\.allowNonRestoredState: has no meaning with kind NONE/,
    ],
    [
      "a configuration value that is a list",
      { flinkConfiguration: { "a.b": [1] } },
      `flinkConfiguration["a.b"]: must be a string, a number or a boolean, not a list`,
    ],
    [
      "a configuration value that is a map",
      { flinkConfiguration: { state: { backend: "x" } } },
      "flinkConfiguration.state: must be a string, a number or a boolean, not an object",
    ],
    [
      "a cluster id in the configuration",
      { flinkConfiguration: { "kubernetes.cluster-id": "x" } },
      `flinkConfiguration["kubernetes.cluster-id"]: names a cluster, which the argument cluster does; leave it out`,
    ],
    [
      "a namespace in the configuration",
      { flinkConfiguration: { "kubernetes.namespace": "x" } },
      /^flinkConfiguration\["kubernetes\.namespace"\]: names a cluster/,
    ],
    [
      "a high-availability id in the configuration",
      { flinkConfiguration: { "high-availability.cluster-id": "x" } },
      /^flinkConfiguration\["high-availability\.cluster-id"\]: names a cluster/,
    ],
    [
      "a redeploy nonce without a path",
      { savepointRedeployNonce: 1 },
      /^savepointRedeployNonce: needs initialSavepointPath/,
    ],
    ["a nonce of another type", { restartNonce: [] }, "restartNonce: must be a number or a string, not a list"],
    [
      "a job id that is none",
      { forceCancellationOf: "abc" },
      `forceCancellationOf: must be the id of a job: 32 hexadecimal digits, but is "abc"`,
    ],
    ["an annotation that is a list", { annotations: { a: [] } }, /^annotations\.a: must be a string/],
    ["a label that is a map", { labels: { a: {} } }, /^labels\.a: must be a string/],
    ["an empty display name", { displayName: "" }, "displayName: must not be empty"],
  ]);

  it("name all failures at once, those between arguments too", () => {
    const failures = failuresOf({
      state: "running",
      paralelism: 2,
      parallelism: 0,
      artifact: { jar: 5, entryclass: "A", mainArgs: "'" },
      timeouts: { running: "x", cansel: 1 },
      restoreStrategy: { kind: "NONE", allowNonRestoredState: true },
      savepointRedeployNonce: "1",
    }).map((line) => line.split(": ")[0]);
    assert.deepEqual(
      failures.sort(),
      [
        "artifact.entryclass",
        "artifact.jar",
        "artifact.mainArgs",
        "cluster",
        "parallelism",
        "paralelism",
        "restoreStrategy.allowNonRestoredState",
        "savepointRedeployNonce",
        "timeouts.cansel",
        "timeouts.running",
      ].sort(),
    );
  });

  it("do not report a rule that only a wrong value seems to break", () => {
    assert.deepEqual(failuresOf(inputsWith({ cluster: "http://h" })), ["cluster: must be an object, not a string"]);
    assert.equal(failuresOf(inputsWith({ artifact: { jarUri: "a.jar" } })).length, 1);
  });

  it("name a header that is wrong beside one of a wrong type", () => {
    const headers = { A: "b\nc", D: {} };
    const failures = failuresOf(inputsWith({ cluster: { url: "https://h", headers } })).map(
      (line) => line.split(":")[0],
    );
    assert.deepEqual(failures.sort(), ["cluster.headers.A", "cluster.headers.D"]);
  });

  it("never throw, whatever they are", () => {
    const key = fc.constantFrom(
      ...argumentNames([]),
      ...argumentNames(["artifact"]),
      ...argumentNames(["cluster"]),
      "x y",
    );
    const leaf = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(UNKNOWN_VALUE, "a\nb", "https://h", "NONE"));
    const document = fc.letrec((tie) => ({
      node: fc.dictionary(key, fc.oneof({ maxDepth: 2 }, leaf, tie("node"))),
    })).node;
    fc.assert(
      fc.property(document, (news) => {
        const { failures } = checkDeploymentInputs(news);
        for (const { property, reason } of failures) assert.ok(property !== "" && reason !== "");
      }),
    );
  });

  describe("that are not known yet", () => {
    const complete: Record<string, unknown> = {
      cluster: {
        url: "https://h",
        bearerToken: "t",
        headers: { A: "b" },
        tls: { caCertificate: "c", clientCertificate: "c", clientKey: "k", insecureSkipVerify: true },
        fingerprint: "f",
        incarnation: "i",
      },
      state: "RUNNING",
      artifact: {
        jarUri: "https://h/a.jar",
        entryClass: "A",
        mainArgs: ["a"],
        httpHeaders: { A: "b" },
        sha256: "0".repeat(64),
      },
      parallelism: 1,
      flinkConfiguration: { "a.b": "c" },
      upgradeStrategy: { kind: "STATEFUL", fallback: "REFUSE" },
      restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: true, claimMode: "NO_CLAIM", maxStateAge: "1 d" },
      initialSavepointPath: "s3://b/sp",
      savepointRedeployNonce: 1,
      restartNonce: 1,
      savepointTargetDirectory: "s3://b",
      savepointFormatType: "NATIVE",
      maxSavepointCreationAttempts: 1,
      maxJobCreationAttempts: 1,
      jobFailureExpirationTime: 0,
      jobSubmissionTimeout: "1 s",
      timeouts: { savepoint: 1, running: 1, cancel: 1, unreachable: 1 },
      rollback: true,
      drain: true,
      forceCancellationOf: "0".repeat(32),
      onDelete: "CANCEL",
      savepointHistory: { maxCount: 3, maxAge: "7 d", dispose: true },
      annotations: { a: "b" },
      labels: { a: "b" },
      displayName: "n",
      maxEvents: 1,
    };

    it("are accepted when known", () => void accepted(complete));

    for (const path of pathsOf(complete)) {
      it(`pass at ${path.join(".")} as they are`, () => {
        const news = structuredClone(complete);
        const parent = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], news);
        (parent as Record<string, unknown>)[path.at(-1) ?? ""] = UNKNOWN_VALUE;
        const read = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], accepted(news));
        assert.equal(read, UNKNOWN_VALUE);
      });
    }

    it("break no rule, whichever of two exclusive arguments they are", () => {
      accepted(inputsWith({ artifact: { jar: UNKNOWN_VALUE } }));
      accepted(inputsWith({ artifact: { jar: fileAsset("a.jar"), jarUri: UNKNOWN_VALUE } }));
      accepted(inputsWith({ initialSavepointPath: UNKNOWN_VALUE, savepointRedeployNonce: 1 }));
      accepted(inputsWith({ restoreStrategy: { kind: UNKNOWN_VALUE, allowNonRestoredState: true } }));
      accepted(inputsWith({ restoreStrategy: { kind: "NONE", allowNonRestoredState: UNKNOWN_VALUE } }));
      accepted(inputsWith({ cluster: { url: "https://h", bearerToken: UNKNOWN_VALUE, basicAuth: UNKNOWN_VALUE } }));
    });
  });
});

/** Every path to a value inside a document, objects included. */
function pathsOf(value: unknown, prefix: string[] = []): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...prefix, key]));
  return prefix.length === 0 ? inner : [prefix, ...inner];
}
