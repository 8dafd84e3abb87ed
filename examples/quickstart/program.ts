import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, LocalCluster } from "pulumi-flink";
import type { DesiredState } from "pulumi-flink";

/** What of the program changes from one `pulumi up` to the next. */
export interface QuickstartSettings {
  flinkVersion: string;
  /** The path of the job's jar. */
  jar: string;
  /** An argument of the job: changing it is an upgrade. */
  windowSize: number;
  state: DesiredState;
  /** A setting of the cluster: changing it replaces the cluster, and the job moves. */
  restartDelay: string;
  /** Where the cluster keeps its logs, checkpoints and savepoints. */
  directory?: string;
}

/** A Flink cluster on this machine, and Flink's own example job on it. */
export function quickstart({ flinkVersion, jar, windowSize, state, restartDelay, directory }: QuickstartSettings) {
  const cluster = new LocalCluster("local", {
    flinkVersion,
    slotsPerTaskManager: 2,
    directory,
    flinkConfiguration: { "restart-strategy.type": "fixed-delay", "restart-strategy.fixed-delay.delay": restartDelay },
  });
  const topSpeed = new FlinkDeployment("top-speed", {
    cluster,
    state,
    artifact: {
      jar: new pulumi.asset.FileAsset(jar),
      mainArgs: `--windowSize ${windowSize} --windowUnit minutes`,
    },
    parallelism: 2,
    flinkConfiguration: { "execution.checkpointing.interval": "2 s" },
  });
  return {
    state: topSpeed.status.state,
    flink: cluster.endpoint.url,
    onDelete: topSpeed.onDeletePlan,
  };
}
