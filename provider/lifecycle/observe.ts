import { isUnreachable } from "./errors";
import { deriveStopTriggerId, newestFirst } from "./ids";
import type { DeploymentRecord, Desired } from "./model";
import {
  isTerminal,
  type ClusterObservation,
  type Observation,
  type ObservedJob,
  type StopOperation,
} from "./observation";
import type { Clock, ClusterPort } from "./ports";
import { placementDiffers } from "./placement";
import { rememberedAttempts } from "./triggers";
import { storageArguments } from "./storageArguments";

/** The clusters of a transition; `target` is undefined while it is the same as `current`, not made yet, or not asked for. */
export interface ObservedClusters {
  readonly current: ClusterPort | undefined;
  readonly target: ClusterPort | undefined;
}

/** Whether the platform says that nothing of a cluster runs any more. */
export type GoneCheck = (port: ClusterPort) => Promise<boolean>;

/** Asks Flink, by reads alone, what a plan needs to know. A cluster that does not answer is an observation too. */
export async function observe(
  record: DeploymentRecord | undefined,
  desired: Desired,
  clusters: ObservedClusters,
  clock: Clock,
  isGone: GoneCheck,
): Promise<Observation> {
  const moved = placementDiffers(record, desired);
  const withMachines = storageArguments(desired).length > 0;
  const [current, seenTarget] = await Promise.all([
    look(clusters.current, withMachines, isGone),
    // Without a port the cluster asked for is still to be made, or to be changed in place (preview only).
    moved || (clusters.target === undefined && desired.cluster.kind !== "none")
      ? look(clusters.target, withMachines, isGone)
      : undefined,
  ]);
  const isSameCluster = showSameJob(current, seenTarget);
  const target = isSameCluster ? undefined : seenTarget;
  const seen: Seen[] = [
    { which: "current", cluster: current, port: clusters.current },
    { which: "target", cluster: target, port: clusters.target },
  ];
  const newest = newestJob(seen, desired.policy.abandonedJobs);
  const seenSoFar = { time: clock.now(), current, target, isSameCluster, stops: [] };
  if (newest === undefined) return seenSoFar;
  try {
    return { ...seenSoFar, stops: await stopsOf(newest.port, desired.uid, newest.job) };
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return { ...seenSoFar, [newest.which]: { kind: "unreachable", reason: error.message } };
  }
}

/** A job that two clusters show with one start time is one job: they are one cluster with two addresses. */
function showSameJob(one: ClusterObservation, other: ClusterObservation | undefined): boolean {
  if (one.kind !== "reachable" || other?.kind !== "reachable") return false;
  return one.jobs.some(({ jobId, startTime }) =>
    other.jobs.some((job) => job.jobId === jobId && job.startTime === startTime),
  );
}

async function look(
  port: ClusterPort | undefined,
  withMachines: boolean,
  isGone: GoneCheck,
): Promise<ClusterObservation> {
  if (port === undefined) return { kind: "unknown" };
  try {
    return await port.observe(withMachines);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    if (!(await isGone(port))) return { kind: "unreachable", reason: error.message };
    return { kind: "gone", jobs: (await port.lostJobs?.()) ?? [] };
  }
}

interface Seen {
  readonly which: "current" | "target";
  readonly cluster: ClusterObservation | undefined;
  readonly port: ClusterPort | undefined;
}

/** The job whose stop a transition could have begun: the newest that is active, else the newest of all. */
function newestJob(clusters: readonly Seen[], abandonedJobs: readonly string[]) {
  const jobs = clusters
    .flatMap(({ which, cluster, port }) =>
      cluster?.kind === "reachable" && port !== undefined ? cluster.jobs.map((job) => ({ job, port, which })) : [],
    )
    .sort((a, b) => newestFirst(a.job, b.job));
  return jobs.find(({ job }) => !isTerminal(job.status) && !abandonedJobs.includes(job.jobId)) ?? jobs[0];
}

/** All our stop triggers of a job that Flink still remembers, oldest attempt first. */
async function stopsOf(port: ClusterPort, uid: string, { jobId, generation }: ObservedJob): Promise<StopOperation[]> {
  const stops = await rememberedAttempts(port.identity.name, (attempt) =>
    port.stopResult(jobId, deriveStopTriggerId(uid, generation, attempt)),
  );
  return stops.map((stop) => ({ ...stop, jobId }));
}
