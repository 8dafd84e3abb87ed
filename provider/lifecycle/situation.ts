import { isSameSnapshot } from "../values/snapshotPath";
import { MAX_ATTEMPT, newestFirst, nextGeneration, shortDigest } from "./ids";
import { mayBeAtWork, neverArrived, wouldRefuseAgain } from "./jobMemory";
import { clustersOf, placementDiffers } from "./placement";
import type { AppliedJob, DeploymentRecord, Desired, JobEnd, Snapshot, TriedJob } from "./model";
import { isTerminal, type ClusterObservation, type Observation, type ObservedJob } from "./observation";
import { haveLostState, recordedJobs, stateOfTries, type RecordedJob, type TriedState } from "./tries";

/** Which of the two clusters of a transition. "target" is also "current" where they are one. */
export type Where = "current" | "target";

/** A job of this deployment together with the cluster it was seen on. */
export interface Sighting {
  readonly job: ObservedJob;
  readonly where: Where;
}

/** What has become of the deployment's newest job. */
export type CurrentJob =
  /** Nothing ever came up, and no try is left. */
  | { readonly kind: "none" }
  | { readonly kind: "active"; readonly sighting: Sighting; readonly isWanted: boolean }
  | { readonly kind: "failed"; readonly sighting: Sighting }
  /** CANCELED, and the record does not say by us. */
  | { readonly kind: "cancelled"; readonly sighting: Sighting }
  /** Ended by itself; `isWanted`: it is the very job that is asked for. */
  | { readonly kind: "finished"; readonly sighting?: Sighting; readonly isWanted: boolean }
  /** Ended by our hand: the record says so, or its last snapshot is a stop's of ours. */
  | { readonly kind: "endedByUs"; readonly end: JobEnd; readonly jobId: string; readonly sighting?: Sighting }
  /** The record knows a job that its cluster does not. */
  | { readonly kind: "missing"; readonly jobId: string }
  | { readonly kind: "unreachable"; readonly which: Where; readonly reason: string }
  | { readonly kind: "unobserved" }
  | { readonly kind: "several"; readonly sightings: readonly Sighting[] };

/** The facts a plan is made from. */
export interface Situation {
  readonly current: CurrentJob;
  /** All sightings, newest job first. */
  readonly sightings: readonly Sighting[];
  /** Jobs that an unfinished transition started: newer than what the record says was up. */
  readonly tries: readonly Sighting[];
  readonly triedState?: TriedState;
  /** The newest of them that completed a checkpoint has lost it. */
  readonly triesLostState: boolean;
  /** How Flink shows that the recorded job ended by our hand, where the record does not know it yet. */
  readonly seenEnd?: JobEnd;
  /** A submission that was not answered and may still be carried out, and until when. */
  readonly arriving?: { readonly jobId: string; readonly until: number };
  /** Where the next start begins counting. */
  readonly next: { readonly generation: number; readonly attempt: number };
  /** The job that runs, or ran, differs from what is asked for. */
  readonly jobChanged: boolean;
  /** The cluster differs from where the job runs, or ran. */
  readonly placementChanged: boolean;
}

function jobsOf(cluster: ClusterObservation | undefined): readonly ObservedJob[] {
  return cluster?.kind === "reachable" || cluster?.kind === "gone" ? (cluster.jobs ?? []) : [];
}

function sightingsOf(observation: Observation, placementChanged: boolean): Sighting[] {
  // A cluster that is to be changed in place is both, though its new address is not known yet.
  const onTarget = !placementChanged;
  const current = jobsOf(observation.current).map((job): Sighting => ({ job, where: onTarget ? "target" : "current" }));
  const target = jobsOf(observation.target).map((job): Sighting => ({ job, where: "target" }));
  return [...current, ...target].sort((a, b) => newestFirst(a.job, b.job));
}

/**
 * The snapshot of a stop that is known to be complete, from the job itself or from the result of a trigger of ours. Only
 * the latter tells that the savepoint is ours: anybody can stop a job.
 */
