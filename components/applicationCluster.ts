import * as pulumi from "@pulumi/pulumi";
import type { FlinkCluster, FlinkEndpoint } from "../provider/resources/args";
import type { FlinkClusterArgs } from "./kubernetes/args";
import { makeCluster } from "./kubernetes/cluster";

/**
 * A Flink cluster on Kubernetes for one job of its own: a FlinkDeployment that has this cluster as its `cluster`. The
 * JobManager runs the job's `main`, on submission over REST, so that a job can move to a cluster that is already warm,
 * and back.
 *
 * A change that needs new pods replaces it (see `rollout`): the new cluster is ready before the job of the old one
 * moves by its upgrade strategy, and the old one goes last. It is not deleted while its job runs. Its objects pass the
 * restricted Pod Security Standard, and run the official images of Flink 1.17 to 2.x.
 */
export class ApplicationCluster extends pulumi.ComponentResource implements FlinkCluster {
  /** Where the job goes: the `cluster` of its FlinkDeployment. Secret where it holds a kubeconfig. */
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
    super("flink:index:ApplicationCluster", name, {}, opts);
    const outputs = makeCluster(this, "ApplicationCluster", name, args, opts);
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
