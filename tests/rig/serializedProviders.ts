import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ClusterRegistration } from "../../provider/resources/clusterRegistration";
import { FlinkDeployment } from "../../provider/resources/flinkDeployment";

/** The text that Pulumi's state holds of each class's provider, as the SDK serializes it. */
export interface SerializedProviders {
  readonly deployment: string;
  readonly registration: string;
  readonly askedClusters: string;
}

/** Makes one resource of each class, and gives what the engine would be told as its provider. */
export async function serializedProviders(): Promise<SerializedProviders> {
  const seen = new Map<string, string>();
  await pulumi.runtime.setMocks({
    newResource: ({ type, id, name, inputs }) => {
      const { __provider: text } = inputs as { __provider?: unknown };
      if (typeof text === "string") seen.set(type, text);
      return { id: id ?? name, state: inputs as object };
    },
    call: () => ({}),
  });
  const url = "http://127.0.0.1:1";
  const resources = [
    new FlinkDeployment("job", { cluster: { url }, artifact: { jarUri: "file:///job.jar" } }),
    new ClusterRegistration("cluster", { endpoint: { url }, clusterName: "cluster", taskManagers: 1, slots: 1 }),
  ];
  await Promise.all(resources.map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
  const of = (type: string): string => {
    const text = seen.get(`pulumi-nodejs:dynamic/flink:${type}`);
    assert.ok(text !== undefined, `${type} has no serialized provider`);
    return text;
  };
  return {
    deployment: of("FlinkDeployment"),
    registration: of("ClusterRegistration"),
    askedClusters: of("AskedClusters"),
  };
}
