import { abandonSetting } from "../values/abandonment";
import { counted } from "../values/counted";
import { formatDuration } from "../values/duration";
import { OLDEST_FLINK_VERSION } from "../values/flinkVersion";
import type { DeploymentRecord, HealthCheck, Snapshot, TriedJob } from "./model";
import type { RestoreSource } from "./restore";
import type { Sighting } from "./situation";
import type { SnapshotPlaces } from "./snapshotPlaces";
import type { JobReference, Settlement, Step } from "./steps";

/** A snapshot for people: what it is, where, and how old. */
function snapshotText(snapshot: Snapshot, now: number): string {
  const what = snapshot.origin === "RETAINED_CHECKPOINT" ? "checkpoint" : "savepoint";
  const age = snapshot.time === undefined ? "" : ` (${formatDuration(Math.max(0, now - snapshot.time))} old)`;
  return `${what} ${snapshot.path}${age}`;
}

/** What is known of the snapshots of a job that Flink does not show. */
interface SnapshotsKnown {
  readonly record: DeploymentRecord | undefined;
  readonly places: SnapshotPlaces;
}

/** The newest snapshot that the record knows, and where a newer one would be. */
function newestSnapshotText(jobId: string, { record, places }: SnapshotsKnown, now: number): string {
  const newest = record?.snapshots[0];
  const named =
    newest === undefined ? "No snapshot of it is known." : `The newest snapshot known is ${snapshotText(newest, now)}.`;
  // Flink names a savepoint after the first digits of its job.
  const lies = [
    ...(places.checkpoints === undefined ? [] : [`${places.checkpoints} (its checkpoints)`]),
    ...(places.savepoints === undefined ? [] : [`${places.savepoints} (savepoint-${jobId.slice(0, 6)}-…)`]),
  ];
  if (lies.length === 0) return named;
  return `${named} ${newest === undefined ? "One" : "A newer one"} may lie in ${lies.join(" or ")}.`;
}

/** A job that nobody knows the end of. */
export function jobMissingText(jobId: string, what: string, known: SnapshotsKnown, now: number): string {
  return (
    `Flink does not know job ${jobId} any more and nothing says how it ended, so its newest state is not known. ` +
    `${what} was not begun. ${newestSnapshotText(jobId, known, now)} ${withoutItText}`
  );
}

/** A suspension starts nothing: what was not saved is done without, or its job is brought back before. */
export const suspendWithoutItText =
  'Set state "CANCELLED" to do without what it left, or state "RUNNING" to bring the job back first.';

const withoutItText =
  "To start from a snapshot, set initialSavepointPath to it and change savepointRedeployNonce; to start empty, set " +
  'upgradeStrategy "STATELESS" and restoreStrategy "NONE"; where the job had FINISHED, set state "CANCELLED".';

/**
 * A job of which nobody knows whether it ever ran.
 *
 * @param wouldTell - whether Flink would tell if the job were asked for again.
 */
export function unansweredText(
  { jobId, cluster }: TriedJob,
  what: string,
  known: SnapshotsKnown,
  now: number,
  wouldTell: boolean,
): string {
  const findOut =
    " To find out, ask for that job again, with the same arguments on the same cluster: Flink knows whether it had its id.";
  return (
    `The submission of job ${jobId} to ${cluster.name} was not answered, and Flink does not show that job: whether it ran ` +
    `meanwhile, and left newer state than is known, cannot be told any more. ${what} was not begun. ` +
    `${newestSnapshotText(jobId, known, now)}${wouldTell ? findOut : ""} ${withoutItText}`
  );
}

/** A job that runs, and that nothing more is done about. */
export function leftRunningText(jobId: string): string {
  return `Job ${jobId} is left running: it was given up by name.`;
}

export function severalJobsText(sightings: readonly Sighting[]): string {
  const names = sightings.map(({ job }) => `${job.jobId} (${job.status})`).join(", ");
  return (
    `${sightings.length} jobs of this deployment are active: ${names}. Nothing was changed. Cancel all but one in ` +
    "Flink, or name the one to give up in forceCancellationOf, and run `pulumi up` again."
  );
}

