import { z } from "zod";
import { rootCauseOf } from "./javaErrors";
import { count, fileName, jobId, listOf, location, mapOf, name, time, wholeNumber } from "./leaves";
import {
  JOB_STATUSES,
  type CheckpointConfig,
  type ClusterOverview,
  type JobCheckpoints,
  type JobConfiguration,
  type JobDetails,
  type JobExceptions,
  type JobSummary,
  type Snapshot,
  type TaskCounts,
  type UploadedJar,
} from "./model";

/* What Flink 1.17 to 2.3 answers, and its translation into model.ts. Unknown keys are ignored. */

const jobStatus = z.enum(JOB_STATUSES);

export const overviewSchema = z
  .object({
    "flink-version": name,
    taskmanagers: count,
    "slots-total": count,
    "slots-available": count,
  })
  .transform((it): ClusterOverview => ({
    flinkVersion: it["flink-version"],
    taskManagers: it.taskmanagers,
    slotsTotal: it["slots-total"],
    slotsAvailable: it["slots-available"],
  }));

export const clusterConfigurationSchema = listOf(z.object({ key: z.string(), value: z.string() })).transform(
  (entries): Record<string, string> => Object.fromEntries(entries.map(({ key, value }) => [key, value])),
);

/** The address of its actor, such as `pekko.tcp://flink@10.0.0.5:6122/user/rpc/taskmanager_0`. */
export const taskManagersSchema = z
  .object({ taskmanagers: listOf(z.object({ path: name })) })
  .transform((it): string[] => it.taskmanagers.flatMap(({ path }) => hostOf(path) ?? []));

function hostOf(actor: string): string | undefined {
  return /@(\[[^\]]+\]|[^:/@]+)(?::\d+)?\//.exec(actor)?.[1];
}

const jobFields = {
  jid: jobId,
  name,
  state: jobStatus,
  "start-time": time,
  "end-time": time,
};

function summaryOf(job: z.infer<z.ZodObject<typeof jobFields>>): Omit<JobSummary, "tasks"> {
  return {
    id: job.jid,
    name: job.name,
    status: job.state,
    startTime: job["start-time"],
    ...(job["end-time"] < 0 ? {} : { endTime: job["end-time"] }),
  };
}

const taskCounts = mapOf(count);

export const jobsSchema = z
  .object({ jobs: listOf(z.object({ ...jobFields, tasks: taskCounts })) })
  .transform((it): JobSummary[] =>
    it.jobs.map(({ tasks, ...job }) => ({
      ...summaryOf(job),
      tasks: countTasks([{ tasks: tasks.filter(([state]) => state !== "total") }]),
    })),
  );

export const jobStatusSchema = z.object({ status: jobStatus }).transform((it) => it.status);

export const jobDetailsSchema = z
  .object({
    ...jobFields,
    maxParallelism: wholeNumber.nullish(),
    now: time,
    vertices: listOf(z.object({ parallelism: wholeNumber, maxParallelism: wholeNumber, tasks: taskCounts })),
  })
  .transform((it): JobDetails => {
    const { maxParallelism, now } = it;
    const bounded = maxParallelism !== undefined && maxParallelism !== null && maxParallelism > 0;
    return {
      ...summaryOf(it),
      tasks: countTasks(it.vertices),
      ...(bounded ? { maxParallelism } : {}),
      now,
      vertices: it.vertices.map(({ parallelism, maxParallelism: most }) => ({ parallelism, maxParallelism: most })),
    };
  });

function countTasks(vertices: { tasks: [state: string, count: number][] }[]): TaskCounts {
  const sums = new Map<string, number>();
  let total = 0;
  for (const { tasks } of vertices) {
    for (const [name, count] of tasks) {
      const state = name.toUpperCase();
      sums.set(state, (sums.get(state) ?? 0) + count);
      total += count;
    }
  }
  const sum = (state: string): number => sums.get(state) ?? 0;
  return {
    total,
    created: sum("CREATED"),
    scheduled: sum("SCHEDULED"),
    deploying: sum("DEPLOYING"),
    initializing: sum("INITIALIZING"),
    running: sum("RUNNING"),
    finished: sum("FINISHED"),
    canceling: sum("CANCELING"),
    canceled: sum("CANCELED"),
    failed: sum("FAILED"),
    reconciling: sum("RECONCILING"),
  };
}

export const jobConfigurationSchema = z
  .object({
    "execution-config": z
      .object({
        "restart-strategy": name.nullish(),
        "job-parallelism": wholeNumber.nullish(),
        "user-config": mapOf(z.union([z.string(), z.number(), z.boolean(), z.null()])).nullish(),
      })
      .nullish(),
  })
  .transform((it): JobConfiguration => {
    const config = it["execution-config"];
    const restartStrategy = config?.["restart-strategy"];
    const parallelism = config?.["job-parallelism"];
    const userConfig = (config?.["user-config"] ?? []).map(([key, value]) => [key, String(value ?? "")]);
    return {
      ...(typeof restartStrategy === "string" ? { restartStrategy } : {}),
      ...(typeof parallelism === "number" && parallelism > 0 ? { parallelism } : {}),
      userConfig: Object.fromEntries(userConfig) as Record<string, string>,
    };
  });

