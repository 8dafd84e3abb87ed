import * as pulumi from "@pulumi/pulumi";
import { DeploymentManifest, LocalCluster } from "pulumi-flink";

/** What of the program changes from one `pulumi up` to the next. */
export interface ManifestSettings {
  /** The file of documents in session mode. */
  file: string;
  /** A Flink of today, in place of the documents' own. */
  flinkVersion: string;
  /** The path of the job's jar. */
  jar: string;
  /** Where the cluster keeps its logs, checkpoints and savepoints. */
  directory?: string;
}

/** Where the documents' jar was. */
const JAR_URI = "https://repo.example.org/flink-examples-streaming_2.12-1.12.7-TopSpeedWindowing.jar";

/** A Flink cluster on this machine, and the jobs of a file of Deployments on it. */
export function manifest({ file, flinkVersion, jar, directory }: ManifestSettings) {
  const sessions = new LocalCluster("sessions", { flinkVersion, slotsPerTaskManager: 2, directory });
  const documents = new DeploymentManifest("documents", {
    file,
    flinkVersion,
    jars: { [JAR_URI]: new pulumi.asset.FileAsset(jar) },
    // Any cluster will do: a SessionCluster on Kubernetes, or the address of one that runs already.
    sessionClusters: { sessions },
  });
  return {
    states: Object.fromEntries(Object.entries(documents.deployments).map(([name, { status }]) => [name, status.state])),
    flink: sessions.endpoint.url,
  };
}
