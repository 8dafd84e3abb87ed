import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import type { FlinkDeploymentArgs, FlinkEndpoint } from "../../../provider/resources/args";

/** What a hook would get of the arguments. */
async function serialized(args: FlinkDeploymentArgs): Promise<Record<string, unknown>> {
  const runtime = pulumi.runtime as unknown as {
    serializeProperty(label: string, value: unknown, dependencies: Set<unknown>): Promise<Record<string, unknown>>;
  };
  return runtime.serializeProperty("args", args, new Set());
}

async function accepted(args: FlinkDeploymentArgs) {
  const { inputs, failures } = checkDeploymentInputs(await serialized(args));
  assert.deepEqual(failures, []);
  return inputs;
}

describe("the declared arguments of a FlinkDeployment", () => {
  const endpoint: FlinkEndpoint = { url: "http://localhost:8081", fingerprint: "f" };

  it("take a cluster's endpoint as an output, plain, or put together from outputs", async () => {
    const artifact = { jarUri: "https://jars.example.org/job.jar" };
    const clusters: FlinkDeploymentArgs["cluster"][] = [
      endpoint,
      pulumi.output(endpoint),
      {
        url: pulumi.output("http://localhost:8081"),
        bearerToken: pulumi.secret("t"),
        headers: { A: pulumi.output("b") },
      },
      {
        url: "https://h",
        basicAuth: { username: "u", password: pulumi.secret("p") },
        tls: { caCertificate: pulumi.output("c") },
      },
    ];
    for (const cluster of clusters) assert.ok((await accepted({ cluster, artifact })).cluster?.url);
  });

  it("take outputs at every depth", async () => {
    const inputs = await accepted({
      cluster: endpoint,
      state: pulumi.output("SUSPENDED" as const),
      artifact: {
        jar: pulumi.output(new pulumi.asset.FileAsset("job.jar")),
        entryClass: pulumi.output("org.example.Main"),
        mainArgs: ["--topic", pulumi.output("orders")],
      },
      parallelism: pulumi.output(2),
      flinkConfiguration: { "execution.checkpointing.interval": pulumi.output("10s"), "pipeline.object-reuse": true },
      upgradeStrategy: { kind: pulumi.output("STATELESS" as const) },
      timeouts: pulumi.output({ running: "90 s" }),
      annotations: { owner: pulumi.output("payments") },
    });
    assert.deepEqual(inputs.artifact.mainArgs, ["--topic", "orders"]);
    assert.deepEqual(inputs.flinkConfiguration, {
      "execution.checkpointing.interval": "10s",
      "pipeline.object-reuse": "true",
    });
    assert.equal(inputs.timeouts.running, "90 s");
  });

  it("do not compile with both a jar and its address, or with neither, and fail the check", async () => {
    const jar = new pulumi.asset.FileAsset("job.jar");
    // @ts-expect-error exactly one of the two
    const both: FlinkDeploymentArgs = { cluster: endpoint, artifact: { jar, jarUri: "file:///job.jar" } };
    // @ts-expect-error exactly one of the two
    const neither: FlinkDeploymentArgs = { cluster: endpoint, artifact: { entryClass: "A" } };
    for (const args of [both, neither]) {
      const { failures } = checkDeploymentInputs(await serialized(args));
      assert.deepEqual(
        failures.map(({ property }) => property),
        ["artifact"],
      );
    }
  });
});
