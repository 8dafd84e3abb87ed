import { configuration } from "../engine/configuration";
import { plainOutputs } from "../engine/plainOutputs";
import { observe } from "../lifecycle/observe";
import type { DeploymentState, Happening, Policy, Snapshot } from "../lifecycle/model";
import { isTerminal, type ClusterObservation, type ObservedJob } from "../lifecycle/observation";
import { remembered } from "../lifecycle/snapshotHistory";
import { openClusters } from "./clusters";
import { conditionsOf, refreshedConditions, type JobSeen } from "./conditions";
import { desiredOf } from "./desired";
import { historyOf } from "./history";
import { systemClock } from "./clock";
import { openLog } from "./resourceRow";
import { redactorOf, withoutSecrets } from "./secrets";
import { tooLate, within } from "./within";
import { recordOf, type DeploymentOutputs, type DeploymentStatus } from "./outputs";
import { activeOutputs } from "./outputsOf";

/** How long a refresh waits for a cluster. */
const REFRESH_TIMEOUT_MS = 20_000;

/**
 * The deployment as Flink shows it now: status, jobs and savepoints, never the applied specification.
 * Never throws: a cluster that does not answer is the old outputs with the condition ClusterUnreachable.
 */
export async function readDeployment(
  olds: DeploymentOutputs,
  timeoutMs: number = REFRESH_TIMEOUT_MS,
): Promise<DeploymentOutputs> {
  const log = openLog(olds);
  try {
    const settings = await configuration.settings();
    const record = recordOf(olds);
    const { applied } = record;
    if (applied === undefined || applied.end !== undefined) return olds;
    const desired = desiredOf(olds, olds.uid, applied.job.artifactSha256, settings);
    const clusters = openClusters(desired, olds, olds.cluster, "state");
    try {
      const { current } = await within<{ current: ClusterObservation }>(
        timeoutMs,
        observe(record, desired, clusters, systemClock, clusters.isGone),
        () => ({ current: { kind: "unreachable", reason: tooLate(timeoutMs) } }),
      );
      return withoutSecrets(refreshed(olds, current, applied.jobId, desired.policy), redactorOf(olds));
    } finally {
      await clusters.close();
    }
  } catch (error) {
    log.warn(`The deployment could not be refreshed: ${error instanceof Error ? error.message : String(error)}`);
    return olds;
  } finally {
    await log.flush();
  }
}

function refreshed(
  olds: DeploymentOutputs,
  current: ClusterObservation,
  jobId: string,
  policy: Policy,
): DeploymentOutputs {
  const now = systemClock.now();
  switch (current.kind) {
    case "unknown":
      return olds;
    case "gone": {
      const job = current.jobs?.find((candidate) => candidate.jobId === jobId);
      const unreachable = withConditions(olds, { unreachable: "The cluster's JobManager does not run." }, now);
      return job === undefined ? unreachable : withJob(unreachable, job, jobId, policy, now);
    }
    case "unreachable":
      return withConditions(olds, { unreachable: current.reason }, now);
    case "reachable": {
      const job = current.jobs.find((candidate) => candidate.jobId === jobId);
      return withJob(withConditions(olds, { restarts: job?.restarts }, now), job, jobId, policy, now);
    }
  }
}

function withConditions(olds: DeploymentOutputs, seen: JobSeen, now: number): DeploymentOutputs {
  const { running } = olds.status;
  if (running === undefined) return olds;
  const conditions = refreshedConditions(running.conditions, seen, new Date(now).toISOString());
  // A refresh that finds nothing new changes nothing.
  if (conditions === running.conditions) return olds;
  return { ...olds, status: { ...olds.status, running: { ...running, conditions } } };
}

