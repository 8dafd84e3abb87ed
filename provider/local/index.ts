/** Real Flink in JVMs of this machine, which outlive the process that starts them. */
export { startCluster, scaleTaskManagers, clusterUrl, type LocalClusterSpec, type StartedCluster } from "./cluster";
export {
  clusterPaths,
  readConfiguration,
  renderConfiguration,
  reservedKeys,
  type FlinkConfiguration,
} from "./configuration";
export { cacheDirectory, obtainFlink, readFlinkHome, type FlinkDistribution, type FlinkSource } from "./distribution";
export { findJava, type JavaRuntime } from "./java";
export { waitUntilReady, type ReadyOptions } from "./readiness";
export { inspectCluster, isClusterGone, stopCluster, type InspectedCluster, type ProcessStatus } from "./stop";
export type { ProcessName, ProcessRecord } from "./record";
