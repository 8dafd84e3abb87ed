import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  DeploymentManifest,
  FlinkDeployment,
  InvalidDeploymentError,
  type DeploymentManifestArgs,
} from "../../../index";
import { declare, SECRET_MARK, type Made } from "../../rig/declaredResources";
import { application, clusterOf, example, lines, session } from "./manifest/documents";

const ENDPOINT = { url: "http://localhost:8081" };
const BOTH = `${application({ artifact: { flinkVersion: "1.20.0" } })}\n---\n${session({ metadata: { name: "Bills" } })}`;
const DECLARED: Partial<DeploymentManifestArgs> = {
  deploymentTargets: { default: { namespace: "flink" } },
  sessionClusters: { shared: ENDPOINT },
};

describe("a DeploymentManifest", () => {
  async function declared(args: DeploymentManifestArgs): Promise<{ made: Made[]; warnings: string[] }> {
    const warnings: string[] = [];
    const made = await declare(() => void new DeploymentManifest("documents", args), {
      onWarning: (message) => warnings.push(message.replace("warning: [runtime] ", "")),
    });
    return { made, warnings };
  }

  const inputsOf = (made: readonly Made[], type: string, name: string): Record<string, unknown> => {
    const found = made.find((each) => each.type.endsWith(`:${type}`) && each.name === name);
    assert.ok(found, `${type} ${name} is missing`);
    return found.inputs;
  };

  /** All that is wrong, with the message of the error. */
  async function refusal(args: DeploymentManifestArgs): Promise<{ issues: string[]; message: string }> {
    const error: unknown = await declared(args).then(
      () => assert.fail("nothing is wrong"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof InvalidDeploymentError, String(error));
    return { issues: lines(error.issues), message: error.message };
  }

  it("is a FlinkApplication or a FlinkDeployment for each document, under it and named as that is", async () => {
    const { made, warnings } = await declared({ yaml: BOTH, ...DECLARED });
    const under = made.filter(({ parent }) => parent.endsWith("flink:index:DeploymentManifest::documents"));
    assert.deepEqual(under.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort(), [
      "AskedClusters bills-clusters",
      "FlinkApplication orders",
      "FlinkDeployment bills",
      "Identity bills-identity",
    ]);
    const bills = inputsOf(made, "FlinkDeployment", "bills");
    assert.equal(bills.displayName, "Bills");
    assert.deepEqual(bills.artifact, { jarUri: "https://repo.example.org/orders.jar" });
    assert.equal((bills.cluster as { url: string }).url, ENDPOINT.url);
    assert.deepEqual(warnings, [
      'document 2: metadata.name is "Bills", and becomes "bills"; displayName keeps the original',
    ]);
  });

  it("has its deployments by the names of their documents", async () => {
    let manifest: DeploymentManifest | undefined;
    await declare(() => {
      manifest = new DeploymentManifest("documents", { yaml: BOTH, ...DECLARED });
    });
    assert.deepEqual(Object.keys(manifest?.deployments ?? {}), ["orders", "bills"]);
    assert.deepEqual(Object.keys(manifest?.applications ?? {}), ["orders"]);
    assert.equal(manifest?.applications.orders?.deployment, manifest?.deployments.orders);
    assert.ok(manifest?.deployments.bills instanceof FlinkDeployment);
  });

  it("makes clusters where their deployment targets are, by name or by id", async () => {
    const made = await declare(() => {
      const provider = new k8s.Provider("elsewhere");
      const yaml = `${application()}\n---\n${application({
        metadata: { name: "bills" },
        spec: { deploymentTargetName: undefined, deploymentTargetId: "57b4" },
      })}`;
      new DeploymentManifest("documents", {
        yaml,
        flinkVersion: "1.20.0",
        deploymentTargets: { default: { namespace: "flink" }, "57b4": { namespace: "billing", provider } },
      });
    });
    const places = made
      .filter(({ type }) => type === "kubernetes:apps/v1:Deployment")
      .map(({ name, inputs, provider }) => [
        name,
        (inputs.metadata as { namespace: string }).namespace,
        provider.includes("elsewhere"),
      ]);
    assert.deepEqual(places.sort(), [
      ["bills-jobmanager", "billing", true],
      ["bills-taskmanager", "billing", true],
      ["orders-jobmanager", "flink", false],
      ["orders-taskmanager", "flink", false],
    ]);
  });

  it("reads a file, with a Flink and jars that are there now", async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-manifest-"));
    try {
      const jar = path.join(folder, "TopSpeedWindowing.jar");
      await fs.writeFile(jar, "jar");
      const file = path.join(folder, "session-mode.yaml");
      await fs.writeFile(file, example("session-mode"));
      const jarUri = "https://repo.example.org/flink-examples-streaming_2.12-1.12.7-TopSpeedWindowing.jar";
      const { made } = await declared({
        file,
        flinkVersion: "2.3.0",
        jars: { [jarUri]: new pulumi.asset.FileAsset(jar) },
        sessionClusters: { sessions: ENDPOINT },
      });
      const { artifact } = inputsOf(made, "FlinkDeployment", "top-speed-windowing-example");
      assert.equal((artifact as { jar: { path: string } }).jar.path, jar);
    } finally {
      await fs.rm(folder, { recursive: true });
    }
  });

  it("warns of a document that was written for another Flink than its session cluster runs", async () => {
    const warned: string[] = [];
    await declare(
      () => {
        const shared = clusterOf("1.20.0");
        for (const [name, flinkVersion] of Object.entries({ a: "1.19", b: "1.20", c: "1.20.0", d: "2.0.0" })) {
          const yaml = session({ metadata: { name }, artifact: { flinkVersion } });
          new DeploymentManifest(name, { yaml, sessionClusters: { shared } });
        }
      },
      { onWarning: (message) => warned.push(message.replace("warning: [runtime] ", "")) },
    );
    assert.deepEqual(warned, [
      'spec.template.spec.artifact.flinkVersion is 1.19, but the session cluster "shared" runs 1.20.0',
      'spec.template.spec.artifact.flinkVersion is 2.0.0, but the session cluster "shared" runs 1.20.0',
    ]);
  });

  it("keeps what Flink takes for secrets out of the state's clear text", async () => {
    const flinkConfiguration = { "orders.password": "hunter2", "pipeline.name": "orders" };
    const { made } = await declared({ yaml: session({ template: { flinkConfiguration } }), ...DECLARED });
    const sent = inputsOf(made, "FlinkDeployment", "orders").flinkConfiguration as Record<string, unknown>;
    assert.ok(SECRET_MARK in (sent["orders.password"] as object));
    assert.equal(sent["pipeline.name"], "orders");
  });

  it("is refused for all that is wrong in its documents at once, with where they are from", async () => {
    const yaml = `${session({ spec: { state: "runing" } })}\n---\n${session({ template: { paralelism: 2 } })}`;
    const { issues, message } = await refusal({ yaml, ...DECLARED });
    assert.deepEqual(issues, [
      '1 spec.state: is "runing", which is not known; did you mean RUNNING?; allowed: RUNNING, CANCELLED, SUSPENDED',
      "2 spec.template.spec.paralelism: is not known here; did you mean parallelism?",
    ]);
    assert.match(
      message,
      /^The Deployment of the manifest "documents" cannot be used as it is written\. Nothing was changed\.\n {2}- document 1: spec\.state is "runing"/,
    );
  });

  it("is refused where its documents name targets and clusters that it does not have", async () => {
    assert.deepEqual((await refusal({ yaml: BOTH })).issues, [
      '1 spec.deploymentTargetName: is "default", which the argument deploymentTargets does not have: it is empty',
      '2 spec.sessionClusterName: is "shared", which the argument sessionClusters does not have: it is empty',
    ]);
    const yaml = application({ spec: { deploymentTargetName: undefined, deploymentTargetId: "57b4" } });
    assert.deepEqual((await refusal({ yaml, deploymentTargets: { a: {}, b: {} } })).issues, [
      'spec.deploymentTargetId: is "57b4", which the argument deploymentTargets does not have: it has a, b',
    ]);
  });

  it("is refused without documents, with two places for them, and with a file that is not there", async () => {
    const neither = await refusal({});
    assert.deepEqual(neither.issues, [": needs exactly one of file and yaml, and has neither"]);
    assert.match(
      neither.message,
      /of the manifest "documents" cannot be used.*\n {2}- needs exactly one of file and yaml/,
    );
    assert.deepEqual((await refusal({ file: "a.yaml", yaml: "a" })).issues, [
      ": needs exactly one of file and yaml, and has both",
    ]);
    const { issues, message } = await refusal({ file: "nowhere.yaml" });
    assert.match(issues.join("\n"), /^file: cannot be read: ENOENT: [^\n]*$/);
    assert.match(message, /^The Deployment of nowhere\.yaml cannot be used as it is written\. Nothing was changed\./);
  });
});
