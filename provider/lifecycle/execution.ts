import { shortDigest } from "./ids";
import type { Ledger } from "./ledger";
import type { Desired } from "./model";
import { isTerminal, type ClusterObservation, type JobMemory, type Observation } from "./observation";
import type { Clock, ClusterPort, Reporter, Upload } from "./ports";
import type { Situation, Where } from "./situation";
import type { WaitContext } from "./waiting";

/** Everything the steps of one transition share. */
export interface ExecutionContext extends WaitContext {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly ledger: Ledger;
  readonly desired: Desired;
  readonly situation: Situation;
  readonly observation: Observation;
  /** Undefined where there is none: a deployment that is not to run may have no target. */
  readonly clusters: { readonly current: ClusterPort | undefined; readonly target: ClusterPort | undefined };
  /** Fetches the artifact when it is first needed. */
  readonly artifact: () => Promise<Upload>;
}

/** The cluster a step speaks of. */
export function clusterOf({ clusters }: Pick<ExecutionContext, "clusters">, where: Where): ClusterPort {
  const port = where === "target" ? (clusters.target ?? clusters.current) : clusters.current;
  if (port === undefined) throw new Error(`the plan speaks of the ${where} cluster, and there is none`);
  return port;
}

/** What a cluster said when this transition was planned. */
export function observationOf({ clusters, observation }: ExecutionContext, cluster: ClusterPort): ClusterObservation {
  const { current, target = current } = observation;
  return cluster === clusters.target ? target : current;
}

/** What its JobManager remembered then. */
export function memoryOf(context: ExecutionContext, cluster: ClusterPort): JobMemory | undefined {
  const seen = observationOf(context, cluster);
  return seen.kind === "reachable" ? seen.memory : undefined;
}

/** Takes a try of the very job that is asked for into the record, before its end is written there. */
export function adoptTry({ ledger, desired, situation, clusters, clock }: ExecutionContext, jobId: string): void {
  const sighting = situation.sightings.find(({ job }) => job.jobId === jobId);
  if (sighting === undefined || desired.job.kind !== "known" || ledger.record.applied?.jobId === jobId) return;
  const { job, where } = sighting;
  if (job.digest !== shortDigest(desired.job.digest)) return;
  ledger.adopted({
    jobId,
    generation: job.generation,
    attempt: job.attempt,
    job: desired.job.spec,
    digest: desired.job.digest,
    cluster: clusterOf({ clusters }, where).identity,
    restoredFrom: job.restoredFrom,
    startedAt: job.startTime || clock.now(),
  });
}

/** What a job left that ended by itself, and that nothing is done about now: Flink may have forgotten it when it is needed. */
export function keepLeft(ledger: Ledger, { current }: Situation): void {
  if (current.kind !== "failed" && current.kind !== "cancelled") return;
  const { jobId, status, newestState } = current.sighting.job;
  if (newestState !== undefined && isTerminal(status)) ledger.seenLeft(jobId, newestState);
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 10_000;

/** The pause before the attempt that follows `failures` failed ones. */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** Math.max(0, failures - 1), LONGEST_BACKOFF_MS);
}
