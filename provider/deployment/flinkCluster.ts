import { parseUploadName, uploadName } from "../values/uploadName";
import { EVERY_DEPLOYMENT } from "../values/imageJar";
import type { FlinkClient } from "../flink/client";
import { DuplicateJobError, JobSubmissionError, RequestRejectedError } from "../flink/errors";
import type { JobSummary, UploadedJar } from "../flink/model";
import { jobIdPrefix, parseJobId } from "../lifecycle/ids";
import { RETAIN, RETENTION_KEY } from "../lifecycle/jobSpec";
import type { ClusterIdentity } from "../lifecycle/model";
import { isTerminal, type ClusterObservation, type JobMemory, type ObservedJob } from "../lifecycle/observation";
import type { Clock, ClusterPort, Submission, SubmitResult, Upload } from "../lifecycle/ports";
import { ClusterJobs, isUp, unlessMissing } from "./clusterJobs";
import type { LostJobs } from "./lostJobs";
import { observedState } from "./observedState";

/** Ended jobs further back than this are of no use to a plan. */
const JOBS_LOOKED_AT = 8;
/** Two active ones are already refused; of a server that shows thousands not each is asked about. */
const ACTIVE_JOBS_LOOKED_AT = 32;

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
export class FlinkCluster extends ClusterJobs implements ClusterPort {
  constructor(
    readonly identity: ClusterIdentity,
    client: FlinkClient,
    private readonly deployment: DeploymentView,
    private readonly findLost?: LostJobs,
  ) {
    super(client, deployment.clock);
  }

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

  async stop(jobId: string, options: Parameters<ClusterPort["stop"]>[1]): Promise<void> {
    // A job that is gone shows in the trigger's result, which is asked for next.
    await unlessMissing(() => this.client.stopWithSavepoint(jobId, options));
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

/** Flink's default of `jobstore.expiration-time`. */
const DEFAULT_EXPIRATION_S = 3_600;

/** Every JobManager process makes itself a folder of its own, and says which. */
function jobMemory(configuration: Readonly<Record<string, string>>): { memory?: JobMemory } {
  const jobManager = configuration["web.tmpdir"];
  if (jobManager === undefined || configuration["jobstore.max-capacity"] !== undefined) return {};
  const expiration = Number(configuration["jobstore.expiration-time"] ?? DEFAULT_EXPIRATION_S);
  return Number.isFinite(expiration) ? { memory: { jobManager, endedJobsKeptMs: expiration * 1_000 } } : {};
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