function withJob(
  olds: DeploymentOutputs,
  job: ObservedJob | undefined,
  jobId: string,
  policy: Policy,
  now: number,
): DeploymentOutputs {
  const record = recordOf(olds);
  const seen = job === undefined ? record.snapshots : withSnapshots(record.snapshots, job);
  const snapshots = remembered({ ...record, snapshots: seen }, policy, now);
  const found = foundState(olds, job);
  const happened = found === olds.status.state ? [] : foundOut(job, jobId, now);
  const history = historyOf(olds, { ...record, snapshots, happened }, olds.maxEvents, olds.savepointFormatType);
  const isActive = job !== undefined && !isTerminal(job.status);
  return plainOutputs({
    ...olds,
    ...history,
    // The record itself is the next update's to change.
    ...activeOutputs(isActive ? record : { ...record, applied: undefined }, { policy }, olds.record.endpoints),
    status: {
      ...statusOf(olds.status, found, job, now),
      running: isActive ? runningOf(olds.status, jobId, { restarts: job.restarts }, now) : undefined,
    },
    record: { ...olds.record, snapshots },
  });
}

/** The job that runs: as it was told before, unless it was not seen to run then. */
function runningOf(
  { running }: DeploymentStatus,
  jobId: string,
  seen: JobSeen,
  now: number,
): DeploymentStatus["running"] {
  const time = new Date(now).toISOString();
  return running ?? { jobId, transitionTime: time, conditions: conditionsOf(undefined, seen, time) };
}

/** What the event log says of a job that is not what it was. */
function foundOut(job: ObservedJob | undefined, jobId: string, time: number): Happening[] {
  if (job === undefined) {
    return [{ kind: "note", time, reason: "Missing", message: `Flink does not know job ${jobId} any more` }];
  }
  const state = endedAs(job);
  if (state === undefined) return [];
  return [{ kind: "ended", time, jobId, state, ...(job.failure === undefined ? {} : { message: job.failure }) }];
}

function endedAs(job: ObservedJob): "TERMINATED" | "FINISHED" | "FAILED" | undefined {
  switch (job.status) {
    case "FAILED":
      return "FAILED";
    case "FINISHED":
      return "FINISHED";
    case "CANCELED":
      return "TERMINATED";
    default:
      return undefined;
  }
}

/** The deployment's state by what became of its job. FAILED by a transition stays so until one succeeds. */
function foundState({ status }: DeploymentOutputs, job: ObservedJob | undefined): DeploymentState {
  switch (job?.status) {
    case undefined:
      return status.state === "RUNNING" ? "FAILED" : status.state;
    case "FAILED":
      return "FAILED";
    case "FINISHED":
      return "FINISHED";
    case "CANCELED":
      return "CANCELLED";
    default:
      return status.failure?.reason === "TransitionFailed" ? status.state : "RUNNING";
  }
}

function statusOf(
  before: DeploymentStatus,
  state: DeploymentState,
  job: ObservedJob | undefined,
  now: number,
): DeploymentStatus {
  if (state === before.state && before.failure?.reason !== "JobFailed") return before;
  const { failure, ...rest } = before;
  if (state !== "FAILED") return { ...rest, state };
  if (before.failure !== undefined) return before;
  const message =
    job === undefined
      ? "Flink does not know the job any more."
      : `The job is ${job.status}${job.failure === undefined ? "" : `: ${job.failure}`}`;
  return { ...rest, state, failure: { reason: "JobFailed", message, time: new Date(now).toISOString() } };
}

/**
 * Of a job's checkpoints only the newest can be relied on: Flink deletes the older ones. A savepoint that somebody asked
 * Flink for stays beside it.
 */
function withSnapshots(
  snapshots: readonly Snapshot[],
  { jobId, newestState, newestSavepoint }: ObservedJob,
): readonly Snapshot[] {
  const isKnown = ({ path }: Snapshot): boolean => snapshots.some((snapshot) => snapshot.path === path);
  const found = [newestState, newestSavepoint].filter((snapshot) => snapshot !== undefined);
  if (snapshots[0]?.path === newestState?.path && found.every(isKnown)) return snapshots;
  const paths = new Set(found.map(({ path }) => path));
  const others = snapshots.filter(
    ({ path, origin, jobId: of }) => !paths.has(path) && !(origin === "RETAINED_CHECKPOINT" && of === jobId),
  );
  const newest = [...paths].flatMap(
    (path) => [...snapshots, ...found].find((snapshot) => snapshot.path === path) ?? [],
  );
  return [...newest, ...others];
}
