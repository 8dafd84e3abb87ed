import { parseFlinkDuration } from "../values/flinkDuration";
import type { FlinkClient } from "../flink/client";
import type { DisposalOperation, JobSummary, TaskCounts } from "../flink/model";
import { snapshotNeeds, type SnapshotNeed } from "../flink/neededSnapshots";
import { isTerminal, type ObservedJob } from "../lifecycle/observation";
import type { Clock, DisposalPort, JobProgress, NeededSnapshot, StopResult } from "../lifecycle/ports";
import { unlessMissing } from "./tolerated";

/** What a job did longer ago than this is in every cache, whatever the clocks say. */
const CERTAINLY_CACHED_MS = 60_000;
const DEFAULT_REFRESH_MS = 3_000;

/** The jobs of a Flink cluster, whoever's they are, and the snapshots in its storage. */
export class ClusterJobs implements DisposalPort {
  /** When this process first saw a job as ended, by this machine's clock. */
  private readonly endSeen = new Map<string, number>();
  private refreshInterval: number | undefined;

  constructor(
    protected readonly client: FlinkClient,
    protected readonly clock: Clock,
  ) {}

  async progress(jobId: string): Promise<JobProgress | undefined> {
    const summary = await this.summaryOf(jobId);
    if (summary === undefined) return undefined;
    const { status, tasks } = summary;
    // What FINISHED by itself had tasks: this is all that a JobManager shows of a job that ended, or was stopped, before it.
    if (status === "FINISHED" && tasks.total === 0) return undefined;
    return {
      status,
      up: isUp(status, tasks),
      tasksRunning: tasks.running + tasks.finished,
      tasksTotal: tasks.total,
    };
  }

  async keepsEnd(jobId: string): Promise<boolean> {
    return !(await this.client.isInCharge(jobId));
  }

  /** Flink 2 tells it only of a job that has FAILED, and a cache may hold the job as it was while it was FAILING. */
  async failureOf(jobId: string): Promise<string | undefined> {
    const summary = await this.summaryOf(jobId);
    if (summary === undefined) return undefined;
    await this.whileStale(summary);
    return this.rootCauseOf(jobId);
  }

  async stopResult(jobId: string, triggerId: string): Promise<StopResult> {
    const operation = await this.client.savepointOperation(jobId, triggerId);
    if (operation.kind !== "failed") return operation;
    const { reason, savepointPath } = operation;
    return { kind: "failed", reason, ...(savepointPath === undefined ? {} : { path: savepointPath }) };
  }

  async neededSnapshots(): Promise<NeededSnapshot[]> {
    const active = (await this.client.jobs()).filter(({ status }) => !isTerminal(status));
    const needs = await this.needsOf(active);
    // Of a job that has just started, a cache may hold what was before it was started from anything.
    const unclear = active.filter(({ id, startTime }) => needs.get(id)?.kind === "empty" && this.isYoung(startTime));
    if (unclear.length > 0) {
      await this.clock.sleep(await this.cacheMs());
      for (const [id, need] of await this.needsOf(unclear)) needs.set(id, need);
    }
    return [...needs].flatMap(([jobId, need]) => (need.kind === "needs" ? [{ jobId, path: need.path }] : []));
  }

  private async needsOf(jobs: readonly JobSummary[]): Promise<Map<string, SnapshotNeed>> {
    const ids = jobs.map(({ id }) => id);
    const needs = await snapshotNeeds(this.client, ids);
    return new Map(needs.map((need, index) => [ids[index] ?? "", need]));
  }

  private isYoung(startTime: number): boolean {
    return this.clock.now() - startTime <= CERTAINLY_CACHED_MS;
  }

  beginDisposal(path: string): Promise<string> {
    return this.client.disposeSavepoint(path);
  }

  disposalResult(disposalId: string): Promise<DisposalOperation> {
    return this.client.disposalOperation(disposalId);
  }

  protected async whileStale({ id, status, endTime }: JobSummary): Promise<void> {
    if (!isTerminal(status)) return;
    const stale = await this.staleFor(id, endTime);
    if (stale > 0) await this.clock.sleep(stale);
  }

  /** The job as it is now; all else that Flink says of one job may come from a cache. */
  protected async summaryOf(jobId: string): Promise<JobSummary | undefined> {
    return (await this.client.jobs()).find(({ id }) => id === jobId);
  }

  protected async rootCauseOf(jobId: string): Promise<string | undefined> {
    return (await unlessMissing(() => this.client.exceptions(jobId)))?.rootCause;
  }

  /** How long Flink answers from its caches. */
  protected async cacheMs(): Promise<number> {
    this.refreshInterval ??= refreshIntervalMs(await this.client.clusterConfiguration());
    return this.refreshInterval;
  }

  private async staleFor(jobId: string, endTime: number | undefined): Promise<number> {
    if (endTime !== undefined && this.clock.now() - endTime > CERTAINLY_CACHED_MS) return 0;
    const firstSeen = this.endSeen.get(jobId) ?? this.clock.now();
    this.endSeen.set(jobId, firstSeen);
    return Math.max(0, firstSeen + (await this.cacheMs()) - this.clock.now());
  }
}

/** Flink's `web.refresh-interval`; what can't be read is taken as its default, and a longer one is not waited for. */
function refreshIntervalMs(configuration: Readonly<Record<string, string>>): number {
  const interval = parseFlinkDuration(configuration["web.refresh-interval"] ?? "");
  return interval === undefined ? DEFAULT_REFRESH_MS : Math.min(interval, CERTAINLY_CACHED_MS);
}

export function isUp(status: ObservedJob["status"], tasks: TaskCounts): boolean {
  return status === "RUNNING" && tasks.running > 0 && tasks.running + tasks.finished === tasks.total;
}
