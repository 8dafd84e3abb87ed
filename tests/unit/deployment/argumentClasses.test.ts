import assert from "node:assert/strict";
import { ARGUMENT_CLASSES, type ArgumentClass } from "../../../provider/deployment/argumentClasses";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { jobSpecOf, placementOf } from "../../../provider/deployment/jobSpecOf";
import { argumentNames } from "../../../provider/deployment/schema";
import { jobSpecDigest } from "../../../provider/lifecycle/jobSpec";
import { fileAsset } from "./inputsFixture";

type Change = { from: Record<string, unknown>; to: Record<string, unknown>; otherContent?: boolean };

const cluster = { url: "https://h:8081" };
const artifact = { jarUri: "https://h/a.jar" };

const inCluster = (from: object, to: object): Change => ({
  from: { cluster: { ...cluster, ...from } },
  to: { cluster: { ...cluster, ...to } },
});
const service = { namespace: "flink", service: "rest" };
const inService = (from: object, to: object): Change => ({
  from: { cluster: { kubernetes: { ...service, ...from } } },
  to: { cluster: { kubernetes: { ...service, ...to } } },
});
const inArtifact = (from: object, to: object): Change => ({
  from: { artifact: { ...artifact, ...from } },
  to: { artifact: { ...artifact, ...to } },
});
const top = (name: string, from: unknown, to: unknown): Change => ({ from: { [name]: from }, to: { [name]: to } });

/** One change of each argument, and nothing else. */
const CHANGES: Record<keyof typeof ARGUMENT_CLASSES, Change> = {
  "cluster.url": inCluster({}, { url: "https://other:8081" }),
  "cluster.fingerprint": inCluster({ fingerprint: "f1" }, { fingerprint: "f2" }),
  "cluster.incarnation": inCluster({ fingerprint: "f", incarnation: "a" }, { fingerprint: "f", incarnation: "b" }),
  "cluster.processes": inCluster({}, { processes: { host: "h", directory: "/d" } }),
  "cluster.bearerToken": inCluster({ bearerToken: "a" }, { bearerToken: "b" }),
  "cluster.basicAuth": inCluster({}, { basicAuth: { username: "u", password: "p" } }),
  "cluster.headers": inCluster({}, { headers: { A: "b" } }),
  "cluster.tls": inCluster({}, { tls: { insecureSkipVerify: true } }),
  "cluster.kubernetes.namespace": inService({}, { namespace: "other" }),
  "cluster.kubernetes.service": inService({}, { service: "other" }),
  "cluster.kubernetes.port": inService({}, { port: 8082 }),
  "cluster.kubernetes.scheme": inService({}, { scheme: "https" }),
  "cluster.kubernetes.via": inService({}, { via: "portForward" }),
  "cluster.kubernetes.kubeconfig": inService({ kubeconfig: "/a" }, { kubeconfig: "/b" }),
  "cluster.kubernetes.context": inService({}, { context: "staging" }),
  "cluster.kubernetes.cluster": inService({}, { cluster: "orders-01234567" }),
  "cluster.kubernetes.apiServer": inService({}, { apiServer: "https://other" }),
  state: top("state", "RUNNING", "SUSPENDED"),
  "artifact.jar": {
    from: { artifact: { jar: fileAsset("a.jar", "1") } },
    to: { artifact: { jar: fileAsset("a.jar", "2") } },
    otherContent: true,
  },
  "artifact.jarUri": { ...inArtifact({}, { jarUri: "https://h/b.jar" }), otherContent: true },
  "artifact.entryClass": inArtifact({}, { entryClass: "B" }),
  "artifact.mainArgs": inArtifact({ mainArgs: "a b" }, { mainArgs: "a c" }),
  "artifact.additionalDependencies": {
    ...inArtifact({}, { additionalDependencies: ["https://h/lib.jar"] }),
    otherContent: true,
  },
  "artifact.httpHeaders": inArtifact({}, { httpHeaders: { A: "b" } }),
  "artifact.sha256": inArtifact({}, { sha256: "0".repeat(64) }),
  parallelism: top("parallelism", 1, 2),
  flinkConfiguration: top("flinkConfiguration", { a: "b" }, { a: "c" }),
  upgradeStrategy: top("upgradeStrategy", {}, { kind: "NONE" }),
  restoreStrategy: top("restoreStrategy", {}, { kind: "NONE" }),
  initialSavepointPath: top("initialSavepointPath", "s3://a", "s3://b"),
  savepointRedeployNonce: {
    from: { initialSavepointPath: "s3://a", savepointRedeployNonce: 1 },
    to: { initialSavepointPath: "s3://a", savepointRedeployNonce: 2 },
  },
  restartNonce: top("restartNonce", undefined, "again"),
  savepointTargetDirectory: top("savepointTargetDirectory", undefined, "s3://a"),
  savepointFormatType: top("savepointFormatType", "CANONICAL", "NATIVE"),
  maxSavepointCreationAttempts: top("maxSavepointCreationAttempts", 1, 2),
  maxJobCreationAttempts: top("maxJobCreationAttempts", 1, 2),
  jobFailureExpirationTime: top("jobFailureExpirationTime", 0, "1 h"),
  jobSubmissionTimeout: top("jobSubmissionTimeout", "1 s", "2 s"),
  timeouts: top("timeouts", {}, { running: "1 s" }),
  healthCheck: top("healthCheck", {}, { completedCheckpoints: 3 }),
  rollback: top("rollback", true, false),
  drain: top("drain", true, false),
  forceCancellationOf: top("forceCancellationOf", undefined, "0".repeat(32)),
  onDelete: top("onDelete", "SAVEPOINT", "CANCEL"),
  savepointHistory: top("savepointHistory", {}, { maxCount: 3 }),
  annotations: top("annotations", {}, { a: "b" }),
  labels: top("labels", {}, { a: "b" }),
  displayName: top("displayName", "a", "b"),
  maxEvents: top("maxEvents", 1, 2),
};

