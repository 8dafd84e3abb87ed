import { parseJobId } from "../../../provider/lifecycle/ids";
import type { ClusterIdentity, Snapshot } from "../../../provider/lifecycle/model";
import type { ClusterObservation, JobMemory, ObservedJob } from "../../../provider/lifecycle/observation";
import type {
  ClusterPort,
  DisposalResult,
  JobHealth,
  JobProgress,
  NeededSnapshot,
  StopResult,
  Submission,
  SubmitResult,
  Upload,
} from "../../../provider/lifecycle/ports";
import { UID } from "./builders";
import { SimulatedJob } from "./simulatedJob";
import type { SimulatedWorld } from "./simulatedWorld";

/** How long Flink keeps the result of a stop. */
const RESULTS_KEPT_MS = 300_000;

const LATENCY_MS = 2;
const SAVEPOINT_MS = 100;

interface Operation {
  result: StopResult;
  endedAt?: number;
}

/** A Flink cluster in memory, as the lifecycle sees one. */
export class SimulatedCluster implements ClusterPort {
  readonly jobs = new Map<string, SimulatedJob>();
  readonly artifacts = new Set<string>();
  readonly submissions: Submission[] = [];
  readonly triggers: string[] = [];
  /** How long after its end a job would be started again by another JobManager, where that recovers jobs. */
  keepsEndsAfterMs = 0;
  slots = { total: 4, free: 4, elastic: false };
  /** None of its processes exists. */
  gone = false;
  /** Every submission is answered so, and carried out or not. */
  answers: { result: SubmitResult; carriedOut: boolean }[] = [];
  private readonly burnt = new Set<string>();
  private readonly operations = new Map<string, Operation>();
  private readonly disposals = new Map<string, DisposalResult>();
  private disposalCount = 0;

  constructor(
    readonly world: SimulatedWorld,
    readonly identity: ClusterIdentity,
  ) {}

  /** What its JobManager says of its own memory. */
  memory: JobMemory = {
    jobManager: "1",
    endedJobsKeptMs: 3_600_000,
    keepsIds: true,
    isHandedOn: false,
    recoversJobs: false,
  };

  /** Its JobManager restarts without high availability: jobs, jars and operations are gone. */
  lose(): void {
    this.memory = { ...this.memory, jobManager: `${this.memory.jobManager}1` };
    for (const job of this.jobs.values()) if (!job.hasEnded) job.end("FAILED");
    this.jobs.clear();
    this.artifacts.clear();
    this.operations.clear();
    this.disposals.clear();
  }

  /** An id that Flink remembers as used, of a job that it shows no more. */
  burn(jobId: string): void {
    this.burnt.add(jobId);
  }

  /** The archive of ended jobs expires. */
  forgetEnded(): void {
    this.memory = { ...this.memory, endedJobsKeptMs: 0 };
    for (const job of this.jobs.values()) if (job.hasEnded) job.forgotten = true;
  }

  forgetOperations(): void {
    this.operations.clear();
  }

  async observe(): Promise<ClusterObservation> {
    await this.latency();
    return {
      kind: "reachable",
      flinkVersion: "2.3.0",
      slots: this.slots,
      jobs: [...this.jobs.values()].flatMap((job) => this.show(job) ?? []),
      savepointDirectory: "file:/savepoints",
      checkpointDirectory: "file:/checkpoints",
      heldArtifacts: [...this.artifacts],
      memory: this.memory,
    };
  }

  async observeJob(jobId: string): Promise<ObservedJob | undefined> {
    await this.latency();
    return this.show(this.jobs.get(jobId));
  }

  async progress(jobId: string): Promise<JobProgress | undefined> {
    await this.latency();
    const job = this.jobs.get(jobId);
    if (job === undefined || job.forgotten) return undefined;
    const tasksTotal = job.spec.parallelism;
    return { status: job.status, up: job.up, tasksRunning: job.up ? tasksTotal : 0, tasksTotal };
  }

  async keepsEnd(jobId: string): Promise<boolean> {
    await this.latency();
    return !this.mayComeBack(this.jobs.get(jobId));
  }

