import { sha256Hex } from "../../../provider/values/canonicalJson";
import { deriveJobId, shortDigest } from "../../../provider/lifecycle/ids";
import { jobSpecDigest, type JobSpec } from "../../../provider/lifecycle/jobSpec";
import type {
  AppliedJob,
  ClusterIdentity,
  DeploymentRecord,
  Desired,
  DesiredState,
  JobEnd,
  Policy,
  Snapshot,
} from "../../../provider/lifecycle/model";
import type { ClusterObservation, Observation, ObservedJob } from "../../../provider/lifecycle/observation";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";

/** When every observation of these builders is made. */
export const NOW = Date.UTC(2026, 0, 15, 12);

export const UID = "a deployment";

export const HERE: ClusterIdentity = { key: "here", name: "http://here:8081" };
export const THERE: ClusterIdentity = { key: "there", name: "http://there:8081" };
export const ELSEWHERE: ClusterIdentity = { key: "elsewhere", name: "http://elsewhere:8081" };

/** The content of the jar of this name. */
function jarOf(name: string): string {
  return sha256Hex(`the jar ${name}`);
}

/** A job whose jar is `name`. */
export function spec(name: string, changes: Partial<JobSpec> = {}): JobSpec {
  return {
    artifactSha256: jarOf(name),
    mainArgs: [],
    parallelism: 1,
    flinkConfiguration: { "execution.checkpointing.interval": "10 s" },
    annotations: {},
    ...changes,
  };
}

export const OLD = spec("old");
export const NEW = spec("new");

const DEFAULT_POLICY: Policy = {
  upgradeStrategy: "STATEFUL",
  fallback: "REFUSE",
  restoreStrategy: "LATEST_STATE",
  allowNonRestoredState: false,
  claimMode: "NO_CLAIM",
  savepointFormatType: "CANONICAL",
  maxSavepointCreationAttempts: 4,
  maxJobCreationAttempts: 4,
  submissionTimeoutMs: 300_000,
  savepointTimeoutMs: 600_000,
  runningTimeoutMs: 300_000,
  cancelTimeoutMs: 60_000,
  unreachableTimeoutMs: 60_000,
  rollback: true,
  drain: false,
  onDelete: "SAVEPOINT",
  savepointHistory: { maxCount: 20, dispose: false },
  abandonedJobs: [],
};

/** What the program asks for: by default the job OLD, running HERE. */
export function desired(
  changes: {
    state?: DesiredState;
    job?: JobSpec | "unknown";
    cluster?: ClusterIdentity | "none" | "unknown";
    policy?: Partial<Policy>;
  } = {},
): Desired {
  const job = changes.job ?? OLD;
  const cluster = changes.cluster ?? HERE;
  return {
    uid: UID,
    state: changes.state ?? "RUNNING",
    job: job === "unknown" ? { kind: "unknown" } : { kind: "known", spec: job, digest: jobSpecDigest(job) },
    cluster: typeof cluster === "string" ? { kind: cluster } : { kind: "known", identity: cluster },
    policy: { ...DEFAULT_POLICY, ...changes.policy },
  };
}

/** The id of one attempt at a job. */
export function jobId(job: JobSpec, generation: number, attempt = 0): string {
  return deriveJobId(UID, { generation, attempt, digest: jobSpecDigest(job) });
}

/** The job that came up last: by default OLD, generation 3, HERE, an hour ago. */
export function applied(changes: Partial<AppliedJob> = {}): AppliedJob {
  const job = changes.job ?? OLD;
  const generation = changes.generation ?? 3;
  const attempt = changes.attempt ?? 0;
  return {
    jobId: jobId(job, generation, attempt),
    generation,
    attempt,
    job,
    digest: jobSpecDigest(job),
    cluster: HERE,
    startedAt: NOW - 3_600_000,
    ...changes,
  };
}

/** A record of a deployment that runs OLD in generation 3. */
export function record(changes: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return { uid: UID, state: "RUNNING", applied: applied(), snapshots: [], happened: [], ...changes };
}

/** A record of a deployment that was ended by our hand. */
export function endedRecord(end: JobEnd, changes: Partial<DeploymentRecord> = {}): DeploymentRecord {
  const states = {
    SUSPENDED: "SUSPENDED",
    CANCELLED: "CANCELLED",
    REPLACED: "FAILED",
    FINISHED: "FINISHED",
    FAILED: "FAILED",
  } as const;
  return record({
    state: states[end.kind],
    applied: applied({ end }),
    snapshots: end.snapshot === undefined ? [] : [end.snapshot],
    ...changes,
  });
}

export function savepoint(path: string, changes: Partial<Snapshot> = {}): Snapshot {
  return { path: `file:/savepoints/${path}`, time: NOW - 600_000, origin: "UPGRADE", ...changes };
}

export function checkpoint(path: string, changes: Partial<Snapshot> = {}): Snapshot {
  return { path: `file:/checkpoints/${path}`, time: NOW - 300_000, origin: "RETAINED_CHECKPOINT", ...changes };
}

/** A job as Flink shows it: by default OLD in generation 3, up, with one checkpoint. */
export function observedJob(
  changes: Partial<ObservedJob> & { job?: JobSpec; checkpoint?: string | undefined } = {},
): ObservedJob {
  const { job = OLD, generation = 3, attempt = 0, status = "RUNNING", ...rest } = changes;
  const { checkpoint: path = `${generation}-${attempt}`, ...others } = rest;
  const id = jobId(job, generation, attempt);
  const newestState = "checkpoint" in changes && changes.checkpoint === undefined ? undefined : checkpoint(path);
  return {
    jobId: id,
    generation,
    attempt,
    digest: shortDigest(jobSpecDigest(job)),
    status,
    up: status === "RUNNING",
    startTime: NOW - 3_600_000,
    newestState: newestState === undefined ? undefined : { ...newestState, jobId: id },
    endedByStop: false,
    completedCheckpoints: newestState === undefined ? 0 : 1,
    retainsCheckpoints: true,
    ...others,
  };
}

/** A job that a stop of ours has ended, with its savepoint. */
export function stoppedJob(
  path: string,
  changes: Partial<ObservedJob> & { job?: JobSpec } = {},
): ObservedJob & { newestSavepoint: Snapshot } {
  const taken = savepoint(path, { origin: "USER_REQUEST" });
  return {
    ...observedJob({ status: "FINISHED", newestState: taken, endedByStop: true, ...changes }),
    newestSavepoint: taken,
  };
}

type Reachable = Extract<ClusterObservation, { kind: "reachable" }>;

/** A cluster that answers, with four slots and both jars. */
export function cluster(jobs: readonly ObservedJob[] = [], changes: Partial<Reachable> = {}): Reachable {
  return {
    kind: "reachable",
    flinkVersion: "2.3.0",
    slots: { total: 4, free: 4, elastic: false },
    savepointDirectory: "file:/savepoints",
    checkpointDirectory: "file:/checkpoints",
    jobs,
    heldArtifacts: [OLD.artifactSha256, NEW.artifactSha256],
    ...changes,
  };
}

export const UNREACHABLE: ClusterObservation = { kind: "unreachable", reason: "connection refused" };

export function observation(
  current: ClusterObservation,
  changes: Partial<Omit<Observation, "current" | "time">> = {},
): Observation {
  return { time: NOW, current, stops: [], ...changes };
}

/** What a plan is made from: by default nothing is changed and the job is up. */
export function planInput(changes: Partial<PlanInput> = {}): PlanInput {
  return {
    record: record(),
    desired: desired(),
    observation: observation(cluster([observedJob()])),
    artifactName: "job.jar",
    ...changes,
  };
}
