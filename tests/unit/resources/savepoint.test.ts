import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment } from "../../../provider/resources/flinkDeployment";
import { Savepoint, type SavepointArgs } from "../../../provider/resources/savepoint";
import { declare, INCARNATION, withoutSecretMarks, type Made } from "../../rig/declaredResources";

const TYPE = "pulumi-nodejs:dynamic/flink:Savepoint";
const IDENTITY = "pulumi-nodejs:dynamic/flink:Identity";
const JOB = "0".repeat(32);
const cluster = { url: "http://localhost:8081" };
const artifact = { jarUri: "https://jars.example.org/job.jar" };

/** What a program with one Savepoint of these arguments registers. */
async function made(args: SavepointArgs, opts?: () => pulumi.CustomResourceOptions): Promise<Made[]> {
  return declare(() => void new Savepoint("nightly", args, opts?.()));
}

function named(all: readonly Made[], name: string): Made {
  return all.find((each) => each.name === name) ?? assert.fail(`${name} is not made`);
}

async function keeperOf(args: Partial<SavepointArgs>): Promise<unknown> {
  const { keepers } = named(await made({ cluster, jobId: JOB, ...args }), "nightly-identity").inputs;
  return (keepers as { madeOf: unknown }).madeOf;
}

describe("a Savepoint in a program", () => {
  it("is a dynamic resource with its identity beside it, and nothing else", async () => {
    const all = await made({ cluster, jobId: JOB });
    assert.deepEqual(
      all.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(({ type, name }) => [type, name]),
      [
        [IDENTITY, "nightly-identity"],
        [TYPE, "nightly"],
      ],
    );
    const { inputs } = named(all, "nightly");
    assert.equal(inputs["uid"], INCARNATION);
    assert.equal(inputs["resourceUrn"], `urn:pulumi:stack::project::${TYPE}::nightly`);
    assert.equal(inputs["isDryRun"], false);
    assert.equal(inputs["jobId"], JOB);
  });

  it("takes where its job is from a deployment, and is made after it", async () => {
    const all = await declare(() => {
      const deployment = new FlinkDeployment("orders", { cluster, artifact });
      new Savepoint("nightly", { deployment, triggers: [1] });
    });
    const savepoint = named(all, "nightly");
    assert.deepEqual(withoutSecretMarks(savepoint.inputs["deployment"]), { cluster });
    assert.ok(savepoint.dependencies.some((urn) => urn.endsWith("FlinkDeployment::orders")));
    for (const name of ["cluster", "jobId"]) assert.equal(savepoint.inputs[name], undefined, name);
  });

  it("can be what another deployment starts from", async () => {
    const all = await declare(() => {
      const { path } = new Savepoint("nightly", { adoptPath: "s3://bucket/savepoint-1" });
      new FlinkDeployment("copy", { cluster, artifact, initialSavepointPath: path });
    });
    assert.ok(named(all, "copy").dependencies.some((urn) => urn.endsWith("Savepoint::nightly")));
  });

  it("gets another identity for each change that takes another savepoint, and for no other", async () => {
    const usual = await keeperOf({});
    for (const args of [
      { triggers: [1] },
      { triggers: { night: pulumi.output(1) } },
      { formatType: "NATIVE" },
      { targetDirectory: "s3://bucket" },
      { adoptPath: pulumi.output("s3://bucket/1") },
    ] satisfies Partial<SavepointArgs>[]) {
      assert.notEqual(await keeperOf(args), usual, JSON.stringify(args));
    }
    for (const args of [
      { formatType: "CANONICAL" },
      { jobId: "f".repeat(32) },
      { cluster: { url: "http://elsewhere:8081" } },
      { disposeOnDelete: true },
      { maxSavepointCreationAttempts: 1 },
      { timeouts: { savepoint: "1 s" } },
    ] satisfies Partial<SavepointArgs>[]) {
      assert.equal(await keeperOf(args), usual, JSON.stringify(args));
    }
  });

  it("keeps the credentials of its cluster secret, and tells hooks what else the program marked", async () => {
    const all = await made({
      cluster: { ...cluster, bearerToken: "hunter2" },
      jobId: JOB,
      targetDirectory: pulumi.secret("s3://secret"),
    });
    const { inputs } = named(all, "nightly");
    const { bearerToken, url } = inputs["cluster"] as Record<string, unknown>;
    assert.equal(url, cluster.url);
    assert.notEqual(bearerToken, "hunter2", "it is marked");
    assert.equal(withoutSecretMarks(bearerToken), "hunter2");
    assert.deepEqual(withoutSecretMarks(inputs["markedSecrets"]), [["s3://secret"]]);
  });

  it("is renamed together with its identity", async () => {
    const all = await made({ cluster, jobId: JOB }, () => ({ aliases: [{ name: "weekly" }] }));
    assert.deepEqual(
      all.filter(({ type }) => type === TYPE || type === IDENTITY).flatMap(({ aliases: given }) => given),
      ["weekly-identity", "weekly"],
    );
  });
});
