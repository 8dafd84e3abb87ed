/** Savepoint operations: what `stop` and `savepoints` start, keyed by job and trigger. */
import { createHash } from "node:crypto";
import type { FakeJob } from "./job";
import {
  jobInitializingException,
  jobNotFoundException,
  operationFailure,
  type JavaException,
  type OperationFailure,
} from "./javaErrors";
import type { SavepointOutcome } from "./types";

export interface SavepointRequest {
  triggerId: string;
  directory: string;
  format: string;
  /** What becomes of the job: stopped with the savepoint, cancelled after it, or nothing. */
  then: "stop" | "cancel" | "goOn";
}

interface SavepointOperation {
  status: "IN_PROGRESS" | "COMPLETED";
  operation: { location: string } | OperationFailure | null;
}

const CHECKPOINT_EXCEPTION = "org.apache.flink.runtime.checkpoint.CheckpointException";

export class SavepointOperations {
  readonly #operations = new Map<string, SavepointOperation>();
  readonly #attempts = new Map<string, number>();

  find(jobId: string, triggerId: string): SavepointOperation | undefined {
    return this.#operations.get(`${jobId}/${triggerId}`);
  }

  forget(): void {
    this.#operations.clear();
  }

  /** Starts it, unless this trigger is known, whatever has become of it. */
  start(
    jobId: string,
    job: FakeJob | undefined,
    request: SavepointRequest,
    polls: number,
    outcomeOf: (job: FakeJob, attempt: number, request: SavepointRequest) => SavepointOutcome,
  ): void {
    const key = `${jobId}/${request.triggerId}`;
    if (this.#operations.has(key)) return;
    const operation: SavepointOperation = { status: "IN_PROGRESS", operation: null };
    this.#operations.set(key, operation);
    const fail = (cause: JavaException[]): void => {
      operation.status = "COMPLETED";
      operation.operation = operationFailure(cause);
    };
    if (job === undefined || job.ended) {
      fail([jobNotFoundException(jobId)]);
      return;
    }
    const refusal = cannotStart(job);
    if (refusal !== undefined) {
      fail([refusal]);
      return;
    }
    const attempt = (this.#attempts.get(jobId) ?? 0) + 1;
    this.#attempts.set(jobId, attempt);
    const outcome = outcomeOf(job, attempt, request);
    const type = request.then === "stop" ? "SYNC_SAVEPOINT" : "SAVEPOINT";
    job.begin({
      // A stop under way stops the job's progress; one that will not succeed must not.
      kind: request.then === "goOn" || outcome === "hang" ? "savepoint" : "stop",
      remaining: outcome === "hang" ? Infinity : polls,
      abort: () => fail([checkpointException("Checkpoint Coordinator is shutting down.")]),
      complete: () => {
        if (typeof outcome === "object" && "fail" in outcome) {
          job.failedSavepoint(type, request.format, outcome.fail);
          fail([checkpointException(outcome.fail)]);
          if (outcome.thenStatus === "RUNNING") job.failAndRestart(outcome.fail);
          else if (outcome.thenStatus === "FAILED") job.end("FAILED", outcome.fail);
          return;
        }
        const location = `${request.directory.replace(/\/+$/, "")}/${savepointName(key, job)}`;
        const entry = job.savepoint(location, request.format, type, request.then === "stop" && outcome === "complete");
        const path = entry.path ?? location;
        operation.status = "COMPLETED";
        operation.operation = { location: path };
        if (typeof outcome === "object") {
          fail([
            stoppingException(path, job.id),
            { className: "java.lang.Exception", message: outcome.completeButStopFails },
          ]);
          if (outcome.thenStatus === "RUNNING") job.failAndRestart(outcome.completeButStopFails);
          else job.end("FAILED", outcome.completeButStopFails);
        } else if (request.then === "stop") {
          job.end("FINISHED");
        } else if (request.then === "cancel") {
          job.end("CANCELED");
        }
      },
    });
  }
}

function cannotStart(job: FakeJob): JavaException | undefined {
  if (job.status === "INITIALIZING") return jobInitializingException();
  if (job.status !== "RUNNING" || !job.tasksRunning) {
    return checkpointException(
      `Checkpoint triggering task Source: Custom Source (1/1) of job ${job.id} is not being executed at the moment. ` +
        "Aborting checkpoint. Failure reason: Not all required tasks are currently running.",
    );
  }
  return undefined;
}

function checkpointException(message: string): JavaException {
  return { className: CHECKPOINT_EXCEPTION, message };
}

function stoppingException(path: string, jobId: string): JavaException {
  return {
    className: "org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException",
    message:
      `A savepoint has been created at: ${path}, but the corresponding job ${jobId} failed during stopping. ` +
      "The savepoint is consistent, but might have uncommitted transactions. " +
      "If you want to commit the transaction please restart a job from this savepoint.",
  };
}

/** Flink never gives two savepoints one name, though a trigger that it has forgotten is sent again. */
function savepointName(key: string, { checkpoints }: FakeJob): string {
  const text = `${key}/${String(checkpoints.at(-1)?.id ?? 0)}`;
  return `savepoint-${key.slice(0, 6)}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}
