import type { AppliedJob, Desired } from "./model";
import type { Plan, PlanInput } from "./planTypes";
import {
  jobMissingText,
  leftRunningText,
  noSavepointDirectoryText,
  notInImageText,
  severalJobsText,
  suspendWithoutItText,
  unansweredText,
  unreachableText,
} from "./words";
import { shortDigest } from "./ids";
import { wouldRefuseAgain } from "./jobMemory";
import { clustersOf } from "./placement";
import { newestKnownState } from "./restore";
import type { Refusal, RefusalCode } from "./refusals";
import type { CurrentJob, Sighting, Situation, Where } from "./situation";
import { snapshotPlaces } from "./snapshotPlaces";
import type { JobReference, RollbackPossibility, Settlement, Step, WithoutSavepoint } from "./steps";
import { isTerminal, type ClusterObservation, type Observation } from "./observation";

export function steps(list: readonly Step[], warnings: readonly string[] = []): Plan {
  return { kind: "steps", steps: list, warnings };
}

export function refuse(code: RefusalCode, message: string): Plan {
  return { kind: "refused", refusal: { code, message } };
}

export function settle(what: Settlement, warnings: readonly string[] = []): Plan {
  return steps([{ kind: "settle", what }], warnings);
}

/** The plan, which says of what runs and was given up by name that it is left so. */
export function withLeftBehind(plan: Plan, { desired }: PlanInput, { sightings }: Situation): Plan {
  if (plan.kind === "refused") return plan;
  const left = sightings.filter(
    ({ job }) => !isTerminal(job.status) && desired.policy.abandonedJobs.includes(job.jobId),
  );
  return left.length === 0
    ? plan
    : { ...plan, warnings: [...plan.warnings, ...left.map(({ job }) => leftRunningText(job.jobId))] };
}

/** Nothing is done to any job; the deployment follows its cluster. */
export function rest(input: PlanInput, situation: Situation, what: Settlement): Plan {
  const point = pointSteps(input, situation);
  return point.length > 0 ? steps(point) : settle(what);
}

/**
 * A deployment that no job runs for is on the cluster that is asked for, whichever its last job was on. The record
 * forgets the old cluster by it: what lies there goes before.
 */
export function pointSteps({ record, desired, observation }: PlanInput, { placementChanged }: Situation): Step[] {
  const { cluster } = desired;
  if (record?.applied === undefined || !placementChanged || cluster.kind !== "known") return [];
  const point: Step = { kind: "point", cluster: cluster.identity };
  return observation.target !== undefined && holdsArtifacts(observation.current)
    ? [{ kind: "cleanUp", keep: undefined, clusters: ["current"] }, point]
    : [point];
}

export function reference({ job, where }: Sighting): JobReference {
  return { jobId: job.jobId, generation: job.generation, where };
}

export function refuseSeveral(current: Extract<CurrentJob, { kind: "several" }>): Plan {
  return refuse("FLINK_SEVERAL_JOBS", severalJobsText(current.sightings));
}

export function refuseUnreachable(current: Extract<CurrentJob, { kind: "unreachable" }>, input: PlanInput): Plan {
  const { applied, transition } = input.record ?? {};
  // A job that nobody has recorded may run there: it is given up with the one that is named.
  const named = jobThatMayRun(input) ?? (transition === undefined ? undefined : (transition.tried ?? applied)?.jobId);
  return refuse("FLINK_CLUSTER_UNREACHABLE", unreachableText(current.reason, named));
}

export function refuseMissing({ record, desired, observation }: PlanInput, jobId: string, what: string): Plan {
  const tried = record?.transition?.tried;
  const { target } = clustersOf(record, desired);
  const isTry = tried?.jobId === jobId;
  const seen = isTry && tried.cluster.key === target?.key ? targetOf(observation) : observation.current;
  const memory = seen.kind === "reachable" ? seen.memory : undefined;
  const known = { record, places: snapshotPlaces(jobId, record, desired, seen) };
  const message =
    isTry && tried.fate === "unclear"
      ? unansweredText(tried, what, known, observation.time, wouldRefuseAgain(tried, memory, observation.time))
      : jobMissingText(jobId, what, known, observation.time);
  const suspends = desired.state === "SUSPENDED" ? ` ${suspendWithoutItText}` : "";
  return refuse("FLINK_JOB_MISSING", `${message}${suspends}`);
}

