/** The fields of Flink's answers, where the fake must have neither more nor fewer. */
type Version = "1.20.0" | "2.3.0";

const only = (version: Version, wanted: Version, ...fields: string[]): string[] => (version === wanted ? fields : []);

export const OVERVIEW = [
  "taskmanagers",
  "slots-total",
  "slots-available",
  "jobs-running",
  "jobs-finished",
  "jobs-cancelled",
  "jobs-failed",
  "flink-version",
  "flink-commit",
];

export const CONFIG = [
  "refresh-interval",
  "timezone-name",
  "timezone-offset",
  "flink-version",
  "flink-revision",
  "features",
];

export const FEATURES = ["web-submit", "web-cancel", "web-rescale", "web-history"];

export const taskManager = (version: Version): string[] => [
  "id",
  "path",
  "dataPort",
  "jmxPort",
  "timeSinceLastHeartbeat",
  "slotsNumber",
  "freeSlots",
  ...only(version, "2.3.0", "assignedTasks"),
  "totalResource",
  "freeResource",
  "hardware",
  "memoryConfiguration",
];

export const jobOverview = (version: Version): string[] => [
  "jid",
  "name",
  ...only(version, "2.3.0", "jobType", "schedulerType", "pending-operators"),
  "start-time",
  "end-time",
  "duration",
  "state",
  "last-modification",
  "tasks",
];

export const jobDetail = (version: Version): string[] => [
  "jid",
  ...only(version, "2.3.0", "application-id", "schedulerType", "pending-operators"),
  "name",
  "isStoppable",
  "state",
  "job-type",
  "start-time",
  "end-time",
  "duration",
  "maxParallelism",
  "now",
  "timestamps",
  "vertices",
  "status-counts",
  "plan",
];

export const VERTEX = [
  "id",
  "slotSharingGroupId",
  "name",
  "maxParallelism",
  "parallelism",
  "status",
  "start-time",
  "end-time",
  "duration",
  "tasks",
  "metrics",
];

export const TASK_STATES = [
  "CREATED",
  "SCHEDULED",
  "DEPLOYING",
  "INITIALIZING",
  "RUNNING",
  "FINISHED",
  "CANCELING",
  "CANCELED",
  "FAILED",
  "RECONCILING",
];

export const JOB_STATES = [
  "INITIALIZING",
  "CREATED",
  "RUNNING",
  "FAILING",
  "FAILED",
  "CANCELLING",
  "CANCELED",
  "FINISHED",
  "RESTARTING",
  "SUSPENDED",
  "RECONCILING",
];

export const executionConfig = (version: Version): string[] => [
  ...only(version, "1.20.0", "execution-mode"),
  "restart-strategy",
  "job-parallelism",
  "object-reuse-mode",
  "user-config",
];

export const exceptions = (version: Version): string[] => [
  ...only(version, "1.20.0", "root-exception", "timestamp", "all-exceptions", "truncated"),
  "exceptionHistory",
];

export const CHECKPOINTS = ["counts", "summary", "latest", "history"];
export const COUNTS = ["restored", "total", "in_progress", "completed", "failed"];
export const SUMMARY = [
  "checkpointed_size",
  "state_size",
  "end_to_end_duration",
  "alignment_buffered",
  "processed_data",
  "persisted_data",
];
export const LATEST = ["completed", "savepoint", "failed", "restored"];
export const RESTORED = ["id", "restore_timestamp", "is_savepoint", "external_path"];

const CHECKPOINT = [
  "className",
  "id",
  "status",
  "is_savepoint",
  "savepointFormat",
  "trigger_timestamp",
  "latest_ack_timestamp",
  "checkpointed_size",
  "state_size",
  "end_to_end_duration",
  "alignment_buffered",
  "processed_data",
  "persisted_data",
  "num_subtasks",
  "num_acknowledged_subtasks",
  "checkpoint_type",
  "tasks",
];
export const COMPLETED = [...CHECKPOINT, "external_path", "discarded"];
export const FAILED = [...CHECKPOINT, "failure_timestamp", "failure_message"];

export const CHECKPOINT_CONFIG = [
  "mode",
  "interval",
  "timeout",
  "min_pause",
  "max_concurrent",
  "externalization",
  "state_backend",
  "checkpoint_storage",
  "unaligned_checkpoints",
  "tolerable_failed_checkpoints",
  "aligned_checkpoint_timeout",
  "checkpoints_after_tasks_finish",
  "state_changelog_enabled",
  "changelog_periodic_materialization_interval",
  "changelog_storage",
];