  async health(jobId: string): Promise<JobHealth | undefined> {
    await this.latency();
    const job = this.jobs.get(jobId);
    if (job === undefined || job.forgotten) return undefined;
    const { completedCheckpoints, restarts, behaviour } = job;
    return { takesCheckpoints: behaviour.checkpointEveryMs !== undefined, completedCheckpoints, restarts };
  }

  async failureOf(jobId: string): Promise<string | undefined> {
    await this.latency();
    return this.jobs.get(jobId)?.status === "FAILED" ? "java.lang.RuntimeException: simulated" : undefined;
  }

  async stop(jobId: string, { triggerId }: { triggerId: string }): Promise<void> {
    await this.latency();
    const key = `${jobId}/${triggerId}`;
    this.expire();
    if (this.operations.has(key)) return;
    this.triggers.push(key);
    const operation: Operation = { result: { kind: "inProgress" } };
    this.operations.set(key, operation);
    const ended = (result: StopResult): void => {
      operation.result = result;
      operation.endedAt = this.world.clock.now();
    };
    const job = this.jobs.get(jobId);
    if (job?.up !== true) {
      ended({ kind: "failed", reason: "Not all required tasks are currently running." });
      return;
    }
    const behaviour = this.world.stops.shift() ?? "succeeds";
    const { clock } = this.world;
    clock.after(SAVEPOINT_MS, () => {
      if (!job.up && behaviour !== "hangs") {
        ended({ kind: "failed", reason: "The job is no longer running." });
        return;
      }
      switch (behaviour) {
        case "succeeds":
        case "succeedsAndIsForgotten": {
          const { path } = job.stopWithSavepoint();
          job.later(30, () => {
            job.end("FINISHED");
            ended({ kind: "completed", path });
            if (behaviour === "succeedsAndIsForgotten") this.operations.delete(key);
          });
          return;
        }
        case "answersBeforeItEnds": {
          const { path } = job.stopWithSavepoint();
          job.up = true;
          ended({ kind: "completed", path });
          job.later(30, () => job.end("FINISHED"));
          return;
        }
        case "fails":
          ended({ kind: "failed", reason: "Checkpoint expired before completing." });
          return;
        case "failsAfterSavepoint":
        case "restartsAfterSavepoint": {
          const { path } = job.stopWithSavepoint();
          ended({ kind: "failed", reason: "StopWithSavepointStoppingException", path });
          if (behaviour === "failsAfterSavepoint") job.end("FAILED");
          else job.restart();
          return;
        }
        case "hangs":
          return;
        case "isForgotten":
          this.operations.delete(key);
          return;
        case "jobFailsMeanwhile":
          job.end("FAILED");
          ended({ kind: "failed", reason: "The job failed." });
          return;
      }
    });
  }

  async stopResult(jobId: string, triggerId: string): Promise<StopResult> {
    await this.latency();
    this.expire();
    return this.operations.get(`${jobId}/${triggerId}`)?.result ?? { kind: "unknown" };
  }

  async cancel(jobId: string): Promise<void> {
    await this.latency();
    this.jobs.get(jobId)?.cancel();
  }

  async upload(upload: Upload, onProgress: (sent: number, total: number) => void): Promise<void> {
    await this.latency();
    onProgress(50, 100);
    this.artifacts.add(upload.sha256);
  }

  async submit(submission: Submission): Promise<SubmitResult> {
    await this.latency();
    this.submissions.push(submission);
    const answer = this.answers.shift();
    if (answer?.carriedOut === false) return answer.result;
    const result = this.accept(submission);
    return answer?.result ?? result;
  }

  async removeArtifacts(keepSha256: string | undefined): Promise<void> {
    await this.latency();
    for (const sha256 of this.artifacts) if (sha256 !== keepSha256) this.artifacts.delete(sha256);
  }

  async neededSnapshots(): Promise<NeededSnapshot[]> {
    await this.latency();
    return [...this.jobs.values()].flatMap(({ jobId, hasEnded, restoredFrom, taken }) =>
      hasEnded || restoredFrom === undefined || taken.some(({ kind }) => kind === "checkpoint")
        ? []
        : [{ jobId, path: restoredFrom.path }],
    );
  }

