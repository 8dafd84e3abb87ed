/** The words of the fake: what a test scripts and what it can look at. */
export type FlinkVersion = "1.20.0" | "2.3.0";

/** Flink's job states, as in `GET /jobs/:id/status`. */
export type JobStatus =
  | "INITIALIZING"
  | "CREATED"
  | "RUNNING"
  | "FAILING"
  | "FAILED"
  | "CANCELLING"
  | "CANCELED"
  | "FINISHED"
  | "RESTARTING"
  | "SUSPENDED"
  | "RECONCILING";

export type TerminalStatus = "FAILED" | "CANCELED" | "FINISHED";

export function isTerminal(status: JobStatus): status is TerminalStatus {
  return status === "FAILED" || status === "CANCELED" || status === "FINISHED";
}

/**
 * How many polls see a transition under way before the next one sees it done. A poll is any GET that shows a job or
 * one of its savepoint operations. 0: done before the request that began it is answered. Default: 1.
 */
export type Settle = number | { start?: number; savepoint?: number; stop?: number; cancel?: number };

/** One accepted `run` request. */
export interface Submission {
  jobId: string;
  jarId: string;
  entryClass: string | undefined;
  /** `programArgsList`, or on 1.20.0 also `programArgs` cut at white space. */
  programArgs: string[];
  parallelism: number;
  savepointPath: string | undefined;
  allowNonRestoredState: boolean;
  claimMode: string | undefined;
  flinkConfiguration: Record<string, string>;
}

/** What becomes of a stop or a savepoint. */
export type SavepointOutcome =
  | "complete"
  /** Stays IN_PROGRESS for ever; the job goes on. */
  | "hang"
  /**
   * The operation fails. By default the job goes on, as when it could not even be triggered. When a task declines, Flink
   * fails the job over: it restarts and is RUNNING, or is FAILED.
   */
  | { fail: string; thenStatus?: "RUNNING" | "FAILED" }
  /** A savepoint there is, but the job then fails (or, by its restart strategy, goes on) instead of finishing. */
  | { completeButStopFails: string; thenStatus?: "FAILED" | "RUNNING" };

/** What becomes of a submission. */
export type RunOutcome =
  | "run"
  /** Accepted, and CREATED for ever. */
  | "stuck"
  /** The user's main method throws: 400, no job, the id is not used up. */
  | { reject: string }
  /** The JobMaster does not start: 400, and a FAILED job of that id exists. */
  | { initializationFails: string }
  /**
   * Accepted, then it ends before anybody sees it run; by default without one checkpoint. So many polls see it FAILING
   * before, without its exception, as in Flink 2.
   */
  | { status: TerminalStatus; exception?: string; failing?: number; checkpoints?: number }
  /** Accepted, completes so many checkpoints, then ends. */
  | { afterCheckpoints: number; thenStatus: TerminalStatus; exception?: string }
  /** Fails over at each `failsOverEvery`th poll that sees it run, and goes on from its newest checkpoint. */
  | { failsOverEvery: number; exception: string }
  /** Fails and restarts at every poll: `numRestarts` grows, nobody sees all tasks run. Default: without one checkpoint. */
  | { crashLoop: string; checkpoints?: number };

export interface LoggedRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** JSON, `{ file, size }` for an upload, or undefined. */
  body: unknown;
}

export interface FaultMatcher {
  method?: string;
  path?: RegExp;
  /** Only the nth matching request from now on, from 1. Default: each of them. */
  nth?: number;
}

export type FaultEffect =
  | { status: number; body: unknown }
  /** The connection is cut; nothing is carried out. */
  | "reset"
  /** No answer, until the fake is closed; nothing is carried out. */
  | "hang"
  /** 200 with a body that is not JSON; nothing is carried out. */
  | "garbage"
  /** Carried out; half of the answer arrives, then the connection is cut. */
  | "truncate"
  /** Carried out; the connection is cut before the answer. */
  | { answerLost: true };

/** One entry of a job's checkpoint statistics. */
export interface CheckpointEntry {
  readonly id: number;
  readonly type: "CHECKPOINT" | "SAVEPOINT" | "SYNC_SAVEPOINT";
  readonly status: "COMPLETED" | "FAILED" | "IN_PROGRESS";
  readonly path: string | undefined;
  readonly format: string | undefined;
  readonly time: number;
  readonly failure: string | undefined;
  discarded: boolean;
  /** Of before another JobManager came: it does not tell of it. */
  forgotten?: true;
}

export interface RestoredEntry {
  readonly id: number;
  readonly time: number;
  readonly isSavepoint: boolean;
  readonly path: string;
}

export interface ExceptionEntry {
  exceptionName: string;
  stacktrace: string;
  timestamp: number;
  taskName?: string;
}

/** Something of a job that is under way. */
export interface Transition {
  kind: "start" | "cancel" | "savepoint" | "stop";
  /** Polls that still see it under way; infinite for one that never ends. */
  remaining: number;
  complete: () => void;
  /** The job ended before it could. */
  abort: () => void;
}