export function unreachableText(reason: string, jobId: string | undefined): string {
  const abandon =
    jobId === undefined
      ? ""
      : ` If that cluster is gone for good, give its job up: run again with ${abandonSetting([jobId])} in the environment.`;
  return (
    `The Flink cluster does not answer: ${reason}. Nothing was changed. ` +
    `Bring it back and run \`pulumi up\` again.${abandon}`
  );
}

export function noStateText(): string {
  return (
    "No state of this deployment is known that the job could start from, and it does not start empty unless it is told to. " +
    "Nothing was changed. Set initialSavepointPath with a new savepointRedeployNonce to start from a snapshot, or " +
    'restoreStrategy "NONE" to start empty.'
  );
}

/** State that is older than it may be, or of unknown age. */
export function stateAgeText(snapshot: Snapshot, maxStateAgeMs: number, now: number, runs: boolean): string {
  const limit = formatDuration(maxStateAgeMs);
  const found =
    snapshot.time === undefined
      ? `How old ${snapshotText(snapshot, now)} is, is not known, and restoreStrategy.maxStateAge is ${limit}.`
      : `The job would start from ${snapshotText(snapshot, now)}, and restoreStrategy.maxStateAge is ${limit}.`;
  const newer = runs ? 'upgrade with a savepoint of now (upgradeStrategy "STATEFUL"); ' : "";
  return (
    `${found} Nothing was changed. Choose: ${newer}raise restoreStrategy.maxStateAge; start from that snapshot all the ` +
    "same: set initialSavepointPath to it and change savepointRedeployNonce; or start empty: " +
    'restoreStrategy.kind "NONE".'
  );
}

/** The same of a checkpoint that would take the place of a savepoint. */
export function fallbackAgeText(jobId: string, snapshot: Snapshot, maxStateAgeMs: number, now: number): string {
  return (
    `If job ${jobId} can take no savepoint, the upgrade is refused: its newest state, ${snapshotText(snapshot, now)}, is ` +
    `older than restoreStrategy.maxStateAge (${formatDuration(maxStateAgeMs)}).`
  );
}

export function suspendWithoutStateText(why: string): string {
  return (
    `The deployment cannot be suspended: ${why}. Nothing was changed. ` +
    'Set state "CANCELLED" to do without the state, or "RUNNING" to bring the job back first.'
  );
}

export function slotsText(wanted: number, available: number, total: number, cluster: string): string {
  return (
    `The job needs ${wanted} slots, and ${cluster} has ${available} for it (${total} in all). Nothing was changed. ` +
    "Lower parallelism, or give the cluster more TaskManagers or slots."
  );
}

export function oldFlinkText(version: string, cluster: string): string {
  return (
    `${cluster} runs Flink ${version}, and ${OLDEST_FLINK_VERSION} is the oldest that is supported. Nothing was changed. ` +
    "Choose a newer cluster."
  );
}

export function notInImageText(path: string, cluster: string): string {
  return (
    `${cluster} does not offer local://${path}. Nothing was changed. A FlinkApplication offers the jar that its artifact ` +
    "names; any other cluster on Kubernetes offers those in its localArtifacts. Or give the jar itself as artifact.jar."
  );
}

export function noSavepointDirectoryText(jobId: string): string {
  return (
    `Job ${jobId} is to be stopped with a savepoint, and nothing says where savepoints go. Nothing was changed. Set ` +
    "savepointTargetDirectory, or execution.checkpointing.savepoint-dir (state.savepoints.dir before Flink 1.20) in " +
    "flinkConfiguration or in the cluster's own configuration."
  );
}

const otherState =
  'To do without the state, set restoreStrategy "NONE"; to start from another, name it in initialSavepointPath and ' +
  "change savepointRedeployNonce.";

export function parallelismAboveStateText(parallelism: number, highest: number): string {
  return (
    `The job's state has a maximum parallelism of ${highest}, and Flink restores it with no higher one: parallelism is ` +
    `${parallelism}. Nothing was changed. Set parallelism to at most ${highest}. ${otherState}`
  );
}

