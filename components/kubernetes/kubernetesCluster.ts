import * as pulumi from "@pulumi/pulumi";
import type { FlinkCluster, FlinkEndpoint } from "../../provider/resources/args";
import type { FlinkClusterArgs } from "./args";
import { makeCluster } from "./cluster";

/** What the clusters on Kubernetes have in common: all but their name, and what they are for. */
export abstract class KubernetesCluster extends pulumi.ComponentResource implements FlinkCluster {
  /** Where jobs go: the `cluster` of a FlinkDeployment, also in another stack. Secret where it holds a kubeconfig. */
  readonly endpoint: pulumi.Output<FlinkEndpoint>;
  /** The version of Flink that runs. */
  readonly flinkVersion: pulumi.Output<string>;
  /** Of all TaskManagers together. */
  readonly slots: pulumi.Output<number>;
  /** Where the cluster's objects are. */
  readonly namespace: pulumi.Output<string>;
  /** The Service of Flink's REST API. */
  readonly serviceName: pulumi.Output<string>;

  /** @param kind the class's name, which is a part of its type and stands in messages. */
  protected constructor(
    kind: "SessionCluster" | "ApplicationCluster",
    name: string,
    args: FlinkClusterArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`flink:index:${kind}`, name, {}, opts);
    const outputs = makeCluster(this, kind, name, args, opts);
    this.endpoint = outputs.endpoint;
    this.flinkVersion = outputs.flinkVersion;
    this.slots = outputs.slots;
    this.namespace = outputs.namespace;
    this.serviceName = outputs.serviceName;
    this.registerOutputs({ ...outputs });
  }
}