/** The cluster that the job is to run on, as it was observed. */
export function targetOf(observation: Observation): ClusterObservation {
  return observation.target ?? observation.current;
}

export function stopStep(
  input: PlanInput,
  sighting: Sighting,
  purpose: "upgrade" | "suspend" | "delete",
  withoutSavepoint: WithoutSavepoint,
): Extract<Step, { kind: "stop" }> {
  const { policy } = input.desired;
  return {
    kind: "stop",
    job: reference(sighting),
    purpose,
    awaitUp: !sighting.job.up,
    withoutSavepoint,
    targetDirectory: policy.savepointTargetDirectory,
    // A drained job has emitted what its windows held: only a job that is not to go on may be drained.
    drain: policy.drain && purpose !== "upgrade",
  };
}

/** Whether a stop of ours, of this run or an earlier one, goes on in Flink or has just come to its end. */
export function isBeingStopped(
  { observation }: Pick<PlanInput, "observation">,
  { job }: Pick<Sighting, "job">,
): boolean {
  return observation.stops.some((stop) => stop.jobId === job.jobId && stop.kind !== "failed");
}

/** Refuses a stop that has to take a savepoint where nothing says where to. */
export function savepointProblem(
  { desired, observation }: PlanInput,
  { job, where }: Sighting,
  withoutSavepoint: WithoutSavepoint,
): Refusal | undefined {
  const cluster = where === "current" ? observation.current : targetOf(observation);
  const isKnown = desired.policy.savepointTargetDirectory !== undefined || cluster.kind !== "reachable";
  // A stop that went on before may have been given a directory then.
  if (withoutSavepoint !== "REFUSE" || isKnown || cluster.savepointDirectory !== undefined) return undefined;
  if (isBeingStopped({ observation }, { job })) return undefined;
  return { code: "FLINK_NO_SAVEPOINT_DIRECTORY", message: noSavepointDirectoryText(job.jobId) };
}

/** The job that may run as far as the record knows, unless it was given up by name. */
export function jobThatMayRun({
  record,
  desired,
}: Pick<PlanInput, "record"> & { readonly desired: Pick<Desired, "policy"> }): string | undefined {
  const { applied, transition } = record ?? {};
  const tried = transition?.tried?.fate === "ended" ? undefined : transition?.tried?.jobId;
  const jobId = tried ?? (applied?.end === undefined ? applied?.jobId : undefined);
  return jobId !== undefined && !desired.policy.abandonedJobs.includes(jobId) ? jobId : undefined;
}

/** Refuses a cancel whose plan needs the newest checkpoint afterwards when Flink would delete it. */
export function cancelWouldLoseState(sighting: Sighting): Refusal | undefined {
  const { job } = sighting;
  // What lies nowhere but in the JobManager's memory ends with the job, whatever is retained.
  const isInMemory = job.newestState === undefined && job.completedCheckpoints > 0;
  const isDeleted = job.newestState?.origin === "RETAINED_CHECKPOINT" && job.retainsCheckpoints === false;
  if (!isInMemory && !isDeleted) return undefined;
  return {
    code: "FLINK_CHECKPOINTS_NOT_RETAINED",
    message:
      `Cancelling job ${job.jobId} would make Flink delete its checkpoints, and this transition needs the newest one. ` +
      "Nothing was changed. Let the job retain them (execution.checkpointing.externalized-checkpoint-retention: " +
      "RETAIN_ON_CANCELLATION, and a directory for them: execution.checkpointing.dir, state.checkpoints.dir before Flink " +
      '1.20), upgrade with a savepoint (upgradeStrategy "STATEFUL"), or do without the state ' +
      '(restoreStrategy "NONE").',
  };
}

/** Whether there are jars of this deployment on a cluster that answers. */
export function holdsArtifacts(cluster: ClusterObservation | undefined): boolean {
  return cluster?.kind === "reachable" && cluster.heldArtifacts.length > 0;
}

