import * as path from "node:path";

/** How the folders of clusters are named, in the folder for temporary files. */
export const CLUSTER_PREFIX = "pulumi-flink-kubernetes-";

/** Where things are in a cluster's folder. */
export function clusterLayout(directory: string): {
  /** For programs outside the namespaces. */
  kubeconfig: string;
  /** For the components inside. */
  innerKubeconfig: string;
  /** The API server, for both sides. */
  socket: string;
  credentials: string;
  logs: string;
  /** The process that keeps the cluster. */
  supervisor: string;
  /** The folder of the S3 store's buckets. */
  buckets: string;
  /** What that store keeps beside them. */
  bucketsMetadata: string;
} {
  const at = (name: string): string => path.join(directory, name);
  return {
    kubeconfig: at("kubeconfig"),
    innerKubeconfig: at("inner-kubeconfig"),
    socket: at("api.sock"),
    credentials: at("credentials"),
    logs: at("logs"),
    supervisor: at("supervisor.pid"),
    buckets: at("buckets"),
    bucketsMetadata: at("metadata-of-buckets"),
  };
}

/** The control group that the pods of a cluster are in. */
export function controlGroupOf(directory: string): string {
  return path.basename(directory);
}