function completedStop(observation: Observation, job: ObservedJob, origin: Snapshot["origin"]): Snapshot | undefined {
  const { newestSavepoint } = job;
  const results = observation.stops.filter(({ jobId }) => jobId === job.jobId);
  if (job.endedByStop && newestSavepoint !== undefined) {
    const isOurs = results.some((stop) => stop.kind === "completed" && isSameSnapshot(stop.path, newestSavepoint.path));
    return isOurs ? { ...newestSavepoint, origin } : newestSavepoint;
  }
  for (const stop of results.toReversed()) {
    if (stop.kind === "inProgress" || stop.path === undefined) continue;
    // A job that failed to stop after its savepoint may have gone on: then what it completed later is newer.
    if (
      stop.kind === "completed" ? job.status === "FINISHED" : isTerminal(job.status) && job.newestState === undefined
    ) {
      return { path: stop.path, time: observation.time, origin, jobId: job.jobId };
    }
  }
  return undefined;
}

/** What Flink shows of an end that a killed process brought about and could not record. */
function endSeen(
  applied: AppliedJob | undefined,
  observation: Observation,
  { job }: Sighting,
  tries: readonly Sighting[],
  origin: Snapshot["origin"],
): JobEnd | undefined {
  if (applied === undefined || applied.end !== undefined || !isTerminal(job.status)) return undefined;
  const snapshot = completedStop(observation, job, origin);
  if (snapshot !== undefined) return { kind: "REPLACED", snapshot };
  // Only an upgrade without a savepoint cancels a job and then tries another.
  return job.status === "CANCELED" && tries.length > 0 ? { kind: "REPLACED", snapshot: job.newestState } : undefined;
}

function terminalJob(
  applied: AppliedJob | undefined,
  observation: Observation,
  sighting: Sighting,
  isWanted: boolean,
  origin: Snapshot["origin"],
): CurrentJob {
  const { job } = sighting;
  const recordedEnd = applied?.jobId === job.jobId ? applied.end : undefined;
  if (recordedEnd !== undefined) {
    return recordedEnd.kind === "FINISHED"
      ? { kind: "finished", sighting, isWanted }
      : { kind: "endedByUs", end: recordedEnd, jobId: job.jobId, sighting };
  }
  const snapshot = completedStop(observation, job, origin);
  if (snapshot !== undefined) {
    return { kind: "endedByUs", end: { kind: "REPLACED", snapshot }, jobId: job.jobId, sighting };
  }
  if (job.status === "FINISHED") return { kind: "finished", sighting, isWanted };
  // An active job gets here only when it was given up by name: it counts as one that somebody else cancelled.
  return job.status === "FAILED" ? { kind: "failed", sighting } : { kind: "cancelled", sighting };
}

function jobFromRecord(applied: AppliedJob | undefined, desired: Desired, observation: Observation): CurrentJob {
  if (applied === undefined) return { kind: "none" };
  if (applied.end?.kind === "FINISHED") return { kind: "finished", isWanted: false };
  if (applied.end !== undefined) return { kind: "endedByUs", end: applied.end, jobId: applied.jobId };
  switch (observation.current.kind) {
    case "reachable":
    case "gone":
      return { kind: "missing", jobId: applied.jobId };
    case "unreachable":
      return desired.policy.abandonedJobs.includes(applied.jobId)
        ? { kind: "missing", jobId: applied.jobId }
        : { kind: "unreachable", which: "current", reason: observation.current.reason };
    case "unknown":
      return { kind: "unobserved" };
  }
}

/**
 * A job that a process which was killed, or cut off, may have left on the cluster asked for, while that does not answer:
 * only a record that says that the job has ended, and of nothing unfinished, says that there is none.
 */
function unanswered(
  record: DeploymentRecord | undefined,
  desired: Desired,
  observation: Observation,
): Extract<CurrentJob, { kind: "unreachable" }> | undefined {
  const wanted = observation.target ?? observation.current;
  if (wanted.kind !== "unreachable") return undefined;
  const { applied, transition } = record ?? {};
  const named = [applied?.jobId, transition?.tried?.jobId].filter((jobId) => jobId !== undefined);
  const isGivenUp = named.some((jobId) => desired.policy.abandonedJobs.includes(jobId));
  return isGivenUp || (applied?.end !== undefined && transition === undefined)
    ? undefined
    : { kind: "unreachable", which: "target", reason: wanted.reason };
}

