import type { StackSettings } from "../engine/configuration";
import { jobSpecDigest } from "../lifecycle/jobSpec";
import type { ClusterIdentity, Desired, DesiredCluster, DesiredJob, Policy } from "../lifecycle/model";
import { addressOf, addressPartsOf } from "../access/address";
import type { FlinkEndpoint } from "../resources/args";
import { parseDuration } from "../values/duration";
import { DIRECTORY_KEYS, valueOf } from "../values/flinkKeys";
import { containsUnknown, isUnknown } from "../values/unknown";
import { durationsOf, type DeploymentDurations, type DeploymentInputs } from "./inputs";
import { jobSpecOf, placementOf } from "./jobSpecOf";

/** What identifies the cluster of a known endpoint, and its address for people. */
export function identityOf(endpoint: FlinkEndpoint): ClusterIdentity {
  const address = addressOf(endpoint);
  const key = placementOf({ cluster: endpoint }) ?? address;
  return { key, name: containsUnknown(addressPartsOf(endpoint)) ? "the cluster" : address };
}

/** The cluster asked for. Its identity may be known while its address is not. */
export function desiredCluster({ cluster }: Pick<DeploymentInputs, "cluster">): DesiredCluster {
  if (cluster === undefined) return { kind: "none" };
  if (isUnknown(cluster)) return { kind: "unknown" };
  const { fingerprint, incarnation } = cluster;
  const identified = fingerprint !== undefined || incarnation !== undefined;
  const parts = identified ? [fingerprint, incarnation] : addressPartsOf(cluster);
  return parts.some(isUnknown) ? { kind: "unknown" } : { kind: "known", identity: identityOf(cluster) };
}

const JOB_INPUTS = [
  "artifact",
  "parallelism",
  "flinkConfiguration",
  "restartNonce",
  "savepointRedeployNonce",
  "annotations",
] as const satisfies readonly (keyof DeploymentInputs)[];

/** Whether everything that makes the job is known. */
export function isJobKnown(inputs: DeploymentInputs): boolean {
  return JOB_INPUTS.every((name) => !containsUnknown(inputs[name]));
}

/** The job asked for; unknown without the jar's digest. */
export function desiredJob(inputs: DeploymentInputs, artifactSha256: string | undefined): DesiredJob {
  if (artifactSha256 === undefined || !isJobKnown(inputs)) return { kind: "unknown" };
  const spec = jobSpecOf(inputs, artifactSha256);
  return { kind: "known", spec, digest: jobSpecDigest(spec) };
}

/** In a preview a policy may be unknown: then the default stands in, and only what is printed depends on it. */
function known<T>(value: T, otherwise: T): T {
  return isUnknown(value) ? otherwise : value;
}

function healthCheckOf({ healthCheck }: DeploymentInputs): Pick<Policy, "healthCheck"> {
  if (healthCheck === undefined || isUnknown(healthCheck)) return {};
  const { timeout, maxRestarts } = healthCheck;
  const completedCheckpoints = known(healthCheck.completedCheckpoints, 0);
  if (completedCheckpoints === 0 && (maxRestarts === undefined || isUnknown(maxRestarts))) return {};
  const timeoutMs = parseDuration(known(timeout, "5 min"));
  const restarts = isUnknown(maxRestarts) ? undefined : maxRestarts;
  return {
    healthCheck: { timeoutMs, completedCheckpoints, ...(restarts === undefined ? {} : { maxRestarts: restarts }) },
  };
}

/** Of what a job itself is told of savepoints' places Flink takes no notice: it is named with each savepoint. */
function savepointDirectoryOf(inputs: DeploymentInputs): string | undefined {
  const { savepointTargetDirectory, flinkConfiguration } = inputs;
  if (savepointTargetDirectory !== undefined || isUnknown(flinkConfiguration)) return savepointTargetDirectory;
  return valueOf(flinkConfiguration, DIRECTORY_KEYS.savepoints);
}

/** The arguments of class policy as the lifecycle takes them. */
export function policyOf(inputs: DeploymentInputs, settings: StackSettings): Policy {
  const { timeouts, jobFailureExpirationTime, jobSubmissionTimeout, restoreStrategy, savepointHistory } = inputs;
  const durations: DeploymentDurations = containsUnknown([
    [timeouts, jobFailureExpirationTime, jobSubmissionTimeout],
    isUnknown(restoreStrategy) ? restoreStrategy : restoreStrategy.maxStateAge,
    isUnknown(savepointHistory) ? savepointHistory : savepointHistory.maxAge,
  ])
    ? { jobSubmission: 300_000, running: 300_000, cancel: 60_000, unreachable: 60_000 }
    : durationsOf(inputs);
  const history = known<DeploymentInputs["savepointHistory"]>(savepointHistory, { maxCount: 20, dispose: false });
  const upgrade = known<DeploymentInputs["upgradeStrategy"]>(inputs.upgradeStrategy, {
    kind: "STATEFUL",
    fallback: "REFUSE",
  });
  const restore = known<DeploymentInputs["restoreStrategy"]>(restoreStrategy, {
    kind: "LATEST_STATE",
    allowNonRestoredState: false,
    claimMode: "NO_CLAIM",
  });
  const given = [inputs.forceCancellationOf].filter((id) => id !== undefined && !isUnknown(id)) as string[];
  return {
    upgradeStrategy: known(upgrade.kind, "STATEFUL"),
    fallback: known(upgrade.fallback, "REFUSE"),
    restoreStrategy: known(restore.kind, "LATEST_STATE"),
    allowNonRestoredState: known(restore.allowNonRestoredState, false),
    claimMode: known(restore.claimMode, "NO_CLAIM"),
    initialSavepointPath: inputs.initialSavepointPath,
    savepointTargetDirectory: savepointDirectoryOf(inputs),
    savepointFormatType: known(inputs.savepointFormatType, "CANONICAL"),
    maxSavepointCreationAttempts: known(inputs.maxSavepointCreationAttempts, 4),
    maxJobCreationAttempts: known(inputs.maxJobCreationAttempts, 4),
    maxStateAgeMs: durations.maxStateAge,
    jobFailureExpirationMs: durations.jobFailureExpiration,
    submissionTimeoutMs: durations.jobSubmission,
    savepointTimeoutMs: durations.savepoint,
    runningTimeoutMs: durations.running,
    cancelTimeoutMs: durations.cancel,
    unreachableTimeoutMs: durations.unreachable,
    ...healthCheckOf(inputs),
    rollback: known(inputs.rollback, true),
    drain: known(inputs.drain, false),
    onDelete: known(inputs.onDelete, "SAVEPOINT"),
    savepointHistory: {
      maxCount: known(history.maxCount, 20),
      maxAgeMs: durations.maxSavepointAge,
      dispose: known(history.dispose, false),
    },
    abandonedJobs: [...given, ...settings.abandonJobs],
  };
}

/** All that the program asks for. */
export function desiredOf(
  inputs: DeploymentInputs,
  uid: string,
  artifactSha256: string | undefined,
  settings: StackSettings,
): Desired {
  return {
    uid,
    state: known(inputs.state, "RUNNING"),
    job: desiredJob(inputs, artifactSha256),
    cluster: desiredCluster(inputs),
    policy: policyOf(inputs, settings),
  };
}
