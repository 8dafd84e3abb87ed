/** One job of the fake cluster: a small state machine whose clock is the polls of its clients. */
import { durationMs } from "./duration";
import { maxParallelismOf } from "./keyGroups";
import { stackTrace, type JavaException } from "./javaErrors";
import { type FakeStorage, type FakeSnapshot, canonicalPath } from "./storage";
import {
  isTerminal,
  type CheckpointEntry,
  type ExceptionEntry,
  type JobStatus,
  type RestoredEntry,
  type RunOutcome,
  type Submission,
  type Transition,
} from "./types";

/** `web.exception-history-size`, by Flink's default. */
const EXCEPTIONS_KEPT = 16;

interface FakeJobSettings {
  id: string;
  name: string;
  parallelism: number;
  jobType?: "STREAMING" | "BATCH";
  configuration: Record<string, string>;
  storage: FakeStorage;
  submission?: Submission;
  /** The JobManager's clock. */
  now: () => number;
}

export class FakeJob {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  readonly jobType: "STREAMING" | "BATCH";
  /** The job's Flink configuration over the cluster's. */
  readonly configuration: Record<string, string>;
  readonly submission: Submission | undefined;
  readonly startTime = Date.now();
  endTime: number | undefined;
  readonly timestamps: Partial<Record<JobStatus, number>> = {};
  numRestarts = 0;
  exceptions: ExceptionEntry[] = [];
  /** Oldest first. */
  readonly checkpoints: CheckpointEntry[] = [];
  restored: RestoredEntry | undefined;
  /** Progress: grows by one at each poll that finds the job running, from what it was restored with. */
  count = 0;
  /** The first job of the chain of restores that this one belongs to. */
  lineage: string;
  /** Whether every task runs (and not only the job). */
  tasksRunning = false;
  readonly transitions: Transition[] = [];
  fate: RunOutcome = "run";
  #status: JobStatus = "INITIALIZING";
  #isResultAlone = false;
  #committed = 0;
  #nextCheckpointId = 1;
  #polledRunning = 0;
  #restoredMaxParallelism: number | undefined;
  readonly #storage: FakeStorage;
  readonly #now: () => number;

  constructor(settings: FakeJobSettings) {
    this.id = settings.id;
    this.name = settings.name;
    this.parallelism = settings.parallelism;
    this.jobType = settings.jobType ?? "STREAMING";
    this.configuration = settings.configuration;
    this.submission = settings.submission;
    this.lineage = settings.id;
    this.#storage = settings.storage;
    this.#now = settings.now;
    this.timestamps.INITIALIZING = this.startTime;
  }

  get status(): JobStatus {
    return this.#status;
  }

  /** Setting it is the job's own doing: what was under way ends with it, RUNNING means with all tasks. */
  set status(status: JobStatus) {
    this.#status = status;
    this.timestamps[status] = Date.now();
    this.tasksRunning = status === "RUNNING";
    if (!isTerminal(status)) return;
    this.endTime = Date.now();
    for (const transition of this.transitions.splice(0)) transition.abort();
    this.#dropCheckpoints(status);
  }

  /** Accepted, with its tasks on their way (or never, without slots). */
  schedule(status: "CREATED" | "RUNNING"): void {
    this.status = status;
    this.tasksRunning = false;
  }

