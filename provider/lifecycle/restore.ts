import { newestFirst } from "./ids";
import type { DeploymentRecord, Desired, JobEnd, Snapshot, TriedJob } from "./model";
import { isTerminal, type ObservedJob } from "./observation";
import type { Sighting, Situation } from "./situation";

/** What a start uses as its state. */
export type RestoreSource =
  | {
      readonly kind: "snapshot";
      readonly snapshot: Snapshot;
      /** The user named this very one to be started from. */
      readonly named?: true;
    }
  /** The savepoint that this plan's stop will have taken. */
  | { readonly kind: "stop" }
  /** The newest state at the end of the job that this plan ends; where it left none, `otherwise`. */
  | { readonly kind: "lastState"; readonly otherwise: RestoreSource }
  | { readonly kind: "empty"; readonly why: string }
  /** No state is known and starting empty was not asked for. */
  | { readonly kind: "none" };

type Strategy = Desired["policy"]["restoreStrategy"];

function isCheckpoint(snapshot: Snapshot): boolean {
  return snapshot.origin === "RETAINED_CHECKPOINT";
}

/** The newest state that an observed job offers under a strategy: its own first, else what it was started from. */
function stateOf(job: ObservedJob, strategy: Strategy): Snapshot | undefined {
  const own = strategy === "LATEST_SAVEPOINT" ? job.newestSavepoint : job.newestState;
  if (own !== undefined) return own;
  // A job that has FINISHED has done all its work: what it began with is no state of it any more.
  if (job.restoredFrom === undefined || job.status === "FINISHED") return undefined;
  return { path: job.restoredFrom, origin: "COPIED" };
}

/** Whether the end of the job decided on its snapshot, so that the restore strategy has no say in it any more. */
function decidedByEnd(end: JobEnd, policy: Desired["policy"]): boolean {
  return end.kind === "SUSPENDED" || (end.kind === "REPLACED" && policy.upgradeStrategy === "STATEFUL");
}

/** The newest state known of a job that has ended, by the restore strategy; undefined when none is known. */
export function newestKnownState(
  record: DeploymentRecord | undefined,
  policy: Desired["policy"],
  situation: Situation,
  strategy: Exclude<Strategy, "NONE">,
): Snapshot | undefined {
  const wanted = (snapshot: Snapshot): boolean => strategy === "LATEST_STATE" || !isCheckpoint(snapshot);
  if (situation.triesLostState) return undefined;
  if (situation.triedState !== undefined) return situation.triedState.snapshot;
  const { current, seenEnd } = situation;
  for (const end of [current.kind === "endedByUs" ? current.end : undefined, record?.applied?.end, seenEnd]) {
    if (end?.snapshot !== undefined && (wanted(end.snapshot) || decidedByEnd(end, policy))) return end.snapshot;
  }
  const recorded = record?.applied;
  const newestOf = (jobs: readonly ObservedJob[]): Snapshot | undefined =>
    jobs.map((job) => stateOf(job, strategy)).find((state) => state !== undefined);
  const jobs = situation.sightings.map(({ job }) => job);
  const isBefore = (job: ObservedJob): boolean => recorded !== undefined && newestFirst(job, recorded) > 0;
  const seen = newestOf(jobs.filter((job) => !isBefore(job)));
  if (seen !== undefined) return seen;
  // Of a job that Flink still shows it has just told all there is: a checkpoint that was recorded earlier is gone.
  const isGone = ({ origin, jobId, path }: Snapshot): boolean =>
    origin === "RETAINED_CHECKPOINT" && jobs.some((job) => job.jobId === jobId && job.newestState?.path !== path);
  const left = (snapshot: Snapshot): boolean => wanted(snapshot) && !isGone(snapshot);
  if (current.kind === "finished" || recorded?.end?.kind === "FINISHED") return ownState(record, left);
  // What the record knows of its own job is newer than what an earlier job left that Flink shows instead of it.
  return recordedState(record, left) ?? newestOf(jobs.filter(isBefore));
}

/** The newest snapshot of the recorded job itself that the record knows. */
function ownState(record: DeploymentRecord | undefined, wanted: (snapshot: Snapshot) => boolean): Snapshot | undefined {
  const { applied, snapshots = [] } = record ?? {};
  return snapshots.find(
    (snapshot) => snapshot.jobId !== undefined && snapshot.jobId === applied?.jobId && wanted(snapshot),
  );
}

/** The newest state that the record knows of a job that Flink no longer shows. */
function recordedState(
  record: DeploymentRecord | undefined,
  wanted: (snapshot: Snapshot) => boolean,
): Snapshot | undefined {
  const { applied, snapshots = [] } = record ?? {};
  const own = ownState(record, wanted);
  if (own !== undefined) return own;
  const path = applied?.restoredFrom;
  const restored =
    path === undefined
      ? undefined
      : (snapshots.find((snapshot) => snapshot.path === path) ?? { path, origin: "COPIED" as const });
  return restored !== undefined && wanted(restored) ? restored : snapshots.find(wanted);
}

/** A changed savepointRedeployNonce starts from the user's own savepoint instead of the job's state, once. */
export function redeploySource(
  record: DeploymentRecord | undefined,
  desired: Desired,
  situation: Situation,
): RestoreSource | undefined {
  // Where nothing is recorded nothing has changed: the first start takes the user's savepoint where no job left a newer one.
  if (record === undefined || desired.job.kind === "unknown") return undefined;
  const nonce = desired.job.spec.savepointRedeployNonce;
  if (nonce === undefined || nonce === record.applied?.job.savepointRedeployNonce) return undefined;
  const { tried } = record.transition ?? {};
  const isUsed = tried?.redeploy?.nonce === nonce && tried.jobId !== record.applied?.jobId;
  return isUsed && mayHaveState(tried, tried.redeploy.generation, situation) ? undefined : initialState(desired);
}

