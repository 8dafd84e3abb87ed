/*
 * A Flink application has one map of configuration. What its processes read when they start is the cluster's; all else
 * belongs to a job, and is given with its submission.
 */

/** Keys that begin so are read by a JobManager or a TaskManager. */
const CLUSTER_PREFIXES = [
  "akka.",
  "application-result-store.",
  "blob.",
  "classloader.",
  "cleanup-strategy",
  "cluster.",
  "compiler.",
  "completed-application-store.",
  "env.",
  "events.",
  "execution.batch.adaptive.",
  "execution.batch.job-recovery.",
  "execution.batch.speculative.",
  "execution.checkpointing.cleaner.",
  "execution.checkpointing.local-backup.dirs",
  "execution.checkpointing.num-retained",
  "external-resource",
  "fine-grained.",
  "fs.",
  "gs.",
  "heartbeat.",
  "high-availability",
  "historyserver.",
  "io.tmp.",
  "jmx.",
  "job-event.",
  "job-result-store.",
  "jobmanager.",
  "jobstore.",
  "kubernetes.",
  "local.",
  "metrics.",
  "minicluster.",
  "oss.",
  "pekko.",
  "plugin.",
  "process.",
  "queryable-state.",
  "resourcemanager.",
  "rest.",
  "s3.",
  "scheduler-mode",
  "security.",
  "shuffle-service-factory.",
  "slot.",
  "slotmanager.",
  "slow-task-detector.",
  "state.backend.rocksdb.memory.fixed-per-tm",
  "state.checkpoint.cleaner.",
  "state.checkpoints.num-retained",
  "taskmanager.",
  "traces.",
  "user.artifacts.",
  "web.",
  "zookeeper.",
] as const;

/** Whether a key is the cluster's: a change of it needs other pods. */
export function isClusterScoped(key: string): boolean {
  return CLUSTER_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** A configuration cut in two. */
export interface DividedConfiguration<T> {
  readonly cluster: Readonly<Record<string, T>>;
  readonly job: Readonly<Record<string, T>>;
}

export function divideConfiguration<T>(configuration: Readonly<Record<string, T>>): DividedConfiguration<T> {
  const entries = Object.entries(configuration);
  return {
    cluster: Object.fromEntries(entries.filter(([key]) => isClusterScoped(key))),
    job: Object.fromEntries(entries.filter(([key]) => !isClusterScoped(key))),
  };
}
