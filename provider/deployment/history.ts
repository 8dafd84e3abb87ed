import type { DeploymentRecord, EventReason, Happening, Snapshot } from "../lifecycle/model";
import type { DeploymentOutputs, EventRecord, JobRecord, SavepointRecord } from "./outputs";

/** The lists that users read, bounded. */
export type History = Pick<DeploymentOutputs, "jobs" | "savepoints" | "events" | "latestSavepoint">;

/** How many jobs the history keeps. */
const MAX_JOBS = 20;

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Adds what happened in this run to the history so far. Newest first. */
export function historyOf(
  before: Partial<History> | undefined,
  record: DeploymentRecord,
  maxEvents: number,
  formatType: string,
): History {
  const jobs = record.happened.reduce(addToJobs, [...(before?.jobs ?? [])]).slice(0, MAX_JOBS);
  const events = [...record.happened.flatMap(eventOf).reverse(), ...(before?.events ?? [])].slice(0, maxEvents);
  const known = new Map((before?.savepoints ?? []).map((savepoint) => [savepoint.path, savepoint.formatType]));
  const latest = record.snapshots.find(({ origin }) => origin !== "RETAINED_CHECKPOINT");
  return {
    jobs,
    events,
    savepoints: record.snapshots.map((snapshot) => savepointRecord(snapshot, known, formatType)),
    ...(latest === undefined ? {} : { latestSavepoint: latest.path }),
  };
}

function savepointRecord(
  snapshot: Snapshot,
  known: ReadonlyMap<string, string | undefined>,
  formatType: string,
): SavepointRecord {
  const ours = snapshot.origin === "UPGRADE" || snapshot.origin === "SUSPEND";
  const format = known.has(snapshot.path) ? known.get(snapshot.path) : ours ? formatType : undefined;
  return {
    path: snapshot.path,
    origin: snapshot.origin,
    ...(snapshot.jobId === undefined ? {} : { jobId: snapshot.jobId }),
    ...(format === undefined ? {} : { formatType: format }),
    ...(snapshot.time === undefined ? {} : { time: iso(snapshot.time) }),
  };
}

function jobRecord(
  { jobId, generation, restoredFrom }: { jobId: string; generation: number; restoredFrom?: string },
  startTime: number,
): JobRecord {
  return {
    id: jobId,
    generation,
    state: "STARTED",
    ...(restoredFrom === undefined ? {} : { restoredFrom }),
    startTime: iso(startTime),
  };
}

function addToJobs(jobs: JobRecord[], happening: Happening): JobRecord[] {
  switch (happening.kind) {
    case "submitted":
      return [
        jobRecord(happening, happening.time),
        // A submission that was not answered may be said twice.
        ...jobs.filter(({ id }) => id !== happening.jobId),
      ];
    case "adopted":
      // Submitted by a process that was killed before it could tell.
      return jobs.some(({ id }) => id === happening.jobId)
        ? jobs
        : [jobRecord(happening, happening.startedAt), ...jobs];
    case "ended":
      return jobs.map((job) =>
        job.id === happening.jobId && job.endTime === undefined
          ? { ...job, state: happening.state, endTime: iso(happening.time) }
          : job,
      );
    case "started":
    case "snapshot":
    case "note":
      return jobs;
  }
}

function eventOf(happening: Happening): EventRecord[] {
  const event = (reason: EventReason, message: string): EventRecord[] => [
    { time: iso(happening.time), reason, message },
  ];
  switch (happening.kind) {
    case "submitted": {
      const from = happening.restoredFrom === undefined ? "empty" : `from ${happening.restoredFrom}`;
      return event("Submit", `job ${happening.jobId} was submitted, starting ${from}`);
    }
    case "adopted":
      return [];
    case "started":
      return event(
        "JobStatusChanged",
        `job ${happening.jobId} ${happening.finished ? "has FINISHED" : "is RUNNING with all its tasks"}`,
      );
    case "ended": {
      const why = happening.message === undefined ? "" : `: ${happening.message}`;
      return event("JobStatusChanged", `job ${happening.jobId} ended (${happening.state})${why}`);
    }
    case "snapshot":
      return event("Snapshot", `${happening.snapshot.origin} ${happening.snapshot.path}`);
    case "note":
      return event(happening.reason, happening.message);
  }
}
