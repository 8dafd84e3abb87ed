/** The state of the fake cluster and what its REST server can do with it. */
import { createHash } from "node:crypto";
import { FakeJob } from "./job";
import {
  handlerError,
  initializationFailure,
  internalError,
  mainMethodError,
  snapshotMissing,
  submissionError,
  type JavaException,
} from "./javaErrors";
import type { FakeJar } from "./jars";
import { explainMismatch } from "./keyGroups";
import { SavepointOperations } from "./savepoints";
import type { FakeStorage } from "./storage";
import type { Script } from "./script";
import type { FlinkVersion, RunOutcome, Settle, Submission, TerminalStatus } from "./types";

interface ClusterSettings {
  version: FlinkVersion;
  slots: number;
  taskManagers: number;
  taskManagerHosts: readonly string[];
  configuration: Record<string, string>;
  storage: FakeStorage;
  settle: Settle;
  /** The clock of its caches. */
  now: () => number;
}

const PROGRAM_INVOCATION = "org.apache.flink.client.program.ProgramInvocationException";

export class Cluster {
  readonly jobs = new Map<string, FakeJob>();
  readonly jars = new Map<string, FakeJar>();
  readonly operations = new SavepointOperations();
  /** Disposals by trigger: the path that was not there, or undefined. */
  readonly disposals = new Map<string, string | undefined>();
  readonly submissions: Submission[] = [];
  readonly script: Script = { savepoint: () => "complete", run: () => "run" };
  settle: Settle;
  refreshIntervalMs = 0;
  readonly #cache = new Map<string, { time: number; body: unknown }>();
  #knownIds = new Set<string>();
  #runs = 0;
  static #generatedIds = 0;

  constructor(readonly settings: ClusterSettings) {
    this.settle = settings.settle;
  }

  #restarts = 0;

  /** The JobManager's own: another one after each restart. */
  get folder(): string {
    return `/tmp/flink-web-00000000-0000-0000-0000-${String(this.#restarts).padStart(12, "0")}`;
  }

  /** Where the JobManager keeps uploaded jars. */
  get uploadDirectory(): string {
    return `${this.folder}/flink-web-upload`;
  }

  polls(kind: "start" | "savepoint" | "stop" | "cancel"): number {
    return typeof this.settle === "number" ? this.settle : (this.settle[kind] ?? 1);
  }

  /** What Flink caches: the graph of a job and, apart from it, the statistics of its checkpoints. */
  cached(key: string, make: () => unknown): unknown {
    const cached = this.#cache.get(key);
    const now = this.settings.now();
    if (cached !== undefined && now - cached.time < this.refreshIntervalMs) return cached.body;
    const body = make();
    this.#cache.set(key, { time: now, body });
    return body;
  }

  get usedSlots(): number {
    return this.activeJobs().reduce((sum, job) => sum + (job.tasksRunning ? job.parallelism : 0), 0);
  }

  activeJobs(): FakeJob[] {
    return [...this.jobs.values()].filter((job) => !job.ended);
  }

  addJob(job: FakeJob): void {
    this.jobs.set(job.id, job);
    this.#knownIds.add(job.id);
  }

  generateId(): string {
    return createHash("md5")
      .update(`generated ${String(Cluster.#generatedIds++)}`)
      .digest("hex");
  }

  /** Forgets the jobs that have ended; their ids stay used up. */
  forgetArchive(): void {
    for (const job of this.jobs.values()) if (job.ended) this.jobs.delete(job.id);
  }

  restart(highAvailability: boolean, keepsResults: boolean): void {
    this.#restarts += 1;
    if (!highAvailability) this.jobs.clear();
    else if (!keepsResults) this.forgetArchive();
    this.operations.forget();
    this.jars.clear();
    this.#knownIds = new Set(this.jobs.keys());
    for (const job of this.jobs.values()) {
      if (job.ended) job.keepResultAlone();
      else {
        job.failOver();
        job.forgetStatistics();
      }
      // Another JobManager knows of no failure before it.
      job.exceptions = [];
      job.numRestarts = 0;
    }
  }

  jarOf(jarId: string): FakeJar {
    const jar = this.jars.get(jarId);
    if (jar !== undefined) return jar;
    const className = "org.apache.flink.runtime.rest.handler.RestHandlerException";
    const message = `Jar file ${this.uploadDirectory}/${jarId} does not exist`;
    throw internalError([
      { className: "java.util.concurrent.CompletionException", message: `${className}: ${message}` },
      { className, message },
    ]);
  }