  get ended(): boolean {
    return isTerminal(this.#status);
  }

  /** Whether Flink can tell nothing but how it ended. */
  get isResultAlone(): boolean {
    return this.#isResultAlone;
  }

  /** Its JobManager was restarted before all that the job had at its end was cleared away. */
  keepResultAlone(): void {
    this.#isResultAlone = true;
    delete this.timestamps.CREATED;
    delete this.timestamps.RUNNING;
  }

  /** Milliseconds between checkpoints, or undefined when the job takes none. */
  get checkpointInterval(): number | undefined {
    return durationMs(this.configuration["execution.checkpointing.interval"]);
  }

  /** In milliseconds; Flink's default is ten minutes. */
  get checkpointTimeout(): number {
    return durationMs(this.configuration["execution.checkpointing.timeout"]) ?? 600_000;
  }

  get retention(): string {
    return (
      this.configuration["execution.checkpointing.externalized-checkpoint-retention"] ?? "NO_EXTERNALIZED_CHECKPOINTS"
    );
  }

  /** The newest snapshot of this job that is still there. */
  get latestState(): CheckpointEntry | undefined {
    return this.checkpoints.findLast(
      (each) => each.status === "COMPLETED" && each.path !== undefined && !each.discarded,
    );
  }

  get maxParallelism(): number {
    return maxParallelismOf(this, this.#restoredMaxParallelism);
  }

  restoreFrom(snapshot: FakeSnapshot, path: string): void {
    this.#restoredMaxParallelism = snapshot.maxParallelism;
    this.count = snapshot.count;
    this.lineage = snapshot.lineage;
    this.#committed = snapshot.committed ?? snapshot.count;
    this.#commit();
    this.#nextCheckpointId = snapshot.checkpointId + 1;
    this.restored = {
      id: snapshot.checkpointId,
      time: Date.now(),
      // Flink calls whatever a start was given a savepoint.
      isSavepoint: true,
      path: canonicalPath(path),
    };
  }

  /** One poll: what is under way comes a step nearer, and a running job makes progress. */
  poll(): void {
    const running = this.#status === "RUNNING" && this.tasksRunning;
    const busy = this.transitions.some((each) => each.kind !== "savepoint");
    for (const transition of [...this.transitions]) this.#step(transition);
    if (running && !busy && !this.ended) this.#progress();
    else if (this.#status === "RESTARTING") this.#restartAgain();
  }

  /** Ends at once whatever is under way and can end. */
  settle(): void {
    for (const transition of [...this.transitions]) {
      if (transition.remaining === Infinity) continue;
      transition.remaining = 0;
      this.#step(transition);
    }
  }

  begin(transition: Transition): void {
    this.transitions.push(transition);
    if (transition.remaining <= 0) this.#step(transition);
  }

  /** Makes progress by as many checkpoints. */
  work(checkpoints: number): void {
    for (let completed = 0; completed < checkpoints; completed++) {
      this.count += 1;
      this.checkpoint();
    }
  }

  /** Completes a checkpoint now, and commits what the job has done since the last one. */
  checkpoint(): CheckpointEntry {
    const directory = this.configuration["execution.checkpointing.dir"] ?? this.configuration["state.checkpoints.dir"];
    const id = this.#nextCheckpointId;
    const path =
      directory === undefined
        ? "<checkpoint-not-externally-addressable>"
        : `${canonicalPath(directory)}/${this.id}/chk-${String(id)}`;
    this.#commit();
    const entry = this.#complete("CHECKPOINT", path, undefined);
    this.#subsume(entry.id);
    return entry;
  }

  /** Completes a savepoint now. Only that of a stop that succeeds commits, as in Flink. */
  savepoint(path: string, format: string, type: "SAVEPOINT" | "SYNC_SAVEPOINT", stops: boolean): CheckpointEntry {
    if (stops) this.#commit();
    return this.#complete(type, canonicalPath(path), format);
  }

  failedSavepoint(type: "SAVEPOINT" | "SYNC_SAVEPOINT", format: string, failure: string): void {
    const id = this.#nextCheckpointId++;
    const entry = { id, type, format, status: "FAILED", path: undefined, failure, discarded: false } as const;
    this.checkpoints.push({ ...entry, time: Date.now() });
  }

  /** As the root cause, with what ended the job. */
  addException(chain: readonly JavaException[]): void {
    const first = chain[0];
    if (first === undefined) return;
    this.exceptions.unshift({
      exceptionName: first.className,
      stacktrace: stackTrace(chain),
      timestamp: this.#now(),
      taskName: "Source: Custom Source (1/1) - execution #0",
    });
    this.exceptions.splice(EXCEPTIONS_KEPT);
  }

  /** A task fails, and Flink restarts the job. */
  failAndRestart(message: string): void {
    this.addException([{ className: "java.lang.RuntimeException", message }]);
    this.failOver();
  }

  #restartAgain(): void {
    this.numRestarts += 1;
    const { fate } = this;
    if (typeof fate !== "object" || !("crashLoop" in fate)) return;
    this.addException([{ className: "java.lang.RuntimeException", message: fate.crashLoop }]);
  }

  /** A failover: back to the newest checkpoint (never a savepoint), or what the job was started from, or nothing. */
  failOver(): void {
    const checkpoint = this.checkpoints.findLast((each) => each.type === "CHECKPOINT" && !each.discarded);
    const path = checkpoint?.path ?? this.restored?.path;
    this.count = (path === undefined ? undefined : this.#storage.get(path)?.count) ?? 0;
    this.#committed = this.count;
    if (checkpoint?.path !== undefined) {
      this.restored = { id: checkpoint.id, time: Date.now(), isSavepoint: false, path: checkpoint.path };
    }
    this.numRestarts += 1;
    for (const transition of this.transitions.splice(0)) transition.abort();
    this.status = "RUNNING";
  }

  /** Another JobManager counts anew, and tells of none but the checkpoint that it has restored. */
  forgetStatistics(): void {
    for (const each of this.checkpoints) each.forgotten = true;
  }

  #step(transition: Transition): void {
    if (transition.remaining > 0) {
      transition.remaining -= 1;
      return;
    }
    const index = this.transitions.indexOf(transition);
    if (index < 0) return;
    this.transitions.splice(index, 1);
    transition.complete();
  }

  #progress(): void {
    const fate = this.fate;
    if (typeof fate === "object" && "afterCheckpoints" in fate) {
      const completed = this.checkpoints.filter((each) => each.type === "CHECKPOINT").length;
      if (completed >= fate.afterCheckpoints) {
        this.end(fate.thenStatus, fate.exception);
        return;
      }
    }
    this.#polledRunning += 1;
    if (typeof fate === "object" && "failsOverEvery" in fate && this.#polledRunning % fate.failsOverEvery === 0) {
      this.failAndRestart(fate.exception);
      return;
    }
    this.count += 1;
    if (this.checkpointInterval !== undefined) this.checkpoint();
  }

  end(status: JobStatus, exception?: string): void {
    if (status === "FAILED" || exception !== undefined) {
      const message = exception ?? "the job failed as scripted";
      this.addException([
        {
          className: "org.apache.flink.runtime.JobException",
          message: "Recovery is suppressed by NoRestartBackoffTimeStrategy",
        },
        { className: "java.lang.RuntimeException", message },
      ]);
    }
    this.status = status;
  }

  #complete(type: CheckpointEntry["type"], path: string, format: string | undefined): CheckpointEntry {
    const id = this.#nextCheckpointId++;
    const entry: CheckpointEntry = {
      id,
      type,
      status: "COMPLETED",
      path,
      format,
      time: Date.now(),
      failure: undefined,
      discarded: false,
    };
    this.checkpoints.push(entry);
    this.#storage.add({
      path,
      jobId: this.id,
      lineage: this.lineage,
      count: this.count,
      committed: this.#committed,
      checkpointId: id,
      isSavepoint: type !== "CHECKPOINT",
      maxParallelism: this.maxParallelism,
    });
    return entry;
  }

  #commit(): void {
    if (this.count === this.#committed) return;
    this.#storage.commits.push({ lineage: this.lineage, jobId: this.id, from: this.#committed, to: this.count });
    this.#committed = this.count;
  }

  #subsume(newest: number): void {
    for (const each of this.checkpoints) if (each.id < newest) this.#discard(each);
    const { submission } = this;
    if (submission?.savepointPath !== undefined && submission.claimMode === "CLAIM") {
      this.#storage.delete(submission.savepointPath);
    }
  }

  #dropCheckpoints(status: JobStatus): void {
    const retained =
      (status === "CANCELED" && this.retention === "RETAIN_ON_CANCELLATION") ||
      (status === "FAILED" && this.retention !== "NO_EXTERNALIZED_CHECKPOINTS");
    if (!retained) for (const each of this.checkpoints) this.#discard(each);
  }

  #discard(entry: CheckpointEntry): void {
    if (entry.type !== "CHECKPOINT" || entry.path === undefined) return;
    entry.discarded = true;
    this.#storage.delete(entry.path);
  }
}
