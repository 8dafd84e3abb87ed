import * as pulumi from "@pulumi/pulumi";
import type { Duration, FlinkCluster, FlinkUrlEndpoint } from "../provider/resources/args";
import { ClusterRegistration } from "../provider/resources/clusterRegistration";
import { fingerprintOf } from "../provider/resources/fingerprint";
import { Identity } from "../provider/resources/identity";
import { LocalFlinkProcesses } from "../provider/resources/localProcesses";

/** Arguments of {@link LocalCluster}. Exactly one of `flinkVersion` and `flinkHome` is required. */
export interface LocalClusterArgs {
  /**
   * The version of Flink to run, all three numbers: `"1.20.0"`; 1.17.0 is the oldest. Downloaded once with Maven into
   * `~/.cache/pulumi-flink`. Excludes `flinkHome`. A change replaces the cluster.
   */
  flinkVersion?: pulumi.Input<string>;
  /**
   * The folder of an unpacked Flink distribution, with `lib` in it; relative to the project's folder. Excludes
   * `flinkVersion`. A change replaces the cluster.
   */
  flinkHome?: pulumi.Input<string>;
  /**
   * How many TaskManagers run, at least 1. Default: 1. More of them are started beside those that run; fewer replace the
   * cluster, so that every job moves with its state before a TaskManager goes.
   */
  taskManagers?: pulumi.Input<number>;
  /** Flink's `taskmanager.numberOfTaskSlots`, at least 1. Default: 2. A change replaces the cluster. */
  slotsPerTaskManager?: pulumi.Input<number>;
  /**
   * Flink's configuration of the cluster. It may set anything but addresses, ports and what has an argument of its own.
   * Default: small JVMs, `web.refresh-interval: 100`, checkpoints and savepoints in the cluster's folder. A change
   * replaces the cluster. See https://nightlies.apache.org/flink/flink-docs-stable/docs/deployment/config/.
   */
  flinkConfiguration?: pulumi.Input<Record<string, pulumi.Input<string | number | boolean>>>;
  /**
   * The folder for logs, checkpoints and savepoints, relative to the project's folder, without `:`, `,` and `#`. Each
   * incarnation of the cluster has a folder of its own in it, which stays when the cluster goes: snapshots are never
   * deleted. Default: `.pulumi-flink/<stack>/<name>`. A change replaces the cluster.
   */
  directory?: pulumi.Input<string>;
  /**
   * The port of Flink's REST API on the loopback interface (`rest.port`). Default: a free one, the same for as long as
   * the cluster lives. A cluster with a port of its own choice can be replaced only together with a change of this port:
   * the new one starts before the old one ends.
   */
  port?: pulumi.Input<number>;
  /** How long the JobManager and all slots may take to get ready. Default: `"5 min"`. */
  clusterReadyTimeout?: pulumi.Input<Duration>;
  /**
   * Ids (32 hexadecimal digits) of jobs that may end with the cluster: all others keep it from being deleted.
   * Default: none.
   */
  forceCancellationOf?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * A real Flink session cluster as JVMs of this machine, bound to the loopback interface, which outlives `pulumi up`.
 *
 * A change of its version or configuration replaces it: the new cluster is ready before the jobs of the old one move,
 * each by its own upgrade strategy, and the old one goes last. It is not deleted while any job runs on it. Processes
 * that died are shown by `pulumi refresh` and started again by `pulumi up`; jobs of a JobManager that died are brought
 * back by their own FlinkDeployment. Linux and macOS; needs Java 11, 17 or 21, and Maven for a `flinkVersion` that is not
 * there yet.
 */
export class LocalCluster extends pulumi.ComponentResource implements FlinkCluster {
  /** Where jobs go: the `cluster` of a FlinkDeployment, also in another stack. */
  readonly endpoint: pulumi.Output<FlinkUrlEndpoint>;
  /** The version of Flink that runs. */
  readonly flinkVersion: pulumi.Output<string>;
  /** Of all TaskManagers together. */
  readonly slots: pulumi.Output<number>;
  /** What identifies the cluster by its version and configuration; known in a preview. */
  readonly fingerprint: pulumi.Output<string>;
  /** The absolute folder of this incarnation, with its logs, checkpoints and savepoints. */
  readonly directory: pulumi.Output<string>;
  /** Where savepoints go by default, with its scheme. */
  readonly savepointDirectory: pulumi.Output<string>;

  constructor(name: string, args: LocalClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:LocalCluster", name, {}, opts);
    const { forceCancellationOf, clusterReadyTimeout, ...processArgs } = args;
    const taskManagers = pulumi.output(args.taskManagers).apply((count) => count ?? 1);
    const slotsPerTaskManager = pulumi.output(args.slotsPerTaskManager).apply((count) => count ?? 2);
    this.slots = pulumi.all([taskManagers, slotsPerTaskManager]).apply(([count, slots]) => count * slots);
    this.fingerprint = fingerprintOfArgs(args);

    const identity = new Identity(
      `${name}-identity`,
      { keepers: { fingerprint: this.fingerprint }, growing: { taskManagers } },
      { parent: this },
    );
    const processes = new LocalFlinkProcesses(
      `${name}-processes`,
      {
        ...processArgs,
        clusterReadyTimeout,
        directory: args.directory ?? defaultDirectory(name),
        fingerprint: this.fingerprint,
        incarnation: identity.uid,
      },
      { parent: this },
    );
    const registration = new ClusterRegistration(
      `${name}-registration`,
      {
        endpoint: {
          url: processes.url,
          fingerprint: this.fingerprint,
          incarnation: identity.uid,
          processes: { host: processes.host, directory: processes.home },
        },
        clusterName: name,
        taskManagers,
        slots: this.slots,
        clusterReadyTimeout,
        forceCancellationOf,
      },
      { parent: this },
    );
    // As it was given, above: at an address.
    this.endpoint = registration.endpoint as pulumi.Output<FlinkUrlEndpoint>;
    this.flinkVersion = registration.runningVersion;
    this.directory = processes.home;
    this.savepointDirectory = processes.savepointDirectory;
    this.registerOutputs({
      endpoint: this.endpoint,
      flinkVersion: this.flinkVersion,
      slots: this.slots,
      fingerprint: this.fingerprint,
      directory: this.directory,
      savepointDirectory: this.savepointDirectory,
    });
  }
}

/** Everything that a running process cannot take on. The count of TaskManagers may grow, so it is no part of it. */
function fingerprintOfArgs(args: LocalClusterArgs): pulumi.Output<string> {
  const { flinkVersion, flinkHome, slotsPerTaskManager, flinkConfiguration, directory, port } = args;
  return pulumi
    .output({ flinkVersion, flinkHome, slotsPerTaskManager, flinkConfiguration, directory, port })
    .apply((known) =>
      fingerprintOf({
        ...known,
        slotsPerTaskManager: known.slotsPerTaskManager ?? 2,
        // As Flink reads it: `1` and `"1"` are the same.
        flinkConfiguration: Object.fromEntries(
          Object.entries(known.flinkConfiguration ?? {}).map(([key, value]) => [key, String(value)]),
        ),
      }),
    );
}

function defaultDirectory(name: string): string {
  return `.pulumi-flink/${pulumi.getStack()}/${name.replaceAll(/[^A-Za-z0-9._-]/g, "_")}`;
}
