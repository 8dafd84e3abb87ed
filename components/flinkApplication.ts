import * as pulumi from "@pulumi/pulumi";
import type { DesiredState, FlinkDeploymentArgs } from "../provider/resources/args";
import { CLUSTER_ARGUMENTS } from "../provider/resources/clusterArguments";
import { completeArgs } from "../provider/resources/deploymentDefaults";
import { isPlain } from "../provider/resources/plainInputs";
import { FlinkDeployment } from "../provider/resources/flinkDeployment";
import { imageJarPath } from "../provider/values/imageJar";
import { ApplicationCluster } from "./applicationCluster";
import { withApplicationDefaults } from "./application/defaults";
import { divideConfiguration } from "../provider/values/configurationScope";
import { jobFingerprint } from "./application/jobContent";
import type { FlinkClusterArgs } from "./kubernetes/args";

/** Which cluster a changed job goes to. */
export type JobUpgrade = "NEW_CLUSTER" | "SAME_CLUSTER";

/** Arguments of {@link FlinkApplication}: those of a job and of its cluster. */
export interface FlinkApplicationArgs
  extends
    Omit<FlinkDeploymentArgs, "cluster" | "state" | "flinkConfiguration">,
    Omit<
      FlinkClusterArgs,
      "flinkVersion" | "flinkConfiguration" | "forceCancellationOf" | "keepers" | "localArtifacts"
    > {
  /**
   * Flink's version, all three numbers: `"1.20.0"`; 1.17.0 is the oldest. Required, here or in the stack's
   * `flink:deploymentDefaults`. A change replaces the cluster.
   */
  flinkVersion?: FlinkClusterArgs["flinkVersion"];
  /**
   * `"RUNNING"` (default); `"SUSPENDED"`: stop with a savepoint; `"CANCELLED"`: cancel. Where the job is not to run, its
   * cluster is deleted after it has stopped, and all its resources are given back; RUNNING makes another one and goes
   * on from the job's state.
   */
  state?: DesiredState;
  /**
   * Flink's configuration. Keys that the cluster's processes read when they start (`taskmanager.*`, `rest.*`, …) are the
   * cluster's, and a change of one needs new pods; all others are the job's. See
   * https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/.
   */
  flinkConfiguration?: FlinkClusterArgs["flinkConfiguration"];
  /**
   * Where a changed job runs. `"NEW_CLUSTER"` (default): on a cluster of its own, made before the old job is stopped:
   * nothing is left of the old job's classes. `"SAME_CLUSTER"`: where the old one ran, which is faster and needs no
   * pods, but each upgrade leaves classes behind in Flink's JVMs, until their Metaspace is full. A change that needs
   * new pods gets them in both.
   */
  jobUpgrade?: JobUpgrade;
  /** How many TaskManagers there are. Default: as many as `parallelism` needs. */
  numberOfTaskManagers?: FlinkClusterArgs["numberOfTaskManagers"];
}

/**
 * A Flink job and its own cluster on Kubernetes, in one: what the seeds of this package call a Deployment in application
 * mode.
 *
 * Whatever needs new pods is ready before the old job is stopped, and the old pods go after the new job runs.
 */
export class FlinkApplication extends pulumi.ComponentResource {
  /** The job. */
  readonly deployment: FlinkDeployment;
  /** The cluster; undefined unless the job is to run. */
  readonly cluster: ApplicationCluster | undefined;
  /** What the job has come to. */
  readonly status: FlinkDeployment["status"];
  /** Flink's id of the active job; undefined while none is. */
  readonly jobId: pulumi.Output<string | undefined>;
  /** The path of the newest savepoint. */
  readonly latestSavepoint: pulumi.Output<string | undefined>;
  /** What destroying this would do to the job: Pulumi previews no deletes. */
  readonly onDeletePlan: pulumi.Output<string>;

