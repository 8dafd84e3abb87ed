import { parseUploadName, uploadName } from "../values/uploadName";
import { parseDuration } from "../values/duration";
import { EVERY_DEPLOYMENT } from "../values/imageJar";
import type { FlinkClient } from "../flink/client";
import { DuplicateJobError, JobNotFoundError, JobSubmissionError, RequestRejectedError } from "../flink/errors";
import type { JobSummary, TaskCounts, UploadedJar } from "../flink/model";
import { jobIdPrefix, parseJobId } from "../lifecycle/ids";
import { RETAIN, RETENTION_KEY } from "../lifecycle/jobSpec";
import type { ClusterIdentity } from "../lifecycle/model";
import { isTerminal, type ClusterObservation, type JobMemory, type ObservedJob } from "../lifecycle/observation";
import type { Clock, ClusterPort, JobProgress, StopResult, Submission, SubmitResult, Upload } from "../lifecycle/ports";
import type { LostJobs } from "./lostJobs";
import { observedState } from "./observedState";

/** Ended jobs further back than this are of no use to a plan. */
const JOBS_LOOKED_AT = 8;
/** Two active ones are already refused; of a server that shows thousands not each is asked about. */
const ACTIVE_JOBS_LOOKED_AT = 32;

/** A job that ended longer ago than this is in no cache any more, whatever the clocks say. */
const CERTAINLY_CACHED_MS = 60_000;
const DEFAULT_REFRESH_MS = 3_000;

/** How often a submission that is not answered yet is told of. */
const WAITING_MS = 2_000;

/** Whose view it is, and how long that waits. */
interface DeploymentView {
  readonly uid: string;
  readonly clock: Clock;
  /** Ends an upload, which does nothing that is missed. */
  readonly interrupted: AbortSignal;
}

/** One deployment's view of a Flink cluster over its REST API. */
export class FlinkCluster implements ClusterPort {
  /** When this process first saw a job as ended, by this machine's clock. */
  private readonly endSeen = new Map<string, number>();
  private refreshInterval: number | undefined;

  constructor(
    readonly identity: ClusterIdentity,
    private readonly client: FlinkClient,
    private readonly deployment: DeploymentView,
    private readonly findLost?: LostJobs,
  ) {}

  async observe(): Promise<ClusterObservation> {
    const [overview, summaries, configuration, jars] = await Promise.all([
      this.client.overview(),
      this.client.jobs(),
      this.client.clusterConfiguration(),
      this.jars(),
    ]);
    return {
      kind: "reachable",
      flinkVersion: overview.flinkVersion,
      slots: {
        total: overview.slotsTotal,
        free: overview.slotsAvailable,
        elastic: isElastic(configuration),
      },
      jobs: await this.withLost(await this.ownJobs(summaries)),
      setsCheckpointInterval: configuration["execution.checkpointing.interval"] !== undefined,
      ...jobMemory(configuration),
      heldArtifacts: jars.own.map(({ sha256 }) => sha256),
      imageArtifacts: jars.ofImage.map(({ sha256 }) => sha256),
    };
  }

  /** As after a restart without high availability: what the JobManager forgot is known all the same. */
  private async withLost(shown: ObservedJob[]): Promise<ObservedJob[]> {
    const lost = (await this.findLost?.(shown)) ?? [];
    return [...shown, ...lost].sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
  }

  lostJobs(): Promise<ObservedJob[]> {
    return this.withLost([]);
  }

  private async ownJobs(summaries: readonly JobSummary[]): Promise<ObservedJob[]> {
    const own = summaries
      .filter(({ id }) => parseJobId(this.deployment.uid, id) !== undefined)
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const active = own.filter(({ status }) => !isTerminal(status)).slice(0, ACTIVE_JOBS_LOOKED_AT);
    const looked = new Set([...active, ...own.slice(0, JOBS_LOOKED_AT)]);
    const jobs = await Promise.all([...looked].map((summary) => this.observeSummary(summary)));
    // One that Flink forgot between the two requests is not there.
    return jobs.filter((job) => job !== undefined).sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
  }

  /** A job that has just ended is looked at once Flink's caches have certainly seen its last snapshot. */
  async observeJob(jobId: string): Promise<ObservedJob | undefined> {
    const summary = await this.summaryOf(jobId);
    return summary === undefined ? undefined : this.observeSummary(summary);
  }