/** Whether the tries since a generation have completed state of their own, or the newest may have. */
function mayHaveState(tried: TriedJob, since: number, { triedState, tries }: Situation): boolean {
  if (triedState !== undefined && triedState.generation >= since) return true;
  if (tries.some(({ job }) => job.generation >= since && job.completedCheckpoints > 0)) return true;
  const seen = tries.find(({ job }) => job.jobId === tried.jobId);
  return tried.fate === "accepted" && (seen === undefined || !isTerminal(seen.job.status));
}

/** What is asked for outright, whatever state is known; a try at this very job goes on from what it completed. */
function askedFor(
  record: DeploymentRecord | undefined,
  desired: Desired,
  situation: Situation,
): RestoreSource | undefined {
  const { triedState } = situation;
  if (triedState?.ofWanted === true && !situation.triesLostState)
    return { kind: "snapshot", snapshot: triedState.snapshot };
  const redeploy = redeploySource(record, desired, situation);
  if (redeploy !== undefined) return redeploy;
  return desired.policy.restoreStrategy === "NONE" ? { kind: "empty", why: "restoreStrategy is NONE" } : undefined;
}

/**
 * Which state a job starts from whose predecessor has ended.
 *
 * Where nothing is known, only a deployment that was told to do without its state starts empty: by restoreStrategy
 * NONE, by the STATELESS upgrade strategy, or because the user cancelled it.
 */
export function restoreAfterEnd(
  record: DeploymentRecord | undefined,
  desired: Desired,
  situation: Situation,
): RestoreSource {
  const asked = askedFor(record, desired, situation);
  if (asked !== undefined) return asked;
  const { policy } = desired;
  const strategy = policy.restoreStrategy === "NONE" ? "LATEST_STATE" : policy.restoreStrategy;
  const known = newestKnownState(record, policy, situation, strategy);
  if (known !== undefined) return { kind: "snapshot", snapshot: known };
  const { current } = situation;
  if (situation.triesLostState) return { kind: "none" };
  if (policy.upgradeStrategy === "STATELESS") {
    return { kind: "empty", why: "no snapshot is known and upgrades are STATELESS" };
  }
  const end = current.kind === "endedByUs" ? current.end : record?.applied?.end;
  if (end?.kind === "CANCELLED" && end.snapshot === undefined && end.unseen !== true) {
    return { kind: "empty", why: "the job was cancelled and left no snapshot" };
  }
  if (end?.kind === "REPLACED" && end.snapshot === undefined && end.unseen !== true) {
    return { kind: "empty", why: "the job was cancelled by an upgrade without a savepoint and left no snapshot" };
  }
  if (current.kind === "finished" || end?.kind === "FINISHED")
    return { kind: "empty", why: "the job had FINISHED and left no snapshot" };
  return { kind: "none" };
}

/** Which state the very first job of a deployment starts from; what earlier tries left comes first. */
export function restoreOnCreate(
  record: DeploymentRecord | undefined,
  desired: Desired,
  situation: Situation,
): RestoreSource {
  const first = initialState(desired) ?? { kind: "empty", why: "it is the first start" };
  const asked = askedFor(record, desired, situation);
  if (asked !== undefined) return asked.kind === "empty" ? first : asked;
  if (situation.triesLostState) return { kind: "none" };
  const stopped = situation.current.kind === "endedByUs" ? situation.current.end.snapshot : undefined;
  const left = situation.triedState?.snapshot ?? stopped ?? record?.snapshots[0];
  return left === undefined ? first : { kind: "snapshot", snapshot: left };
}

/** The user's own savepoint as a source, where one is named. */
function initialState(desired: Desired): RestoreSource | undefined {
  const path = desired.policy.initialSavepointPath;
  return path === undefined ? undefined : { kind: "snapshot", snapshot: { path, origin: "COPIED" }, named: true };
}

/** What a start uses right after the running job was cancelled without a savepoint, by us or by somebody else. */
export function restoreAfterCancel(
  record: DeploymentRecord | undefined,
  desired: Desired,
  situation: Situation,
): RestoreSource {
  // What a running job has completed so far is outdated when it has ended, and may be deleted by then.
  const { tries } = situation;
  const isTry = situation.current.kind === "active" && tries.includes(situation.current.sighting);
  const asked = askedFor(record, desired, isTry ? { ...situation, triedState: undefined } : situation);
  if (asked !== undefined) return asked;
  const otherwise = restoreAfterEnd(record, desired, withoutOwnCheckpoints(situation));
  return desired.policy.restoreStrategy === "LATEST_STATE" || isTry ? { kind: "lastState", otherwise } : otherwise;
}

/** The situation as it will be when the active job has ended and its own checkpoints are looked at afresh. */
function withoutOwnCheckpoints(situation: Situation): Situation {
  const { current } = situation;
  if (current.kind !== "active") return situation;
  const { jobId } = current.sighting.job;
  const sightings = situation.sightings.map((sighting): Sighting =>
    sighting.job.jobId === jobId
      ? { ...sighting, job: { ...sighting.job, newestState: sighting.job.newestSavepoint } }
      : sighting,
  );
  const { triedState } = situation;
  return { ...situation, sightings, triedState: triedState?.jobId === jobId ? undefined : triedState };
}