  /** @throws InvalidStackConfigurationError where the stack's defaults are wrong, InvalidClusterError where `args` are. */
  constructor(name: string, args: FlinkApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:FlinkApplication", name, {}, opts);
    const complete = withApplicationDefaults(args);
    const { cluster, job } = divideArgs(complete);
    const child: pulumi.CustomResourceOptions = {
      parent: this,
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    };
    const isToRun = complete.state === undefined || complete.state.toUpperCase() === "RUNNING";
    this.cluster = isToRun ? new ApplicationCluster(name, cluster, child) : undefined;
    this.deployment = new FlinkDeployment(name, completeArgs({ ...job, cluster: this.cluster }), child);
    this.status = this.deployment.status;
    this.jobId = this.deployment.jobId;
    this.latestSavepoint = this.deployment.latestSavepoint;
    this.onDeletePlan = this.deployment.onDeletePlan;
    this.registerOutputs({
      status: this.status,
      jobId: this.jobId,
      latestSavepoint: this.latestSavepoint,
      onDeletePlan: this.onDeletePlan,
    });
  }
}

type ClusterArgument = keyof typeof CLUSTER_ARGUMENTS;

/** What the cluster is told, and what the job; a name that is neither's goes to the job, whose check says so. */
function divideArgs(args: FlinkApplicationArgs): { cluster: FlinkClusterArgs; job: FlinkDeploymentArgs } {
  const { jobUpgrade = "NEW_CLUSTER", flinkConfiguration, deploymentTarget: _, ...rest } = args;
  if (jobUpgrade !== "NEW_CLUSTER" && jobUpgrade !== "SAME_CLUSTER") {
    throw new pulumi.RunError(
      `jobUpgrade must be "NEW_CLUSTER" or "SAME_CLUSTER", but is ${JSON.stringify(jobUpgrade)}.`,
    );
  }
  const isTheClusters = ([name]: [string, unknown]) => Object.hasOwn(CLUSTER_ARGUMENTS, name);
  const entries = Object.entries(rest) as [string, unknown][];
  // A version that is nowhere is missed by the cluster's own check.
  const cluster = Object.fromEntries(entries.filter(isTheClusters)) as Pick<FlinkClusterArgs, ClusterArgument>;
  const job = Object.fromEntries(entries.filter((entry) => !isTheClusters(entry))) as Omit<
    typeof rest,
    ClusterArgument
  >;
  const divided = pulumi
    .output(flinkConfiguration ?? {})
    .apply((known) => divideConfiguration<string | number | boolean>(known));
  const jobConfiguration = divided.apply((both) => both.job);
  const jobKeeper = pulumi
    .all([job.upgradeStrategy, jobFingerprint(job, jobConfiguration)])
    // While changes wait, so does the cluster that they would need: a keeper that is left out stays as it was.
    .apply(([strategy, fingerprint]) => (strategy?.kind?.toUpperCase() === "NONE" ? undefined : fingerprint));
  return {
    cluster: {
      ...cluster,
      numberOfTaskManagers: cluster.numberOfTaskManagers ?? taskManagersFor(args),
      flinkConfiguration: divided.apply((both) => both.cluster),
      forceCancellationOf: pulumi.output(job.forceCancellationOf).apply((id) => (id === undefined ? [] : [id])),
      localArtifacts: localArtifactsOf(job),
      ...(jobUpgrade === "NEW_CLUSTER" ? { keepers: { job: jobKeeper } } : {}),
    },
    job: { ...job, flinkConfiguration: jobConfiguration },
  };
}

/** No secret: a path in the image. What is no such path is left to the job's check. */
function localArtifactsOf({ artifact }: Pick<FlinkDeploymentArgs, "artifact">): pulumi.Output<string[]> {
  const jarUri = isPlain(artifact)
    ? pulumi.output<unknown>(artifact.jarUri)
    : pulumi.output(artifact).apply((jar): unknown => jar.jarUri);
  return pulumi.unsecret(
    jarUri.apply((uri) => (typeof uri === "string" && imageJarPath(uri) !== undefined ? [uri] : [])),
  );
}

function taskManagersFor({ parallelism, slotsPerTaskManager }: FlinkApplicationArgs): pulumi.Output<number> {
  return pulumi
    .all([parallelism, slotsPerTaskManager])
    .apply(([tasks = 1, slots = 1]) => Math.max(1, Math.ceil(tasks / Math.max(1, slots))));
}