/** Jars of this deployment that nothing uses once the plan has ended well. */
export function cleanUpSteps(input: PlanInput): Step[] {
  const { desired, observation } = input;
  if (desired.job.kind === "unknown") return [];
  const keep = desired.job.spec.artifactSha256;
  const unused = (cluster: ClusterObservation | undefined): boolean =>
    cluster?.kind === "reachable" && cluster.heldArtifacts.some((sha256) => sha256 !== keep);
  const clusters: Where[] = [];
  if (observation.target === undefined) {
    if (unused(observation.current)) clusters.push("target");
  } else {
    if (holdsArtifacts(observation.current)) clusters.push("current");
    if (unused(observation.target)) clusters.push("target");
  }
  return clusters.length === 0 ? [] : [{ kind: "cleanUp", keep, clusters }];
}

/** Whether a job of this artifact can be submitted there as it is. */
function offersArtifact(cluster: ClusterObservation, sha256: string): boolean {
  if (cluster.kind !== "reachable") return false;
  return cluster.heldArtifacts.includes(sha256) || cluster.imageArtifacts?.includes(sha256) === true;
}

/** Refuses a job whose jar is to be in the image of a cluster that does not offer it. */
export function imageProblem({ desired, observation, imagePath }: PlanInput, cluster: string): Refusal | undefined {
  const target = targetOf(observation);
  if (imagePath === undefined || desired.job.kind === "unknown" || target.kind !== "reachable") return undefined;
  return offersArtifact(target, desired.job.spec.artifactSha256)
    ? undefined
    : { code: "FLINK_ARTIFACT_NOT_IN_IMAGE", message: notInImageText(imagePath, cluster) };
}

/** Uploads the artifact to the target unless it is already there. */
export function uploadSteps(input: PlanInput, clusterName: string): Step[] {
  const { desired, observation } = input;
  const sha256 = desired.job.kind === "known" ? desired.job.spec.artifactSha256 : undefined;
  const target = targetOf(observation);
  if (input.imagePath !== undefined || (sha256 !== undefined && offersArtifact(target, sha256))) return [];
  return [
    { kind: "upload", sha256: sha256 ?? "", fileName: input.artifactName ?? "the artifact", cluster: clusterName },
  ];
}

/** Whether the job that is about to be replaced could be brought back. */
export function rollbackPossibility(input: PlanInput, situation: Situation): RollbackPossibility {
  const { record, desired, observation } = input;
  const applied = record?.applied;
  const { current } = situation;
  if (!desired.policy.rollback || applied === undefined) return { kind: "none" };
  const end = applied.end ?? situation.seenEnd;
  // A try that goes on is no old job: what it replaced is.
  const replaces = current.kind === "active" && !current.isWanted;
  if (!replaces && end?.kind !== "REPLACED") return { kind: "none" };
  if (asksFor(desired, applied)) return { kind: "none" };
  if (replaces && current.sighting.job.digest !== shortDigest(applied.digest)) {
    return {
      kind: "impossible",
      why: "the running job was started by an update that was interrupted before it recorded it",
    };
  }
  if (clustersOf(record, desired).current?.key !== applied.cluster.key) {
    return { kind: "impossible", why: "the last try was on another cluster than the old job" };
  }
  if (observation.current.kind === "unknown") return { kind: "possible" };
  if (observation.current.kind !== "reachable") {
    return { kind: "impossible", why: "the old cluster does not answer" };
  }
  if (!offersArtifact(observation.current, applied.job.artifactSha256)) {
    return { kind: "impossible", why: "the old cluster no longer holds the old jar" };
  }
  return { kind: "possible" };
}

/** Whether the old job itself is asked for again, as when the program is reverted: it has had its attempts. */
function asksFor({ job, cluster }: Desired, old: AppliedJob): boolean {
  const sameJob = job.kind === "known" && job.digest === old.digest;
  return sameJob && cluster.kind === "known" && cluster.identity.key === old.cluster.key;
}

/** The newest snapshot by LATEST_STATE, whatever the strategy says: what a message can name. */
export function newestAnyhow(input: PlanInput, situation: Situation): ReturnType<typeof newestKnownState> {
  return newestKnownState(input.record, input.desired.policy, situation, "LATEST_STATE");
}
