import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { argumentNames } from "../../../provider/deployment/schema";
import { durationsOf } from "../../../provider/deployment/inputs";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import { fileAsset, inputsWith } from "./inputsFixture";

/** The failures as "property: reason" lines. */
function failuresOf(news: Record<string, unknown>): string[] {
  return checkDeploymentInputs(news).failures.map(({ property, reason }) => `${property}: ${reason}`);
}

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
      rollback: true,
      drain: false,
      onDelete: "SAVEPOINT",
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
      [new pulumi.asset.RemoteAsset("s3://b/a.jar"), /^artifact\.jar: has the scheme s3:\/\//],
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

  const NEITHER = "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has neither";
  const tls = { clientCertificate: "cert", clientKey: "key" };
  const refused: [title: string, changes: Record<string, unknown>, failure: string | RegExp][] = [
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
    [
      "a key of a later version",
      { savepointHistory: {} },
      /^savepointHistory: is not known here; the keys are cluster, state, /,
    ],
    ["a health check", { healthCheck: {} }, /^healthCheck: is not known here/],
    [
      "additional dependencies",
      { artifact: { jarUri: "file:///a.jar", additionalDependencies: [] } },
      /^artifact\.additionalDependencies: is not known here; the keys are jar, jarUri, /,
    ],
    [
      "a maximum age of state",
      { restoreStrategy: { maxStateAge: "1 h" } },
      /^restoreStrategy\.maxStateAge: is not known here/,
    ],
    [
      "a mistyped key inside",
      { artifact: { jarUri: "file:///a.jar", entryclass: "A" } },
      "artifact.entryclass: is not known here; did you mean entryClass?",
    ],
    [
      "a mistyped timeout",
      { timeouts: { savepoints: "1 min" } },
      "timeouts.savepoints: is not known here; did you mean savepoint?",
    ],
    ["an object of another type", { timeouts: "5 min" }, "timeouts: must be an object, not a string"],
    [
      "a Service in Kubernetes without its name",
      { cluster: { kubernetes: { namespace: "n" } } },
      "cluster.kubernetes.service: is required",
    ],
    [
      "a namespace that Kubernetes would not take",
      { cluster: { kubernetes: { namespace: "Flink_1", service: "rest" } } },
      'cluster.kubernetes.namespace: must hold lower-case letters, digits and "-" alone, and begin and end with a letter or digit, but is "Flink_1"',
    ],
    [
      "a Service's name that is too long",
      { cluster: { kubernetes: { namespace: "n", service: "s".repeat(64) } } },
      "cluster.kubernetes.service: must have at most 63 characters, but has 64",
    ],
    [
      "a port of no Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", port: 70_000 } } },
      "cluster.kubernetes.port: must be at most 65535, but is 70000",
    ],
    [
      "an unknown way to a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", via: "portForwrd" } } },
      'cluster.kubernetes.via: is "portForwrd", which is not known; did you mean portForward?; allowed: proxy, portForward',
    ],
    [
      "an unknown key of a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", ctx: "c" } } },
      "cluster.kubernetes.ctx: is not known here; the keys are namespace, service, port, scheme, via, kubeconfig, context, cluster, apiServer",
    ],
    [
      "both an address and a Service",
      { cluster: { url: "http://localhost:8081", kubernetes: { namespace: "n", service: "s" } } },
      "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has both",
    ],
    ["neither an address nor a Service", { cluster: { fingerprint: "f" } }, NEITHER],
    [
      "a bearer token for a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s" }, bearerToken: "t" } },
      "cluster.bearerToken: goes with url alone: to a Service in Kubernetes the kubeconfig opens the way; leave it out",
    ],
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
    ["no artifact", { artifact: undefined }, "artifact: is required"],
    [
      "neither jar nor jarUri",
      { artifact: {} },
      "artifact: needs exactly one of jar (an asset) and jarUri (an address), and has neither",
    ],
    [
      "both jar and jarUri",
      { artifact: { jar: fileAsset("a.jar"), jarUri: "file:///a.jar" } },
      "artifact: needs exactly one of jar (an asset) and jarUri (an address), and has both",
    ],
    [
      "a jar that is a path",
      { artifact: { jar: "a.jar" } },
      /^artifact\.jar: must be a pulumi\.asset\.FileAsset or RemoteAsset, not a string/,
    ],
    [
      "a jarUri without a scheme",
      { artifact: { jarUri: "./a.jar" } },
      /^artifact\.jarUri: has no scheme \(allowed: file:\/\/, http:\/\/, https:\/\/, local:\/\/\)/,
    ],
    [
      "a jarUri of an unknown scheme",
      { artifact: { jarUri: "s3://bucket/a.jar" } },
      "artifact.jarUri: has the scheme s3://, from which jars cannot be read; allowed: file://, http://, https://, local://",
    ],
    [
      "a jar in the image by two slashes",
      { artifact: { jarUri: "local://opt/a.jar" } },
      /^artifact\.jarUri: must name a jar in the image by its path, with three slashes/,
    ],
    [
      "a digest for a jar in the image",
      { artifact: { jarUri: "local:///opt/a.jar", sha256: "a".repeat(64) } },
      "artifact.sha256: has no meaning for a jar that lies in the cluster's image, and that only the cluster reads",
    ],
    [
      "headers for a jar in the image",
      { artifact: { jarUri: "local:///opt/a.jar", httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a jar that lies in the cluster's image/,
    ],
    [
      "a file of another host",
      { artifact: { jarUri: "file://host/a.jar" } },
      /^artifact\.jarUri: names the host "host"; a local file has three slashes/,
    ],
    [
      "headers for a local jar",
      { artifact: { jarUri: "file:///a.jar", httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a local jar/,
    ],
    [
      "headers for a file asset",
      { artifact: { jar: fileAsset("a.jar"), httpHeaders: { A: "b" } } },
      /^artifact\.httpHeaders: has no meaning for a local jar/,
    ],
    [
      "a SHA-256 that is none",
      { artifact: { jarUri: "file:///a.jar", sha256: "abc" } },
      `artifact.sha256: must be a SHA-256: 64 hexadecimal digits, but is "abc"`,
    ],
    [
      "an entry class that is none",
      { artifact: { jarUri: "file:///a.jar", entryClass: "org/example/Main" } },
      /^artifact\.entryClass: must be the full name of a class/,
    ],
    [
      "main arguments with an open quote",
      { artifact: { jarUri: "file:///a.jar", mainArgs: "--a 'b" } },
      /^artifact\.mainArgs: has a quote ' at character 5 that is not closed/,
    ],
    [
      "main arguments of another type",
      { artifact: { jarUri: "file:///a.jar", mainArgs: ["a", {}] } },
      "artifact.mainArgs: must hold strings only, but number 2 is an object",
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
    ["no cluster for a running job", { cluster: undefined }, `cluster: is required while state is "RUNNING"`],
    [
      "a job id that is none",
      { forceCancellationOf: "abc" },
      `forceCancellationOf: must be the id of a job: 32 hexadecimal digits, but is "abc"`,
    ],
    ["a cluster without an address", { cluster: {} }, NEITHER],
    [
      "an address that is none",
      { cluster: { url: "localhost" } },
      "cluster.url: is not an address such as http://host:8081",
    ],
    [
      "an address of another scheme",
      { cluster: { url: "ftp://host" } },
      "cluster.url: must begin with http:// or https://, not ftp://",
    ],
    [
      "credentials inside the address",
      { cluster: { url: "https://user:hunter2@host" } },
      "cluster.url: must not hold credentials (user:password@): give them as basicAuth",
    ],
    [
      "credentials inside a jar's address",
      { artifact: { jarUri: "https://user:hunter2@host/a.jar" } },
      "artifact.jarUri: must not hold credentials (user:password@): give them as httpHeaders",
    ],
    [
      "an address with a query",
      { cluster: { url: "https://host/?token=hunter2" } },
      /^cluster\.url: must be a base address, without a query/,
    ],
    [
      "two ways to authenticate",
      { cluster: { url: "https://h", bearerToken: "hunter2", basicAuth: { username: "u", password: "hunter2" } } },
      "cluster.basicAuth: excludes cluster.bearerToken: give one of the two",
    ],
    [
      "an Authorization header beside a token",
      { cluster: { url: "https://h", bearerToken: "hunter2", headers: { authorization: "hunter2" } } },
      /^cluster\.headers\.authorization: is what bearerToken and basicAuth are sent in/,
    ],
    [
      "half of a user",
      { cluster: { url: "https://h", basicAuth: { username: "u" } } },
      "cluster.basicAuth.password: is required",
    ],
    [
      "a user name with a colon",
      { cluster: { url: "https://h", basicAuth: { username: "u:v", password: "hunter2" } } },
      "cluster.basicAuth.username: must not hold a colon",
    ],
    [
      "a client certificate without its key",
      { cluster: { url: "https://h", tls: { ...tls, clientKey: undefined } } },
      "cluster.tls.clientKey: is required with clientCertificate",
    ],
    [
      "a client key without its certificate",
      { cluster: { url: "https://h", tls: { ...tls, clientCertificate: undefined } } },
      "cluster.tls.clientCertificate: is required with clientKey",
    ],
    [
      "a token with a line break",
      { cluster: { url: "https://h", bearerToken: "hunter2\nX-A: b" } },
      /^cluster\.bearerToken: holds a line break/,
    ],
    [
      "a header value with a line break",
      { cluster: { url: "https://h", headers: { "X-A": "hunter2\r\nX-B: c" } } },
      /^cluster\.headers\["X-A"\]: holds a line break/,
    ],
    [
      "a header name with a line break",
      { cluster: { url: "https://h", headers: { "X-A\nB": "c" } } },
      /^cluster\.headers\["X-A\\nB"\]: is not a header name/,
    ],
    [
      "an artifact header with a line break",
      { artifact: { jarUri: "https://h/a.jar", httpHeaders: { A: "hunter2\n" } } },
      /^artifact\.httpHeaders\.A: holds a line break/,
    ],
    ["an annotation that is a list", { annotations: { a: [] } }, /^annotations\.a: must be a string/],
    ["a label that is a map", { labels: { a: {} } }, /^labels\.a: must be a string/],
    ["an empty display name", { displayName: "" }, "displayName: must not be empty"],
  ];
  for (const [title, changes, failure] of refused) {
    it(`refuse ${title}`, () => {
      const failures = failuresOf(inputsWith(changes)).filter((line) => line !== NEITHER || failure === line);
      assert.equal(failures.length, 1, failures.join("\n"));
      if (typeof failure === "string") assert.equal(failures[0], failure);
      else assert.match(failures[0] ?? "", failure);
      assert.doesNotMatch(failures[0] ?? "", /hunter2/);
    });
  }

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
      restoreStrategy: { kind: "LATEST_STATE", allowNonRestoredState: true, claimMode: "NO_CLAIM" },
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

  describe("warn about", () => {
    const warningsOf = (cluster: Record<string, unknown>) => checkDeploymentInputs(inputsWith({ cluster })).warnings;

    it("credentials over plain http to another machine, without showing them", () => {
      for (const credentials of [
        { bearerToken: "hunter2" },
        { basicAuth: { username: "u", password: "hunter2" } },
        { headers: { "X-Token": "hunter2" } },
      ]) {
        const warnings = warningsOf({ url: "http://flink.example.org:8081", ...credentials });
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? "", /plain http to another machine \(flink\.example\.org:8081\)/);
        assert.doesNotMatch(warnings[0] ?? "", /hunter2/);
      }
    });

    it("nothing where they cannot be read on the way", () => {
      for (const url of ["http://localhost:1", "http://127.0.0.9", "http://[::1]:2", "https://flink.example.org"]) {
        assert.deepEqual(warningsOf({ url, bearerToken: "hunter2" }), []);
      }
      assert.deepEqual(warningsOf({ url: "http://flink.example.org" }), []);
    });

    it("TLS material that is not used", () => {
      assert.match(warningsOf({ url: "http://localhost", tls: {} }).join(), /cluster\.tls has no effect/);
    });
  });
});

/** Every path to a value inside a document, objects included. */
function pathsOf(value: unknown, prefix: string[] = []): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...prefix, key]));
  return prefix.length === 0 ? inner : [prefix, ...inner];
}