/** A try that the record knows and Flink does not show, and what its cluster says. */
function triedUnseen(
  record: DeploymentRecord | undefined,
  desired: Desired,
  observation: Observation,
  sightings: readonly Sighting[],
): { tried: TriedJob; where: Where; seen: ClusterObservation } | undefined {
  const tried = record?.transition?.tried;
  if (tried === undefined || tried.fate === "ended" || sightings.some(({ job }) => job.jobId === tried.jobId)) {
    return undefined;
  }
  const where = clusterKeys(record, desired).find(({ key }) => key === tried.cluster.key)?.which;
  const seen = where === undefined ? undefined : observation[where];
  if (where === undefined || seen === undefined || desired.policy.abandonedJobs.includes(tried.jobId)) return undefined;
  return { tried, where, seen };
}

/** A try that is not seen: on a cluster that does not answer, or forgotten. */
function hiddenTry(
  unseen: ReturnType<typeof triedUnseen>,
  observation: Observation,
  isAskedAgain: boolean,
): CurrentJob | undefined {
  if (unseen === undefined) return undefined;
  const { tried, where, seen } = unseen;
  const { jobId } = tried;
  if (seen.kind === "unreachable") return { kind: "unreachable", which: where, reason: seen.reason };
  if (seen.kind === "unknown") return undefined;
  // Whether an unanswered submission had arrived, submitting it again under its id will tell.
  const isNowhere = tried.fate === "unclear" && (isAskedAgain || neverArrived(tried, seen, observation.time));
  return isNowhere ? undefined : { kind: "missing", jobId };
}

/** The job's main method may take until jobSubmissionTimeout is over: its job is submitted only then. */
function arrivingTry(unseen: ReturnType<typeof triedUnseen>, { policy }: Desired, now: number): Situation["arriving"] {
  if (unseen === undefined || unseen.seen.kind !== "reachable") return undefined;
  const { tried, seen } = unseen;
  if (tried.fate !== "unclear" || tried.submission === undefined) return undefined;
  const until = tried.submission.time + policy.submissionTimeoutMs;
  return now < until && mayBeAtWork(tried.submission, seen.memory) ? { jobId: tried.jobId, until } : undefined;
}

function clusterKeys(
  record: DeploymentRecord | undefined,
  desired: Desired,
): { which: Where; key: string | undefined }[] {
  const { current, target } = clustersOf(record, desired);
  return [
    { which: "current", key: current?.key },
    { which: "target", key: target?.key },
  ];
}

/** What the newest job's fate is read from. */
interface Known {
  readonly record: DeploymentRecord | undefined;
  /** The record's job, with its end where Flink shows one that the record does not know yet. */
  readonly applied: AppliedJob | undefined;
  readonly desired: Desired;
  readonly observation: Observation;
  readonly sightings: readonly Sighting[];
  readonly tries: readonly Sighting[];
  /** A try that the record knows and Flink does not show. */
  readonly unseen: ReturnType<typeof triedUnseen>;
  /** It is submitted again under its id. */
  readonly isAskedAgain: boolean;
  /** Whether it is the very job that is asked for, where it is asked for. */
  readonly matches: (sighting: Sighting) => boolean;
  readonly origin: Snapshot["origin"];
}

function currentJob(known: Known): CurrentJob {
  const { record, applied, desired, observation, sightings, tries, unseen, isAskedAgain, matches, origin } = known;
  const [only, ...others] = sightings.filter(
    ({ job }) => !isTerminal(job.status) && !desired.policy.abandonedJobs.includes(job.jobId),
  );
  if (only !== undefined && others.length > 0) return { kind: "several", sightings: [only, ...others] };
  if (only !== undefined) return { kind: "active", sighting: only, isWanted: matches(only) };
  const hidden = hiddenTry(unseen, observation, isAskedAgain) ?? unanswered(record, desired, observation);
  if (hidden !== undefined) return hidden;
  const [newest] = sightings;
  if (newest !== undefined && (tries.includes(newest) || newest.job.jobId === applied?.jobId)) {
    // A try that ended says nothing about a recorded job that is not seen: that one may still run, or its end may
    // have left the newest state. Only a try that was restored proves that the recorded job had ended before.
    const isSeen = sightings.some(({ job }) => job.jobId === applied?.jobId);
    const recordedEnded = applied === undefined || applied.end !== undefined || isSeen;
    const restored = tries.some(({ job }) => job.newestState !== undefined || job.restoredFrom !== undefined);
    if (recordedEnded || (restored && observation.current.kind !== "unreachable")) {
      return terminalJob(applied, observation, newest, matches(newest), origin);
    }
  }
  return jobFromRecord(applied, desired, observation);
}