function checked(changes: Record<string, unknown>) {
  const { inputs, failures } = checkDeploymentInputs({ cluster, artifact, ...changes });
  assert.deepEqual(failures, []);
  return inputs;
}

describe("the classes of arguments", () => {
  it("cover every argument there is, and nothing else", () => {
    const leavesOf = (path: readonly string[]): string[] =>
      ["", "cluster", "artifact", "cluster.kubernetes"].includes(path.join("."))
        ? argumentNames(path).flatMap((name) => leavesOf([...path, name]))
        : [path.join(".")];
    const names = leavesOf([]);
    assert.deepEqual(Object.keys(ARGUMENT_CLASSES).sort(), names.sort());
  });

  for (const [name, change] of Object.entries(CHANGES)) {
    const expected: ArgumentClass = ARGUMENT_CLASSES[name as keyof typeof ARGUMENT_CLASSES];
    const effect = { job: "is an upgrade", placement: "is a move", policy: "restarts nothing" }[expected];
    it(`say that a change of ${name} ${effect}, and it is so`, () => {
      const from = checked(change.from);
      const to = checked(change.to);
      assert.notDeepEqual(from, to);
      const digests = [
        jobSpecDigest(jobSpecOf(from, "a1")),
        jobSpecDigest(jobSpecOf(to, change.otherContent ? "b2" : "a1")),
      ];
      assert.equal(digests[0] !== digests[1], expected === "job", "another job");
      assert.equal(placementOf(from) !== placementOf(to), expected === "placement", "another cluster");
    });
  }

  it("do not see another job in another place of the same content", () => {
    const from = checked({ artifact: { jar: fileAsset("a.jar", "1") } });
    const to = checked({ artifact: { jarUri: "https://h/b.jar" } });
    assert.equal(jobSpecDigest(jobSpecOf(from, "a1")), jobSpecDigest(jobSpecOf(to, "a1")));
  });

  it("do not see another cluster behind another address of the same fingerprint", () => {
    const at = (url: string) => placementOf(checked({ cluster: { url, fingerprint: "f", incarnation: "i" } }));
    assert.equal(at("http://localhost:1"), at("http://localhost:2"));
  });

  it("do not see another cluster in another Service of the same fingerprint, nor in an address in its place", () => {
    const identified = { fingerprint: "f", incarnation: "i" };
    const at = (where: object) => placementOf(checked({ cluster: { ...identified, ...where } }));
    assert.equal(at({ kubernetes: service }), at({ kubernetes: { ...service, service: "other" } }));
    assert.equal(at({ kubernetes: service }), at({ url: "http://localhost:1" }));
  });

  it("take two spellings of an address as one cluster", () => {
    const at = (url: string) => placementOf(checked({ cluster: { url } }));
    assert.equal(at("https://H:443/"), at("https://h"));
    assert.notEqual(at("https://h"), at("https://h/flink"));
  });

  it("place nothing where there is no cluster", () => {
    assert.equal(placementOf(checked({ cluster: undefined, state: "SUSPENDED" })), undefined);
  });
});

describe("the digest of a job", () => {
  it("does not depend on the order of keys", () => {
    const digestOf = (flinkConfiguration: object) => jobSpecDigest(jobSpecOf(checked({ flinkConfiguration }), "a1"));
    assert.equal(digestOf({ a: "1", b: "2" }), digestOf({ b: "2", a: "1" }));
  });

  it("is 64 hexadecimal digits", () => {
    assert.match(jobSpecDigest(jobSpecOf(checked({}), "a1")), /^[0-9a-f]{64}$/);
  });
});