  /** Submits, and answers with the job's id or throws what Flink answers. */
  run(jar: FakeJar, request: Submission): string {
    this.#checkJar(jar, request.entryClass);
    const name = request.flinkConfiguration["pipeline.name"] ?? "Flink Streaming Job";
    this.#runs += 1;
    const outcome = this.script.run(request, this.#runs);
    if (typeof outcome === "object" && "reject" in outcome) {
      throw mainMethodError(outcome.reject, [{ className: "java.lang.RuntimeException", message: outcome.reject }]);
    }
    if (request.parallelism < 1) {
      const message = "Parallelism must be at least one, or ExecutionConfig.PARALLELISM_DEFAULT (use system default).";
      throw mainMethodError(message, [{ className: "java.lang.IllegalArgumentException", message }]);
    }
    if (this.#knownIds.has(request.jobId)) throw submissionError(name, [this.#duplicate()]);
    this.submissions.push(request);
    const job = new FakeJob({
      id: request.jobId,
      name,
      parallelism: request.parallelism,
      configuration: { ...this.settings.configuration, ...request.flinkConfiguration },
      storage: this.settings.storage,
      submission: request,
      now: this.settings.now,
    });
    this.addJob(job);
    this.#initialize(job, request, outcome);
    this.#start(job, outcome);
    return job.id;
  }

  cancel(job: FakeJob): void {
    if (job.status === "CANCELED" || job.status === "CANCELLING") return;
    if (job.ended) {
      const message = `Job cancellation failed because the job has already reached another terminal state (${job.status}).`;
      throw handlerError(409, message);
    }
    for (const transition of job.transitions.splice(0)) transition.abort();
    job.status = "CANCELLING";
    job.begin({
      kind: "cancel",
      remaining: this.polls("cancel"),
      abort: () => undefined,
      complete: () => job.end("CANCELED"),
    });
  }

  #checkJar(jar: FakeJar, entryClass: string | undefined): void {
    const fail = (message: string, cause: JavaException[] = []): never => {
      throw internalError([
        { className: "java.util.concurrent.CompletionException", message: `${PROGRAM_INVOCATION}: ${message}` },
        { className: PROGRAM_INVOCATION, message },
        ...cause,
      ]);
    };
    if (jar.broken !== undefined) {
      fail(`Error while opening jar file '${this.uploadDirectory}/${jar.id}'`, [
        { className: "java.util.zip.ZipException", message: jar.broken },
      ]);
    }
    const main = entryClass ?? jar.mainClass;
    if (main === undefined) fail("Neither a 'Main-Class', nor a 'program-class' entry was found in the jar file.");
    else if (!jar.classes.has(main)) {
      fail(`The program's entry point class '${main}' was not found in the jar file.`, [
        { className: "java.lang.ClassNotFoundException", message: main },
      ]);
    }
  }

  #duplicate(): JavaException {
    const application = this.settings.version === "2.3.0";
    return application
      ? {
          className: "org.apache.flink.runtime.client.DuplicateApplicationSubmissionException",
          message: "Application has already been submitted.",
        }
      : {
          className: "org.apache.flink.runtime.client.DuplicateJobSubmissionException",
          message: "Job has already been submitted.",
        };
  }

  #initialize(job: FakeJob, request: Submission, outcome: RunOutcome): void {
    const fail = (cause: JavaException): never => {
      const chain = initializationFailure(cause);
      job.addException(chain);
      job.status = "FAILED";
      const [first] = chain;
      const wrapped = {
        className: "java.lang.RuntimeException",
        message: `${first?.className ?? ""}: ${first?.message ?? ""}`,
      };
      throw submissionError(job.name, [wrapped, ...chain]);
    };
    if (request.savepointPath !== undefined) {
      const snapshot = this.settings.storage.get(request.savepointPath);
      if (snapshot === undefined) {
        fail(snapshotMissing(request.savepointPath));
      } else {
        const mismatch = explainMismatch(job, snapshot);
        if (mismatch !== undefined) fail(mismatch);
        job.restoreFrom(snapshot, request.savepointPath);
      }
    }
    if (typeof outcome === "object" && "initializationFails" in outcome) {
      fail({ className: "java.lang.IllegalStateException", message: outcome.initializationFails });
    }
  }

  #start(job: FakeJob, outcome: RunOutcome): void {
    job.fate = outcome;
    job.schedule("CREATED");
    if (outcome === "stuck") return;
    const begun = (): void => {
      if (this.settings.slots - this.usedSlots < job.parallelism) {
        job.schedule("RUNNING");
        return;
      }
      if (typeof outcome === "object" && "checkpoints" in outcome) job.work(outcome.checkpoints ?? 0);
      if (typeof outcome === "object" && "status" in outcome) {
        this.#end(job, outcome);
      } else if (typeof outcome === "object" && "crashLoop" in outcome) {
        job.addException([{ className: "java.lang.RuntimeException", message: outcome.crashLoop }]);
        job.status = "RESTARTING";
        job.numRestarts = 1;
      } else {
        job.status = "RUNNING";
      }
    };
    const polls = this.polls("start");
    // Flink calls a job RUNNING before its tasks are: the last poll that sees it start sees that.
    if (polls > 1) {
      job.begin({
        kind: "start",
        remaining: polls - 1,
        abort: () => undefined,
        // The poll that gets it here is the one that sees it.
        complete: () => this.#deploy(job, 0, begun),
      });
    } else if (polls === 1) this.#deploy(job, 1, begun);
    else begun();
  }

  #end(job: FakeJob, { status, exception, failing = 0 }: Extract<RunOutcome, { status: TerminalStatus }>): void {
    const complete = (): void => job.end(status, exception);
    if (failing === 0) {
      complete();
      return;
    }
    job.status = "FAILING";
    job.begin({ kind: "start", remaining: failing, abort: () => undefined, complete });
  }

  #deploy(job: FakeJob, remaining: number, begun: () => void): void {
    job.schedule("RUNNING");
    job.transitions.push({ kind: "start", remaining, abort: () => undefined, complete: begun });
  }
}