/** Reads record, wish and observation into the one question that the decision tables ask: what became of the job? */
export function situationOf(
  record: DeploymentRecord | undefined,
  desired: Desired,
  observation: Observation,
): Situation {
  const recorded = record?.applied;
  const placementChanged = placementDiffers(record, desired) && observation.isSameCluster !== true;
  const digest = desired.job.kind === "known" ? shortDigest(desired.job.digest) : undefined;
  const jobChanged = recorded !== undefined && shortDigest(recorded.digest) !== digest;
  const origin = desired.state === "RUNNING" ? "UPGRADE" : "SUSPEND";

  const sightings = sightingsOf(observation, placementChanged);
  const isTry = (job: { generation: number; attempt: number }): boolean =>
    recorded === undefined || newestFirst(job, recorded) < 0;
  const tries = sightings.filter(({ job }) => isTry(job));
  const recordedTries = recordedJobs(record, desired.uid);
  const triedJobs = tries.map(({ job }) => job);
  const own = sightings.find(({ job }) => job.jobId === recorded?.jobId);
  const seenEnd = own === undefined ? undefined : endSeen(recorded, observation, own, tries, origin);
  const applied = recorded === undefined || seenEnd === undefined ? recorded : { ...recorded, end: seenEnd };
  const matches = ({ job, where }: Sighting): boolean =>
    job.digest === digest && where === "target" && (isTry(job) || !placementChanged);

  const askedAgain = unansweredStart(record, desired, observation, sightings, recordedTries);
  const isAskedAgain = askedAgain !== undefined;
  const unseen = triedUnseen(record, desired, observation, sightings);
  const facts = {
    record,
    applied,
    desired,
    observation,
    sightings,
    tries,
    unseen,
    isAskedAgain,
    matches,
    origin,
  } as const;
  return {
    current: currentJob(facts),
    sightings,
    tries,
    triedState: stateOfTries(desired, triedJobs, recordedTries.filter(isTry)),
    triesLostState: haveLostState(triedJobs),
    seenEnd,
    arriving: isAskedAgain ? undefined : arrivingTry(unseen, desired, observation.time),
    next:
      askedAgain ?? nextStart([...(recorded === undefined ? [] : [recorded]), ...recordedTries], sightings, matches),
    jobChanged,
    placementChanged,
  };
}

/** A submission that was not answered is made again under its id where Flink tells then whether it had arrived. */
function unansweredStart(
  record: DeploymentRecord | undefined,
  desired: Desired,
  observation: Observation,
  sightings: readonly Sighting[],
  recordedTries: readonly RecordedJob[],
): Situation["next"] | undefined {
  const tried = record?.transition?.tried;
  const [newest] = recordedTries;
  const isAsked =
    desired.state === "RUNNING" &&
    tried?.fate === "unclear" &&
    newest?.jobId === tried.jobId &&
    desired.job.kind === "known" &&
    newest.digest === shortDigest(desired.job.digest) &&
    desired.cluster.kind === "known" &&
    desired.cluster.identity.key === tried.cluster.key;
  const isNewest = newest !== undefined && sightings.every(({ job }) => newestFirst(newest, job) < 0);
  const seen = observation.target ?? observation.current;
  const wouldTell =
    tried !== undefined && (seen.kind !== "reachable" || wouldRefuseAgain(tried, seen.memory, observation.time));
  return isAsked && isNewest && wouldTell ? { generation: newest.generation, attempt: newest.attempt } : undefined;
}

function nextStart(
  recorded: readonly Situation["next"][],
  sightings: readonly Sighting[],
  matches: (sighting: Sighting) => boolean,
): Situation["next"] {
  const [newest] = [...sightings.map(({ job }) => job), ...recorded].sort(newestFirst);
  if (newest === undefined) return { generation: 1, attempt: 0 };
  const { generation } = newest;
  const inNewest = sightings.filter(({ job }) => job.generation === generation);
  const attempt = newest.attempt + 1;
  return inNewest.length > 0 && inNewest.every(matches) && attempt <= MAX_ATTEMPT
    ? { generation, attempt }
    : { generation: nextGeneration(generation), attempt: 0 };
}
