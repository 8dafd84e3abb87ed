import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkCluster, specOf } from "../../../../components/kubernetes/check";
import { InvalidClusterError, SessionCluster, type FlinkClusterArgs } from "../../../../index";
import { UNKNOWN_VALUE } from "../../../../provider/values/unknown";
import { declare } from "../../../rig/declaredResources";

const VOLUME = { claim: "flink" };
const KEYS = { accessKeyId: "id", secretAccessKey: "swordfish" };
const TWO_JOB_MANAGERS = { storage: { uri: "s3://b" }, resources: { jobManager: { replicas: 2 } } };

/** The arguments that are found wrong, each with why. */
function wrong(args: object, name = "orders"): Record<string, string> {
  const { failures } = checkCluster(name, { flinkVersion: "1.20.0", ...args });
  return Object.fromEntries(failures.map(({ property, reason }) => [property, reason]));
}

describe("the arguments of a cluster on Kubernetes", () => {
  it("are few: all but the version have defaults", () => {
    assert.deepEqual(wrong({}), {});
    const spec = specOf(checkCluster("orders", { flinkVersion: "1.20.0" }).args);
    assert.equal(spec.image, "flink:1.20.0");
    assert.deepEqual([spec.numberOfTaskManagers, spec.slotsPerTaskManager, spec.highAvailability], [1, 1, false]);
    assert.deepEqual(spec.taskManager, { cpu: 1000, memory: 1728 * 1024 ** 2 });
    assert.equal(
      specOf(checkCluster("orders", { flinkVersion: "2.3.0", storage: { uri: "gs://b" } }).args).highAvailability,
      true,
    );
  });

  it("put an image together", () => {
    const image = (args: object) => specOf(checkCluster("orders", { flinkVersion: "1.20.0", ...args }).args).image;
    assert.equal(
      image({ flinkImageRegistry: "r.example.org/", flinkImageRepository: "a/flink" }),
      "r.example.org/a/flink:1.20.0",
    );
    assert.equal(image({ flinkImageTag: "1.20.0-java17" }), "flink:1.20.0-java17");
    assert.equal(image({ image: "mine@sha256:0" }), "mine@sha256:0");
  });

  const cases: [why: string, args: object, property: string, reason: RegExp][] = [
    ["no version", { flinkVersion: undefined }, "flinkVersion", /^is required/],
    ["half a version", { flinkVersion: "1.20" }, "flinkVersion", /all three numbers/],
    ["an old Flink", { flinkVersion: "1.16.3" }, "flinkVersion", /1\.17\.0 is the oldest/],
    ["an image twice", { image: "a", flinkImageTag: "b" }, "flinkImageTag", /excludes image/],
    [
      "a jar that is none",
      { localArtifacts: ["local:///opt/job"] },
      "localArtifacts[0]",
      /must be a jar's path in the image/,
    ],
    [
      "jars of the image in another folder",
      { localArtifacts: ["local:///opt/a.jar"], flinkConfiguration: { "web.upload.dir": "/data" } },
      'flinkConfiguration["web.upload.dir"]',
      /^excludes localArtifacts/,
    ],
    [
      "a text in place of a list",
      { kubernetes: { imagePullSecrets: "keys" } },
      "kubernetes.imagePullSecrets",
      /^must be a list, not a string/,
    ],
    ["a text in place of an object", { resources: "small" }, "resources", /^must be an object, not a string/],
    ["no TaskManagers", { numberOfTaskManagers: 0 }, "numberOfTaskManagers", /at least 1/],
    ["half a TaskManager", { numberOfTaskManagers: 1.5 }, "numberOfTaskManagers", /whole number/],
    ["no slots", { slotsPerTaskManager: -1 }, "slotsPerTaskManager", /at least 1/],
    [
      "a memory without unit",
      { resources: { jobManager: { memory: "1024" } } },
      "resources.jobManager.memory",
      /"2g" or "2Gi"/,
    ],
    [
      "a memory of nothing",
      { resources: { taskManager: { memory: "0m" } } },
      "resources.taskManager.memory",
      /above zero/,
    ],
    ["a negative CPU", { resources: { taskManager: { cpu: -1 } } }, "resources.taskManager.cpu", /number of CPUs/],
    [
      "a request above the limit",
      { resources: { taskManager: { cpu: 2, cpuLimit: "500m" } } },
      "resources.taskManager.cpuLimit",
      /at least resources\.taskManager\.cpu/,
    ],
    [
      "stand-by JobManagers without high availability",
      { resources: { jobManager: { replicas: 2 } } },
      "resources.jobManager.replicas",
      /only with highAvailability/,
    ],
    [
      "several JobManagers with jobs that are uploaded to one of them",
      TWO_JOB_MANAGERS,
      "resources.jobManager.replicas",
      /only where all jobs run jars of the image.* localArtifacts .* give no job another one$/,
    ],
    [
      "several JobManagers with no jars of the image",
      { ...TWO_JOB_MANAGERS, localArtifacts: [] },
      "resources.jobManager.replicas",
      /only where all jobs run jars of the image/,
    ],
    ["high availability without storage", { highAvailability: true }, "highAvailability", /needs storage/],
    ["a storage without scheme", { storage: { uri: "/data" } }, "storage.uri", /with its scheme/],
    ["a storage of an unknown scheme", { storage: { uri: "ftp://h/x" } }, "storage.uri", /scheme "ftp".*s3/],
    ["a pod's own disk", { storage: { uri: "file:///data" } }, "storage.volume", /goes with the pod/],
    [
      "a volume beside a bucket",
      { storage: { uri: "s3://b", volume: VOLUME } },
      "storage.volume",
      /"file:\/\/\/…" only/,
    ],
    ["an empty volume", { storage: { uri: "file:///d", volume: {} } }, "storage.volume", /exactly one/],
    [
      "a volume that is mounted beside the storage's folder",
      { storage: { uri: "file:///data/flink", volume: { ...VOLUME, mountPath: "/data/fl" } } },
      "storage.volume.mountPath",
      /^must be the folder of storage\.uri, \/data\/flink, or one above it, but is \/data\/fl: .* pods' own disks/,
    ],
    [
      "a volume that is mounted within the storage's folder",
      { storage: { uri: "file:///data", volume: { ...VOLUME, mountPath: "/data/flink" } } },
      "storage.volume.mountPath",
      /^must be the folder of storage\.uri, \/data, or one above it/,
    ],
    [
      "a claim whose name is none",
      { storage: { uri: "file:///d", volume: { claim: "flink/data" } } },
      "storage.volume.claim",
      /^must have at most 253 lower-case letters.* but is "flink\/data"$/,
    ],
    [
      "a Secret of keys whose name is none",
      { storage: { uri: "s3://b", credentials: { secretName: "S3 keys" } } },
      "storage.credentials.secretName",
      /^must have at most 253 lower-case letters/,
    ],
    ["keys for another store", { storage: { uri: "gs://b", credentials: KEYS } }, "storage.credentials", /S3 only/],
    [
      "half of the keys",
      { storage: { uri: "s3://b", credentials: { accessKeyId: "a" } } },
      "storage.credentials",
      /both/,
    ],
    [
      "keys twice",
      { storage: { uri: "s3://b", credentials: { ...KEYS, secretName: "s" } } },
      "storage.credentials",
      /either/,
    ],
    [
      "a cluster's id",
      { flinkConfiguration: { "kubernetes.cluster-id": "x" } },
      'flinkConfiguration["kubernetes.cluster-id"]',
      /set by the cluster itself/,
    ],
    [
      "what has an argument",
      { flinkConfiguration: { "taskmanager.numberOfTaskSlots": 2 } },
      'flinkConfiguration["taskmanager.numberOfTaskSlots"]',
      /use slotsPerTaskManager/,
    ],
    [
      "a REST API that asks for certificates which cannot reach it",
      { flinkConfiguration: { "security.ssl.rest.authentication-enabled": true } },
      'flinkConfiguration["security.ssl.rest.authentication-enabled"]',
      /no client certificate can pass\. Leave it out/,
    ],
    ["a key with spaces", { flinkConfiguration: { " a ": 1 } }, 'flinkConfiguration[" a "]', /spaces/],
    [
      "a value that is no scalar",
      { flinkConfiguration: { a: {} } },
      "flinkConfiguration.a",
      /string, a number or a boolean/,
    ],
    [
      "a value that the old file cannot hold",
      { flinkVersion: "1.18.1", flinkConfiguration: { a: "b#c" } },
      'flinkConfiguration["a"]',
      /before 1\.19/,
    ],
    [
      "savepoints on a pod's own disk",
      { flinkConfiguration: { "state.savepoints.dir": "/sp" } },
      'flinkConfiguration["state.savepoints.dir"]',
      /scheme of its storage/,
    ],
    [
      "a level that Log4j does not know",
      { logging: { log4jLoggers: { a: "LOUD" } } },
      "logging.log4jLoggers.a",
      /allowed: OFF/,
    ],
    [
      "a template with other names",
      { logging: { log4j2ConfigurationTemplate: "{% for x %}" } },
      "logging.log4j2ConfigurationTemplate",
      /rootLoggerLogLevel/,
    ],
    [
      "profile and template",
      { logging: { loggingProfile: "default", log4j2ConfigurationTemplate: "a" } },
      "logging.loggingProfile",
      /excludes/,
    ],
    [
      "a template that hides the pods",
      { kubernetes: { podTemplate: { metadata: { labels: { "flink.pulumi.com/cluster": "x" } } } } },
      "kubernetes.podTemplate.metadata.labels",
      /finds its pods/,
    ],
    [
      "a template that starts something else",
      { kubernetes: { podTemplate: { spec: { containers: [{ name: "flink-main-container", command: ["sh"] }] } } } },
      "kubernetes.podTemplate.spec.containers",
      /command/,
    ],
    [
      "a variable of the cluster's own",
      { kubernetes: { envVars: [{ name: "POD_IP", value: "1" }] } },
      "kubernetes.envVars[0].name",
      /sets itself/,
    ],
    [
      "a volume of the cluster's own",
      { kubernetes: { volumes: [{ name: "flink-storage", source: {}, mountPath: "/x" }] } },
      "kubernetes.volumes[0].name",
      /own/,
    ],
    [
      "annotations of an account that is not made",
      { kubernetes: { serviceAccountName: "a", serviceAccountAnnotations: { b: "c" } } },
      "kubernetes.serviceAccountAnnotations",
      /serviceAccountName/,
    ],
    [
      "a service account whose name is none",
      { kubernetes: { serviceAccountName: "Flink" } },
      "kubernetes.serviceAccountName",
      /^must have at most 253 lower-case letters/,
    ],
    [
      "a Secret for images whose name is none",
      { kubernetes: { imagePullSecrets: ["registry", "a..b"] } },
      "kubernetes.imagePullSecrets[1]",
      /as must each part between dots, but is "a\.\.b"$/,
    ],
    [
      "a label's key that is none",
      { kubernetes: { labels: { "example.org/a/b": "c" } } },
      'kubernetes.labels["example.org/a/b"]',
      /^is not a label's key: it must have at most 63 letters/,
    ],
    [
      "a label's value that is none",
      { kubernetes: { labels: { team: "orders & bills" } } },
      "kubernetes.labels.team",
      /^must be a label's value, with at most 63 .* but is "orders & bills"$/,
    ],
    [
      "a label's value that is too long",
      { kubernetes: { labels: { team: "o".repeat(64) } } },
      "kubernetes.labels.team",
      /^must be a label's value, with at most 63/,
    ],
    [
      "an address in place of a host",
      { ingress: { host: "https://flink.example.org" } },
      "ingress.host",
      /^must be the name of a host .* without scheme, port and path/,
    ],
    ["a host that is a number", { ingress: { host: "10.0.0.1" } }, "ingress.host", /^must be the name of a host/],
    [
      "a certificate's Secret whose name is none",
      { ingress: { host: "flink.example.org", tlsSecretName: "TLS" } },
      "ingress.tlsSecretName",
      /^must have at most 253 lower-case letters/,
    ],
    [
      "a block of no addresses",
      { networkPolicy: { apiServerCidrs: ["10.0.0.0/33"] } },
      "networkPolicy.apiServerCidrs[0]",
      /block of addresses/,
    ],
    ["a misspelt argument", { slotsPerTaskmanager: 1 }, "slotsPerTaskmanager", /did you mean slotsPerTaskManager/],
    [
      "a misspelt argument within",
      { resources: { jobmanager: {} } },
      "resources.jobmanager",
      /did you mean jobManager/,
    ],
    ["a misspelt rollout", { rollout: "INPLACE" }, "rollout", /did you mean IN_PLACE/],
  ];
  for (const [why, args, property, reason] of cases) {
    it(`are refused for ${why}`, () => {
      const found = wrong(args);
      assert.deepEqual(Object.keys(found), [property]);
      assert.match(found[property] ?? "", reason);
    });
  }

  it("are refused for a name that Kubernetes cannot take", () => {
    assert.match(wrong({}, "Orders_1")["name"] ?? "", /lower-case letters/);
    assert.match(wrong({}, "o".repeat(37))["name"] ?? "", /at most 36 characters/);
    assert.deepEqual(wrong({}, "o".repeat(36)), {});
  });

  it("may be all that Kubernetes takes", () => {
    const kubernetes = {
      serviceAccountName: "flink.orders",
      imagePullSecrets: ["registry.example.org"],
      labels: { "example.org/team": "a.b_C-9", tier: 1, none: "", ["k".repeat(63)]: "v".repeat(63) },
    };
    const ingress = { host: "*.flink.example.org", tlsSecretName: "tls.example.org" };
    assert.deepEqual(wrong({ kubernetes, ingress }), {});
    for (const mountPath of ["/data/flink", "/data/", "/data"]) {
      assert.deepEqual(
        wrong({ storage: { uri: "file:///data/flink/", volume: { ...VOLUME, mountPath } } }),
        {},
        mountPath,
      );
    }
    const off = { "security.ssl.rest.enabled": true, "security.ssl.rest.authentication-enabled": false };
    assert.deepEqual(wrong({ flinkConfiguration: off }), {});
  });

  it("may have several JobManagers where jobs run jars of the image", () => {
    assert.deepEqual(wrong({ ...TWO_JOB_MANAGERS, localArtifacts: ["local:///opt/flink/usrlib/orders.jar"] }), {});
    assert.deepEqual(wrong({ ...TWO_JOB_MANAGERS, localArtifacts: UNKNOWN_VALUE }), {});
  });

  it("pass wherever they are not known yet", () => {
    const unknown = Object.fromEntries(
      ["flinkVersion", "image", "numberOfTaskManagers", "flinkConfiguration", "namespace", "rollout"].map((name) => [
        name,
        UNKNOWN_VALUE,
      ]),
    );
    assert.deepEqual(wrong(unknown), {});
    const uri = UNKNOWN_VALUE;
    assert.deepEqual(
      wrong({ storage: { uri, volume: VOLUME }, resources: { jobManager: { replicas: UNKNOWN_VALUE } } }),
      {},
    );
    assert.deepEqual(
      wrong({
        kubernetes: { podTemplate: { spec: UNKNOWN_VALUE }, envVars: [UNKNOWN_VALUE], volumes: [UNKNOWN_VALUE] },
      }),
      {},
    );
  });

  it("are warned about where they may go wrong", () => {
    const warnings = (args: object) => checkCluster("orders", { flinkVersion: "1.20.0", ...args }).warnings.join();
    const on = (accessModes: unknown) => ({ storage: { uri: "file:///d", volume: { claim: "c", accessModes } } });
    assert.match(warnings(on(["ReadWriteOnce"])), /only one node can mount it/);
    assert.equal(warnings({ ...on(["ReadWriteOnce"]), rollout: "IN_PLACE" }), "");
    assert.equal(warnings(on(["ReadWriteMany"])), "");
    assert.equal(warnings(on(UNKNOWN_VALUE)), "");
    const inPlace = { storage: { uri: "s3://b" }, rollout: "IN_PLACE" };
    assert.equal(warnings(inPlace), "");
    assert.match(
      warnings({ rollout: "IN_PLACE" }),
      /^rollout: .* ends all jobs without a savepoint, .*highAvailability, is off/,
    );
    assert.match(warnings({ ...inPlace, highAvailability: false }), /^rollout: /);
    assert.match(
      warnings({ ...inPlace, keepers: { build: "1" } }),
      /^keepers: have no effect under rollout: "IN_PLACE"/,
    );
    assert.equal(warnings({ keepers: { build: "1" } }), "");
    assert.match(warnings({ ingress: { host: "h" } }), /networkPolicy\.from/);
    assert.equal(warnings({ ingress: { host: "h" }, networkPolicy: false }), "");
  });

  it("are warned about by a cluster, also where keepers are secrets that are known later", async () => {
    const warnings: string[] = [];
    const args: FlinkClusterArgs = {
      flinkVersion: "1.20.0",
      rollout: pulumi.output("IN_PLACE" as const),
      keepers: { build: pulumi.secret("swordfish"), none: undefined },
    };
    await declare(() => void new SessionCluster("orders", args), { onWarning: (message) => warnings.push(message) });
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(warnings[0] ?? "", /rollout: under "IN_PLACE"/);
    assert.match(warnings[1] ?? "", /keepers: have no effect/);
    assert.doesNotMatch(warnings.join("\n"), /swordfish/);
  });

  it("stop the program with all that is wrong, known at once or later", async () => {
    const args: FlinkClusterArgs = { flinkVersion: "1.16.0", slotsPerTaskManager: 0, image: pulumi.output("a") };
    await assert.rejects(
      declare(() => void new SessionCluster("Orders", args)),
      (error) => {
        assert.ok(error instanceof InvalidClusterError);
        assert.equal(error.code, "FLINK_INVALID_CLUSTER");
        assert.deepEqual(
          error.issues.map(({ property }) => property),
          ["name", "flinkVersion", "slotsPerTaskManager"],
        );
        assert.match(error.message, /^The SessionCluster "Orders" cannot be made.*Nothing was changed/);
        return true;
      },
    );
  });
});
