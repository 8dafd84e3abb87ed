import * as pulumi from "@pulumi/pulumi";
import type { DesiredState, FlinkDeploymentArgs } from "../provider/resources/args";
import { CLUSTER_ARGUMENTS } from "../provider/resources/clusterArguments";
import { completeArgs } from "../provider/resources/deploymentDefaults";
import { isPlain } from "../provider/resources/plainInputs";
import { FlinkDeployment } from "../provider/resources/flinkDeployment";
import { ApplicationCluster } from "./applicationCluster";
import { checkApplication, offeredJars } from "./application/check";
import { withApplicationDefaults } from "./application/defaults";
import { divideConfiguration } from "../provider/values/configurationScope";
import { jobFingerprint } from "./application/jobContent";
import type { FlinkClusterArgs } from "./kubernetes/args";
import { InvalidClusterError } from "./kubernetes/errors";
import { JOB_KEEPER } from "./kubernetes/names";
import { knownNow } from "./kubernetes/settle";

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
   *
   * A job has changed if its FlinkDeployment would upgrade it, but for one thing: of a jar at an `http://`, `https://` or
   * `s3://` address the program does not know the content. Another address is another cluster, be the content the same,
   * and other content at the same address is an upgrade on the same cluster. With `artifact.sha256` it is the content that
   * counts. `additionalDependencies` at such addresses go by them in any case.
   *
   * Under `rollout: "IN_PLACE"` a changed job always runs where the old one ran.
   */
  jobUpgrade?: JobUpgrade;
  /**
   * How many TaskManagers there are, at least 1. With too few slots for `parallelism` the arguments are refused, unless an
   * adaptive scheduler (`jobmanager.scheduler: adaptive`, `scheduler-mode: reactive`) or `execution.runtime-mode: BATCH`
   * in `flinkConfiguration` makes do with fewer. Default: as many as `parallelism` needs. Fewer replace the cluster.
   */
  numberOfTaskManagers?: FlinkClusterArgs["numberOfTaskManagers"];
}

/**
 * A Flink job and its own cluster on Kubernetes, in one: what Ververica Platform calls a Deployment in application mode.
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

  /**
   * @param name - its name in Pulumi, which its cluster and its job have too: at most 36 lower-case letters, digits and
   *   hyphens, the first a letter.
   * @param args - the job and its cluster; the stack's `flink:deploymentDefaults` are under them.
   * @param opts - among them the `k8s.Provider` that the cluster's objects are made with.
   * @throws InvalidStackConfigurationError where the stack's defaults are wrong.
   * @throws InvalidClusterError with all that is wrong in `args`, also while the job is not to run; but what is wrong with
   *   the job alone is said by its FlinkDeployment.
   */
  constructor(name: string, args: FlinkApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:FlinkApplication", name, {}, opts);
    const complete = withApplicationDefaults(args);
    const failures = checkApplication(name, knownNow(args), knownNow(complete));
    if (failures.length > 0) throw new InvalidClusterError("FlinkApplication", name, failures);
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

/** What the cluster is told, and what the job. */
function divideArgs(args: FlinkApplicationArgs): { cluster: FlinkClusterArgs; job: FlinkDeploymentArgs } {
  const { jobUpgrade, flinkConfiguration, deploymentTarget: _, ...rest } = args;
  const onSameCluster = jobUpgrade?.toUpperCase() === "SAME_CLUSTER";
  const isTheClusters = ([name]: [string, unknown]) => Object.hasOwn(CLUSTER_ARGUMENTS, name);
  const entries = Object.entries(rest) as [string, unknown][];
  // A version that is nowhere is missed by the check.
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
      ...(onSameCluster ? {} : { keepers: { [JOB_KEEPER]: jobKeeper } }),
    },
    job: { ...job, flinkConfiguration: jobConfiguration },
  };
}

/** No secret: a path in the image. */
function localArtifactsOf({ artifact }: Pick<FlinkDeploymentArgs, "artifact">): pulumi.Output<string[]> {
  const jarUri = isPlain(artifact)
    ? pulumi.output<unknown>(artifact.jarUri)
    : pulumi.output(artifact).apply((jar): unknown => jar.jarUri);
  return pulumi.unsecret(jarUri.apply(offeredJars));
}

function taskManagersFor({ parallelism, slotsPerTaskManager }: FlinkApplicationArgs): pulumi.Output<number> {
  return pulumi
    .all([parallelism, slotsPerTaskManager])
    .apply(([tasks = 1, slots = 1]) => Math.max(1, Math.ceil(tasks / Math.max(1, slots))));
}
