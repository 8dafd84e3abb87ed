/** The bodies about one job, per version. */
import type { Cluster } from "./cluster";
import type { FakeJob } from "./job";
import type { JobStatus } from "./types";

const JOB_STATES: readonly JobStatus[] = [
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
const TASK_STATES = [
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
] as const;
type TaskState = (typeof TASK_STATES)[number];

const NEVER = -1;
const VERTEX_ID = "bc764cd8ddf7a0cff126f51c16239658";

function taskState(job: FakeJob): TaskState {
  switch (job.status) {
    case "RUNNING":
      return job.tasksRunning ? "RUNNING" : "SCHEDULED";
    case "CANCELLING":
      return "CANCELING";
    case "FINISHED":
    case "CANCELED":
    case "FAILED":
      return job.status;
    case "RECONCILING":
      return "RECONCILING";
    case "INITIALIZING":
    case "CREATED":
    case "RESTARTING":
    case "FAILING":
    case "SUSPENDED":
      return "CREATED";
  }
}

function duration(job: FakeJob): number {
  return (job.endTime ?? Date.now()) - job.startTime;
}

export function jobOverview(cluster: Cluster, job: FakeJob): object {
  const state = taskState(job).toLowerCase();
  const hasTasks = job.timestamps.CREATED !== undefined;
  const tasks = Object.fromEntries(
    TASK_STATES.map((each) => [each.toLowerCase(), each.toLowerCase() === state && hasTasks ? job.parallelism : 0]),
  );
  const newer = cluster.settings.version === "2.3.0";
  return {
    jid: job.id,
    name: job.name,
    ...(newer && { jobType: job.jobType, schedulerType: "Default" }),
    "start-time": job.startTime,
    "end-time": job.endTime ?? NEVER,
    duration: duration(job),
    state: job.status,
    "last-modification": Math.max(...Object.values(job.timestamps)),
    tasks: { ...tasks, total: hasTasks ? job.parallelism : 0 },
    ...(newer && { "pending-operators": 0 }),
  };
}

export function jobDetail(cluster: Cluster, job: FakeJob): object {
  const state = taskState(job);
  const newer = cluster.settings.version === "2.3.0";
  // A job whose JobMaster never started has no graph.
  const hasGraph = job.timestamps.CREATED !== undefined;
  const counts = (number: number): object =>
    Object.fromEntries(TASK_STATES.map((each) => [each, each === state && hasGraph ? number : 0]));
  const began = state === "CREATED" || state === "SCHEDULED" ? NEVER : job.startTime;
  const vertex = {
    id: VERTEX_ID,
    slotSharingGroupId: "9dd63673dd41ea021b896d5203f3ba7c",
    name: "Source: Custom Source -> Sink: Unnamed",
    maxParallelism: job.maxParallelism,
    parallelism: job.parallelism,
    status: state === "SCHEDULED" ? "CREATED" : state,
    "start-time": began,
    "end-time": job.endTime ?? NEVER,
    duration: began === NEVER ? NEVER : duration(job),
    tasks: counts(job.parallelism),
    metrics: {},
  };
  return {
    jid: job.id,
    ...(newer && { "application-id": hasGraph ? job.id : null }),
    name: job.name,
    isStoppable: false,
    state: job.status,
    "job-type": job.jobType,
    ...(newer && { schedulerType: hasGraph ? "Default" : null }),
    "start-time": job.startTime,
    "end-time": job.endTime ?? NEVER,
    duration: duration(job),
    maxParallelism: -1,
    now: cluster.settings.now(),
    timestamps: Object.fromEntries(JOB_STATES.map((each) => [each, job.timestamps[each] ?? 0])),
    vertices: hasGraph ? [vertex] : [],
    "status-counts": counts(1),
    plan: plan(job, hasGraph, newer),
    ...(newer && { "pending-operators": 0 }),
  };
}

function plan(job: FakeJob, hasGraph: boolean, newer: boolean): object {
  if (hasGraph) return { jid: job.id, name: job.name, type: job.jobType, nodes: [] };
  return newer ? { jid: "", name: "", type: "", nodes: [] } : {};
}

export function jobConfig(cluster: Cluster, job: FakeJob): object {
  return {
    jid: job.id,
    name: job.name,
    "execution-config": {
      ...(cluster.settings.version === "1.20.0" && { "execution-mode": "PIPELINED" }),
      "restart-strategy": "Cluster level default restart strategy",
      "job-parallelism": job.parallelism,
      "object-reuse-mode": false,
      "user-config": {},
    },
  };
}

export function exceptions(cluster: Cluster, job: FakeJob): object {
  const entries = job.exceptions.map((each) => ({
    exceptionName: each.exceptionName,
    stacktrace: each.stacktrace,
    timestamp: each.timestamp,
    ...(each.taskName !== undefined && { taskName: each.taskName }),
    failureLabels: {},
    concurrentExceptions: [],
  }));
  const exceptionHistory = { entries, truncated: false };
  if (cluster.settings.version === "2.3.0") return { exceptionHistory };
  const [root] = job.exceptions;
  return {
    "root-exception": root?.stacktrace ?? null,
    timestamp: root?.timestamp ?? null,
    "all-exceptions": [],
    truncated: false,
    exceptionHistory,
  };
}
