import type * as pulumi from "@pulumi/pulumi";
import type { FlinkClusterArgs } from "./kubernetes/args";
import { KubernetesCluster } from "./kubernetes/kubernetesCluster";

/**
 * A Flink cluster on Kubernetes for many jobs: each a FlinkDeployment, in this stack or in another, that has this
 * cluster as its `cluster`.
 *
 * A change that needs new pods replaces it (see `rollout`): the new cluster is ready before the jobs of the old one
 * move, each by its own upgrade strategy, and the old one goes last. It is not deleted while any job runs on it. Its
 * objects pass the restricted Pod Security Standard, and run the official images of Flink 1.17 to 2.x.
 */
export class SessionCluster extends KubernetesCluster {
  /**
   * @param name - its name in Pulumi, with which the names of its Kubernetes objects begin: at most 36 lower-case letters,
   *   digits and hyphens, the first a letter.
   * @param args - the cluster.
   * @param opts - among them the `k8s.Provider` that its objects are made with.
   * @throws InvalidClusterError with all that is wrong in `args`.
   */
  constructor(name: string, args: FlinkClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("SessionCluster", name, args, opts);
  }
}