const snapshot = z
  .object({
    id: wholeNumber,
    external_path: location.nullish(),
    discarded: z.boolean().nullish(),
    trigger_timestamp: time.nullish(),
    restore_timestamp: time.nullish(),
    is_savepoint: z.boolean().nullish(),
    checkpoint_type: name.nullish(),
    state_size: count.nullish(),
    failure_message: name.nullish(),
  })
  .transform((it): Snapshot => {
    const path = it.external_path ?? "";
    return {
      id: it.id,
      // In-memory storage says "<checkpoint-not-externally-addressable>".
      ...(path === "" || path.startsWith("<") ? {} : { path }),
      discarded: it.discarded ?? false,
      triggerTime: it.trigger_timestamp ?? it.restore_timestamp ?? 0,
      isSavepoint: it.is_savepoint ?? false,
      ...(typeof it.checkpoint_type === "string" ? { checkpointType: it.checkpoint_type } : {}),
      ...(typeof it.state_size === "number" && path !== "" ? { sizeBytes: it.state_size } : {}),
      ...(typeof it.failure_message === "string" ? { failureMessage: it.failure_message } : {}),
    };
  });

export const checkpointsSchema = z
  .object({
    counts: z.object({
      completed: count,
      failed: count,
      restored: count,
      in_progress: count,
    }),
    latest: z.object({
      completed: snapshot.nullish(),
      savepoint: snapshot.nullish(),
      restored: snapshot.nullish(),
      failed: snapshot.nullish(),
    }),
    history: listOf(snapshot).nullish(),
  })
  .transform(({ counts, latest, history }): JobCheckpoints => {
    const { completed, savepoint, restored, failed } = latest;
    return {
      counts: {
        completed: counts.completed,
        failed: counts.failed,
        restored: counts.restored,
        inProgress: counts.in_progress,
      },
      latest: {
        ...(completed ? { completed } : {}),
        ...(savepoint ? { savepoint } : {}),
        ...(restored ? { restored } : {}),
        ...(failed ? { failed } : {}),
      },
      history: history ?? [],
    };
  });

export const checkpointConfigSchema = z
  .object({
    interval: z.number().nullish(),
    timeout: z.number().nullish(),
    externalization: z.object({ enabled: z.boolean(), delete_on_cancellation: z.boolean() }).nullish(),
  })
  .transform((it): CheckpointConfig => {
    const externalized = it.externalization?.enabled ?? false;
    return {
      // Java's Long.MAX_VALUE means "never".
      ...(isDuration(it.interval) ? { intervalMs: it.interval } : {}),
      ...(isDuration(it.timeout) ? { timeoutMs: it.timeout } : {}),
      retainOnCancellation: externalized && it.externalization?.delete_on_cancellation === false,
      externalized,
    };
  });

function isDuration(value: number | null | undefined): value is number {
  return typeof value === "number" && value > 0 && value <= Number.MAX_SAFE_INTEGER;
}

export const exceptionsSchema = z
  .object({
    // Gone in Flink 2.
    "root-exception": z.string().nullish(),
    exceptionHistory: z
      .object({
        entries: listOf(
          z.object({
            exceptionName: name,
            stacktrace: z.string(),
            timestamp: time,
            taskName: name.nullish(),
          }),
        ),
      })
      .nullish(),
  })
  .transform((it): JobExceptions => {
    const entries = it.exceptionHistory?.entries ?? [];
    const newest = it["root-exception"] ?? entries[0]?.stacktrace;
    return {
      ...(newest === undefined ? {} : { rootCause: rootCauseOf(newest) }),
      history: entries.map((entry) => ({
        time: entry.timestamp,
        exceptionName: entry.exceptionName,
        message: rootCauseOf(entry.stacktrace),
        ...(typeof entry.taskName === "string" ? { taskName: entry.taskName } : {}),
      })),
    };
  });

export const metricsSchema = listOf(z.object({ id: z.string(), value: z.string().nullish() }));

export const jarsSchema = z
  .object({
    files: listOf(
      z.object({
        id: fileName,
        name,
        uploaded: time,
        entry: listOf(z.object({ name })).nullish(),
      }),
    ),
  })
  .transform((it): UploadedJar[] =>
    it.files.map(({ id, name, uploaded, entry }) => ({
      id,
      name,
      uploaded,
      entryClasses: (entry ?? []).map((each) => each.name),
    })),
  );

/** `filename` is a path on the JobManager; its last part is the jar's id. */
export const uploadSchema = z
  .object({ filename: z.string(), status: z.literal("success") })
  .transform((it) => it.filename.slice(Math.max(it.filename.lastIndexOf("/"), it.filename.lastIndexOf("\\")) + 1))
  .pipe(fileName);

export const runSchema = z.object({ jobid: jobId }).transform((it) => it.jobid);

/** The id of an operation that Flink itself has chosen. */
export const triggerSchema = z.object({ "request-id": jobId }).transform((it) => it["request-id"]);

const operationStatus = z.object({ id: z.enum(["IN_PROGRESS", "COMPLETED"]) });
const failureCause = z.object({ "stack-trace": z.string() });

export const savepointOperationSchema = z.object({
  status: operationStatus,
  operation: z.object({ location: location.nullish(), "failure-cause": failureCause.nullish() }).nullish(),
});

export const disposalOperationSchema = z.object({
  status: operationStatus,
  operation: z.object({ "failure-cause": failureCause.nullish() }).nullish(),
});