  private async observeSummary(summary: JobSummary): Promise<ObservedJob | undefined> {
    await this.whileStale(summary);
    return this.readJob(summary);
  }

  private async whileStale({ id, status, endTime }: JobSummary): Promise<void> {
    if (!isTerminal(status)) return;
    const stale = await this.staleFor(id, endTime);
    if (stale > 0) await this.deployment.clock.sleep(stale);
  }

  /** The job as it is now; all else that Flink says of one job may come from a cache. */
  private async summaryOf(jobId: string): Promise<JobSummary | undefined> {
    return (await this.client.jobs()).find(({ id }) => id === jobId);
  }

  private async staleFor(jobId: string, endTime: number | undefined): Promise<number> {
    if (endTime !== undefined && this.deployment.clock.now() - endTime > CERTAINLY_CACHED_MS) return 0;
    const firstSeen = this.endSeen.get(jobId) ?? this.deployment.clock.now();
    this.endSeen.set(jobId, firstSeen);
    return Math.max(0, firstSeen + (await this.cacheMs()) - this.deployment.clock.now());
  }

  /** How long Flink answers from its caches. */
  private async cacheMs(): Promise<number> {
    this.refreshInterval ??= refreshIntervalMs(await this.client.clusterConfiguration());
    return this.refreshInterval;
  }

  private readJob({ id: jobId, status, tasks, startTime }: JobSummary): Promise<ObservedJob | undefined> {
    return unlessMissing(async () => {
      const parts = parseJobId(this.deployment.uid, jobId);
      if (parts === undefined) throw new Error(`job ${jobId} is not of this deployment`);
      const failed = status === "FAILED" || status === "FAILING" || status === "RESTARTING";
      const [checkpoints, checkpointConfig, failure] = await Promise.all([
        this.client.checkpoints(jobId),
        this.client.checkpointConfig(jobId),
        failed ? this.rootCauseOf(jobId) : undefined,
      ]);
      return {
        jobId,
        ...parts,
        status,
        up: isUp(status, tasks),
        startTime,
        ...observedState({ id: jobId, status, startTime }, checkpoints),
        ...(checkpointConfig === undefined
          ? {}
          : { retainsCheckpoints: checkpointConfig.externalized && checkpointConfig.retainOnCancellation }),
        ...(failure === undefined ? {} : { failure }),
      };
    });
  }

  async progress(jobId: string): Promise<JobProgress | undefined> {
    const summary = await this.summaryOf(jobId);
    if (summary === undefined) return undefined;
    const { status, tasks } = summary;
    return {
      status,
      up: isUp(status, tasks),
      tasksRunning: tasks.running + tasks.finished,
      tasksTotal: tasks.total,
    };
  }

  /** Flink 2 tells it only of a job that has FAILED, and a cache may hold the job as it was while it was FAILING. */
  async failureOf(jobId: string): Promise<string | undefined> {
    const summary = await this.summaryOf(jobId);
    if (summary === undefined) return undefined;
    await this.whileStale(summary);
    return this.rootCauseOf(jobId);
  }

  private async rootCauseOf(jobId: string): Promise<string | undefined> {
    return (await unlessMissing(() => this.client.exceptions(jobId)))?.rootCause;
  }

  async stop(jobId: string, options: Parameters<ClusterPort["stop"]>[1]): Promise<void> {
    // A job that is gone shows in the trigger's result, which is asked for next.
    await unlessMissing(() => this.client.stopWithSavepoint(jobId, options));
  }

  async stopResult(jobId: string, triggerId: string): Promise<StopResult> {
    const operation = await this.client.savepointOperation(jobId, triggerId);
    if (operation.kind !== "failed") return operation;
    const { reason, savepointPath } = operation;
    return { kind: "failed", reason, ...(savepointPath === undefined ? {} : { path: savepointPath }) };
  }

  async cancel(jobId: string): Promise<void> {
    await this.client.cancel(jobId);
  }

  async upload(upload: Upload, onProgress: (sentBytes: number, totalBytes: number) => void): Promise<void> {
    if ((await this.jarOf(upload.sha256)) !== undefined) return;
    const name = uploadName(jobIdPrefix(this.deployment.uid), upload.sha256, upload.fileName);
    await this.client.uploadJar(upload.path, name, onProgress, this.deployment.interrupted);
  }