  async beginDisposal(path: string): Promise<string> {
    await this.latency();
    const id = `disposal ${(this.disposalCount += 1)}`;
    this.disposals.set(id, { kind: "inProgress" });
    this.world.clock.after(SAVEPOINT_MS, () => {
      const refusal = this.world.undisposable.get(path);
      this.disposals.set(id, refusal === undefined ? this.world.dispose(path) : { kind: "failed", reason: refusal });
    });
    return id;
  }

  async disposalResult(disposalId: string): Promise<DisposalResult> {
    await this.latency();
    return this.disposals.get(disposalId) ?? { kind: "unknown" };
  }

  private accept(submission: Submission): SubmitResult {
    const { world } = this;
    const { jobId, spec, savepointPath } = submission;
    if (this.jobs.has(jobId) || this.burnt.has(jobId)) return { kind: "duplicate" };
    if (!this.artifacts.has(spec.artifactSha256)) return { kind: "rejected", reason: "the jar does not exist" };
    const stored = savepointPath === undefined ? undefined : world.storage.get(savepointPath);
    if (savepointPath !== undefined && stored === undefined) {
      return { kind: "rejected", reason: `${savepointPath} does not exist` };
    }
    const others = world.activeJobs.map((job) => `${job.jobId} (${job.status})`);
    if (others.length > 0) world.violations.push(`job ${jobId} was submitted while ${others.join(", ")} was active`);
    const unkept = [...this.jobs.values()].filter((job) => this.mayComeBack(job));
    for (const job of unkept) world.violations.push(`job ${jobId} was submitted while ${job.jobId} might come back`);
    const position = stored?.position ?? 0;
    if (world.exactlyOnce && position !== world.committed) {
      world.violations.push(`job ${jobId} was submitted from ${position}, and ${world.committed} had been committed`);
    }
    const job = new SimulatedJob(world, jobId, spec, world.behaviour(spec.artifactSha256), stored);
    this.jobs.set(jobId, job);
    world.jobs.push(job);
    return { kind: "accepted" };
  }

  private show(job: SimulatedJob | undefined): ObservedJob | undefined {
    if (job === undefined || job.forgotten) return undefined;
    const parts = parseJobId(UID, job.jobId);
    if (parts === undefined) return undefined;
    const taken = job.taken.filter(({ stored }) => !stored.deleted);
    const newest = taken.at(-1);
    const snapshot = (one: typeof newest): Snapshot | undefined =>
      one === undefined
        ? undefined
        : {
            path: one.stored.path,
            time: one.time,
            origin: one.kind === "checkpoint" ? "RETAINED_CHECKPOINT" : "USER_REQUEST",
            jobId: job.jobId,
          };
    return {
      jobId: job.jobId,
      ...parts,
      status: job.status,
      up: job.up,
      startTime: job.startTime,
      newestState: snapshot(newest),
      newestSavepoint: snapshot(taken.findLast(({ kind }) => kind !== "checkpoint")),
      restoredFrom: job.status === "INITIALIZING" || job.status === "CREATED" ? undefined : job.restoredFrom?.path,
      endedByStop: job.status === "FINISHED" && newest?.kind === "stop",
      completedCheckpoints: job.completedCheckpoints,
      retainsCheckpoints: job.behaviour.checkpointEveryMs === undefined ? undefined : job.behaviour.retainsCheckpoints,
    };
  }

  private mayComeBack(job: SimulatedJob | undefined): boolean {
    if (!this.memory.recoversJobs || job?.endedAt === undefined) return false;
    return this.world.clock.now() - job.endedAt < this.keepsEndsAfterMs;
  }

  private expire(): void {
    const now = this.world.clock.now();
    for (const [key, { endedAt }] of this.operations) {
      if (endedAt !== undefined && now - endedAt > RESULTS_KEPT_MS) this.operations.delete(key);
    }
  }

  private latency(): Promise<void> {
    return this.world.clock.sleep(LATENCY_MS);
  }
}