export function maxParallelismChangedText(wanted: number, highest: number): string {
  return (
    `The job's state was written with a maximum parallelism of ${highest}, and Flink restores it with no other one: ` +
    `pipeline.max-parallelism is ${wanted}. Nothing was changed. Set it to ${highest} in flinkConfiguration, or leave it ` +
    `out. ${otherState}`
  );
}

function restoreText(restore: RestoreSource, now: number): string {
  switch (restore.kind) {
    case "snapshot":
      return `from ${snapshotText(restore.snapshot, now)}`;
    case "stop":
      return "from that savepoint";
    case "lastState":
      return "from the newest state it left";
    case "empty":
      return `empty (${restore.why})`;
    case "none":
      return "from no known state";
  }
}

function where(job: JobReference): string {
  return `job ${job.jobId}`;
}

const SETTLEMENTS: Record<Settlement, string> = {
  upgradeWaits: "record the change; the job keeps running as it is",
  alreadyThere: "record the change; the job is not restarted",
  nothingRuns: "record the change; no job runs",
  cancelledNothingRan: "record the deployment as CANCELLED; no job is active",
  finished: "record that the job has FINISHED",
  deleted: "nothing to stop: no job is active",
};

/** What a job must do after all its tasks run, as the end of a sentence. */
function healthCheckText(check: HealthCheck | undefined): string {
  if (check === undefined) return "";
  const { completedCheckpoints, maxRestarts, timeoutMs } = check;
  const time = formatDuration(timeoutMs);
  const restarts =
    maxRestarts === undefined
      ? ""
      : maxRestarts === 0
        ? " without a restart"
        : ` with at most ${counted(maxRestarts, "restart")}`;
  return completedCheckpoints === 0
    ? `; then ${time}${restarts}`
    : `; then ${counted(completedCheckpoints, "checkpoint")}${restarts} within ${time}`;
}

/** One step in words: the line that the preview shows and that the update reports as done. */
export function describeStep(step: Step, now: number): string {
  switch (step.kind) {
    case "upload":
      return step.sha256 === ""
        ? `upload ${step.fileName} to ${step.cluster}`
        : `upload ${step.fileName} (sha256 ${step.sha256.slice(0, 12)}) to ${step.cluster}`;
    case "awaitEnd":
      return `wait until ${where(step.job)}, which is being cancelled, has ended`;
    case "stop": {
      const wait = step.awaitUp ? "wait until all its tasks run, then " : "";
      const to = step.targetDirectory === undefined ? "" : ` in ${step.targetDirectory}`;
      const drain = step.drain ? ", draining it" : "";
      const otherwise =
        step.withoutSavepoint === "CANCEL_ON_CHECKPOINT"
          ? "; if it can take none, cancel it and keep its newest checkpoint"
          : "";
      return `${wait}stop ${where(step.job)} with a savepoint${to}${drain}${otherwise}`;
    }
    case "cancel":
      return `cancel ${where(step.job)} without a savepoint`;
    case "start": {
      const back =
        healthCheckText(step.healthCheck) +
        (step.rollback.kind === "possible" ? "; if it does not come up, roll back to the old job" : "");
      if (step.existing !== undefined) {
        return `wait until all tasks of ${where(step.existing)}, started earlier on ${step.cluster}, run${back}`;
      }
      const job = step.jobId === undefined ? "the job" : `job ${step.jobId}`;
      return `start ${job} on ${step.cluster} ${restoreText(step.restore, now)}${back}`;
    }
    case "suspendOn":
      return step.snapshot === undefined
        ? "record the deployment as SUSPENDED; no job is active"
        : `record the deployment as SUSPENDED on ${snapshotText(step.snapshot, now)}`;
    case "point":
      return `point to ${step.cluster.name}; nothing runs and nothing is started`;
    case "cleanUp":
      return "delete jars that nothing uses any more";
    case "dispose":
      return `dispose of what savepointHistory keeps no longer: ${step.snapshots.map((each) => snapshotText(each, now)).join(", ")}`;
    case "settle":
      return SETTLEMENTS[step.what];
  }
}