  async submit(submission: Submission): Promise<SubmitResult> {
    const { spec } = submission;
    const jar = await this.jarOf(spec.artifactSha256);
    if (jar === undefined) return { kind: "rejected", reason: "the cluster does not hold the job's jar any more" };
    const began = Date.now();
    const waiting = setInterval(() => submission.onWaiting?.(Date.now() - began), WAITING_MS);
    try {
      await this.client.runJar(
        jar.id,
        {
          jobId: submission.jobId,
          entryClass: spec.entryClass,
          programArgs: [...spec.mainArgs],
          parallelism: spec.parallelism,
          savepointPath: submission.savepointPath,
          allowNonRestoredState: submission.allowNonRestoredState,
          claimMode: submission.savepointPath === undefined ? undefined : submission.claimMode,
          flinkConfiguration: { [RETENTION_KEY]: RETAIN, ...spec.flinkConfiguration },
        },
        submission.timeoutMs,
      );
      return { kind: "accepted" };
    } catch (error) {
      if (error instanceof DuplicateJobError) return { kind: "duplicate" };
      if (error instanceof JobSubmissionError || error instanceof RequestRejectedError) {
        return { kind: "rejected", reason: error.message };
      }
      throw error;
    } finally {
      clearInterval(waiting);
    }
  }

  async removeArtifacts(keepSha256: string | undefined): Promise<void> {
    const unused = (await this.jars()).own.filter(({ sha256 }) => sha256 !== keepSha256);
    await Promise.all(unused.map(({ id }) => this.client.deleteJar(id)));
  }

  private async jarOf(sha256: string): Promise<UploadedJar | undefined> {
    const { own, ofImage } = await this.jars();
    return [...own, ...ofImage].find((jar) => jar.sha256 === sha256);
  }

  /** What this deployment has uploaded, and what lies in the cluster's image for all. */
  private async jars(): Promise<Record<"own" | "ofImage", (UploadedJar & { sha256: string })[]>> {
    const all = await this.client.jars();
    const of = (prefix: string) =>
      all.flatMap((jar) => {
        const parts = parseUploadName(jar.name);
        return parts?.uidPrefix === prefix ? [{ ...jar, sha256: parts.sha256 }] : [];
      });
    return { own: of(jobIdPrefix(this.deployment.uid)), ofImage: of(EVERY_DEPLOYMENT) };
  }
}

/** Flink's `web.refresh-interval`; what can't be read is taken as its default, and a longer one is not waited for. */
function refreshIntervalMs(configuration: Readonly<Record<string, string>>): number {
  const value = configuration["web.refresh-interval"];
  if (value === undefined) return DEFAULT_REFRESH_MS;
  try {
    // Flink takes a bare number as milliseconds.
    return Math.min(parseDuration(/^\d+$/.test(value.trim()) ? `${value.trim()} ms` : value), CERTAINLY_CACHED_MS);
  } catch {
    return DEFAULT_REFRESH_MS;
  }
}

/** Flink's default of `jobstore.expiration-time`. */
const DEFAULT_EXPIRATION_S = 3_600;

/** Every JobManager process makes itself a folder of its own, and says which. */
function jobMemory(configuration: Readonly<Record<string, string>>): { memory?: JobMemory } {
  const jobManager = configuration["web.tmpdir"];
  if (jobManager === undefined || configuration["jobstore.max-capacity"] !== undefined) return {};
  const expiration = Number(configuration["jobstore.expiration-time"] ?? DEFAULT_EXPIRATION_S);
  return Number.isFinite(expiration) ? { memory: { jobManager, endedJobsKeptMs: expiration * 1_000 } } : {};
}

async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof JobNotFoundError) return undefined;
    throw error;
  }
}

function isUp(status: ObservedJob["status"], tasks: TaskCounts): boolean {
  return status === "RUNNING" && tasks.running > 0 && tasks.running + tasks.finished === tasks.total;
}

/** Clusters that start TaskManagers when a job asks for slots, or run jobs on as many slots as there are. */
function isElastic(configuration: Readonly<Record<string, string>>): boolean {
  const scheduler = (configuration["jobmanager.scheduler"] ?? "").toLowerCase();
  return (
    configuration["kubernetes.cluster-id"] !== undefined ||
    configuration["yarn.application.id"] !== undefined ||
    scheduler.startsWith("adaptive") ||
    (configuration["scheduler-mode"] ?? "").toLowerCase() === "reactive"
  );
}
