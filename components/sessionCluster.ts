import * as pulumi from "@pulumi/pulumi";
import type { FlinkCluster, FlinkEndpoint } from "../provider/resources/args";
import type { FlinkClusterArgs } from "./kubernetes/args";
import { makeCluster } from "./kubernetes/cluster";

/**
 * A Flink cluster on Kubernetes for many jobs: each a FlinkDeployment, in this stack or in another, that has this
 * cluster as its `cluster`.
 *
 * A change that needs new pods replaces it (see `rollout`): the new cluster is ready before the jobs of the old one
 * move, each by its own upgrade strategy, and the old one goes last. It is not deleted while any job runs on it. Its
 * objects pass the restricted Pod Security Standard, and run the official images of Flink 1.17 to 2.x.
 */
export class SessionCluster extends pulumi.ComponentResource implements FlinkCluster {
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

  constructor(name: string, args: FlinkClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:SessionCluster", name, {}, opts);
    const outputs = makeCluster(this, "SessionCluster", name, args, opts);
    ({
      endpoint: this.endpoint,
      flinkVersion: this.flinkVersion,
      slots: this.slots,
      namespace: this.namespace,
      serviceName: this.serviceName,
    } = outputs);
    this.registerOutputs({ ...outputs });
  }
}
