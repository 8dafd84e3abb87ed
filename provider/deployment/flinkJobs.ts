import type { FlinkClient } from "../flink/client";
import type { JobSummary } from "../flink/model";
import { parseJobId } from "../lifecycle/ids";
import { isTerminal, type JobDetail, type ObservedJob } from "../lifecycle/observation";
import type { Clock, JobHealth } from "../lifecycle/ports";
import { ClusterJobs, isUp } from "./clusterJobs";
import { observedState } from "./observedState";
import { restartsIn } from "./restarts";
import { unlessMissing, unlessUnreadable } from "./tolerated";

/** Ended jobs further back than this are of no use to a plan. */
const JOBS_LOOKED_AT = 8;
/** Two active ones are already refused; of a server that shows thousands not each is asked about. */
const ACTIVE_JOBS_LOOKED_AT = 32;

/** Flink's default of `web.exception-history-size`. */
const EXCEPTIONS_KEPT = 16;

/** What jobs are looked at as those of one deployment. */
interface Owner {
  readonly uid: string;
  readonly clock: Clock;
}

/** The jobs of one deployment on a Flink cluster, as its REST API shows them. */
export class FlinkJobs extends ClusterJobs {
  constructor(
    client: FlinkClient,
    protected readonly deployment: Owner,
  ) {
    super(client, deployment.clock);
  }

  /** Those that carry the deployment's prefix, newest first; the newest of all and of the active in detail. */
  protected async own(summaries: readonly JobSummary[]): Promise<ObservedJob[]> {
    const own = summaries
      .filter(({ id }) => parseJobId(this.deployment.uid, id) !== undefined)
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    const active = own.filter(({ status }) => !isTerminal(status)).slice(0, ACTIVE_JOBS_LOOKED_AT);
    const detailed = new Set([...active.slice(0, 1), ...own.slice(0, 1)]);
    const looked = new Set([...active, ...own.slice(0, JOBS_LOOKED_AT)]);
    const jobs = await Promise.all([...looked].map((summary) => this.observeSummary(summary, detailed.has(summary))));
    // One that Flink forgot between the two requests is not there.
    return jobs.filter((job) => job !== undefined).sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
  }

  /** A job that has just ended is looked at once Flink's caches have certainly seen its last snapshot. */
  async observeJob(jobId: string): Promise<ObservedJob | undefined> {
    const summary = await this.summaryOf(jobId);
    return summary === undefined ? undefined : this.observeSummary(summary, false);
  }

  private async observeSummary(summary: JobSummary, isDetailed: boolean): Promise<ObservedJob | undefined> {
    await this.whileStale(summary);
    return this.readJob(summary, isDetailed);
  }

  private readJob(
    { id: jobId, status, tasks, startTime }: JobSummary,
    isDetailed: boolean,
  ): Promise<ObservedJob | undefined> {
    return unlessMissing(async () => {
      const parts = parseJobId(this.deployment.uid, jobId);
      if (parts === undefined) throw new Error(`job ${jobId} is not of this deployment`);
      const failed = status === "FAILED" || status === "FAILING" || status === "RESTARTING";
      const [checkpoints, checkpointConfig, failure, detail] = await Promise.all([
        this.client.checkpoints(jobId),
        this.client.checkpointConfig(jobId),
        failed ? this.rootCauseOf(jobId) : undefined,
        isDetailed ? this.detailOf(jobId, !isTerminal(status)) : {},
      ]);
      // After a failover Flink may still show how a job ended, but not with what state: no more is known than of one that it
      // has forgotten. One that never started has no tasks either, but says that it has completed no checkpoints.
      if (isTerminal(status) && tasks.total === 0 && checkpoints === undefined) return undefined;
      return {
        jobId,
        ...parts,
        status,
        up: isUp(status, tasks),
        startTime,
        ...observedState({ id: jobId, status, startTime }, checkpoints, checkpointConfig),
        ...(checkpointConfig === undefined
          ? {}
          : { retainsCheckpoints: checkpointConfig.externalized && checkpointConfig.retainOnCancellation }),
        ...(failure === undefined ? {} : { failure }),
        ...detail,
      };
    });
  }

  /** Nothing that a transition depends on: what Flink does not say in words that are understood is not known. */
  private async detailOf(jobId: string, isActive: boolean): Promise<JobDetail> {
    const [job, exceptions] = await Promise.all([
      unlessUnreadable(() => this.client.job(jobId)),
      isActive ? unlessUnreadable(() => this.client.exceptions(jobId)) : undefined,
    ]);
    if (job === undefined) return {};
    const { vertices, now } = job;
    if (exceptions === undefined) return { vertices };
    const failures = restartsIn(exceptions.history);
    const ages = failures.map(({ time }) => now - time);
    return { vertices, restarts: { ages, ...(failures[0] === undefined ? {} : { cause: failures[0].message }) } };
  }

  /** Both may be as old as Flink's caches are. */
  async health(jobId: string): Promise<JobHealth | undefined> {
    return unlessMissing(async () => {
      const [checkpoints, config, restarts] = await Promise.all([
        this.client.checkpoints(jobId),
        this.client.checkpointConfig(jobId),
        this.restartsOf(jobId),
      ]);
      return {
        takesCheckpoints: config?.intervalMs !== undefined,
        completedCheckpoints: checkpoints?.counts.completed ?? 0,
        restarts,
      };
    });
  }

  /** By its failures, of which Flink keeps the newest few. The metric is older, and counts a rescaling as a restart. */
  private async restartsOf(jobId: string): Promise<number> {
    const { history } = await this.client.exceptions(jobId);
    const { length } = restartsIn(history);
    return history.length < EXCEPTIONS_KEPT ? length : Math.max(length, (await this.client.numRestarts(jobId)) ?? 0);
  }
}
