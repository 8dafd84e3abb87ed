import { DIRECTORY_KEYS, valueOf } from "../values/flinkKeys";
import { isOlderFlink } from "../values/flinkVersion";
import { localFolder } from "../values/storagePath";
import { targetOf } from "./planParts";
import type { ClusterObservation } from "./observation";
import type { PlanInput } from "./planTypes";
import type { RestoreSource } from "./restore";
import type { RollbackPossibility, Step } from "./steps";
import { storageArguments } from "./storageArguments";

const INTERVAL_KEY = "execution.checkpointing.interval";

/** What a user should read before they agree to a start. */
export function startWarnings(
  input: PlanInput,
  end: readonly Step[],
  restore: RestoreSource,
  rollback: RollbackPossibility,
): string[] {
  return [
    ...restoreWarnings(input, end, restore),
    ...(rollback.kind === "impossible"
      ? [`No rollback is possible if the new job does not come up: ${rollback.why}.`]
      : []),
    ...versionWarnings(input, restore),
    ...checkpointWarnings(input),
    ...folderWarnings(input),
  ];
}

function restoreWarnings({ record }: PlanInput, end: readonly Step[], restore: RestoreSource): string[] {
  const stops = end.some((step) => step.kind === "stop");
  if (stops && restore.kind === "empty") {
    return ["restoreStrategy is NONE: the new job starts empty although a savepoint is taken."];
  }
  if (stops && restore.kind === "snapshot") {
    return [
      `savepointRedeployNonce changed: the new job starts from ${restore.snapshot.path}, not from the savepoint of the stop.`,
    ];
  }
  return restore.kind === "empty" && record?.applied !== undefined ? [`The new job starts empty: ${restore.why}.`] : [];
}

/** Flink reads the state of older versions, and promises nothing of newer ones. */
function versionWarnings({ observation: { current, target } }: PlanInput, restore: RestoreSource): string[] {
  if (current.kind !== "reachable" || target?.kind !== "reachable" || restore.kind === "empty") return [];
  return isOlderFlink(target.flinkVersion, current.flinkVersion)
    ? [
        `The new cluster runs Flink ${target.flinkVersion}, the old one ${current.flinkVersion}: Flink does not promise to ` +
          "restore state in an older version than the one that wrote it.",
      ]
    : [];
}

function checkpointWarnings({ desired, observation }: PlanInput): string[] {
  const target = targetOf(observation);
  const { job, policy } = desired;
  if (job.kind === "unknown") return [];
  const { flinkConfiguration } = job.spec;
  const { completedCheckpoints = 0 } = policy.healthCheck ?? {};
  const byCluster = target.kind === "reachable" && target.setsCheckpointInterval === true;
  if (!byCluster && flinkConfiguration[INTERVAL_KEY] === undefined) {
    return [
      ...(completedCheckpoints > 0
        ? [
            `healthCheck.completedCheckpoints is ${completedCheckpoints}, and no start can pass it where neither ` +
              `flinkConfiguration, nor the cluster, nor the jar sets an ${INTERVAL_KEY}.`,
          ]
        : []),
      `No ${INTERVAL_KEY} is set in flinkConfiguration: unless the cluster or the jar sets one, ` +
        "the job takes no checkpoints, and what it did since its last savepoint is lost when it fails.",
    ];
  }
  const hasFolder =
    target.kind !== "reachable" ||
    target.checkpointDirectory !== undefined ||
    valueOf(flinkConfiguration, DIRECTORY_KEYS.checkpoints) !== undefined;
  return hasFolder
    ? []
    : [
        `No ${DIRECTORY_KEYS.checkpoints[0]} (${DIRECTORY_KEYS.checkpoints[1]} before Flink 1.20) is set in ` +
          "flinkConfiguration or on the cluster: unless the jar sets one, checkpoints stay in the JobManager's memory, " +
          "and a job that fails or is cancelled leaves none to start from.",
      ];
}

/** A folder of each machine's own holds a part of each snapshot, which no job can be started from. */
function folderWarnings({ desired, observation }: PlanInput): string[] {
  const target = targetOf(observation);
  if (target.kind !== "reachable" || target.machines === undefined || target.machines.length < 2) return [];
  const { machines } = target;
  return storageArguments(desired)
    .filter(({ value }) => !isClustersOwn(value, target))
    .map(
      ({ argument, value }) =>
        `${argument} is ${value}, and the cluster's processes are on several machines (${machinesText(machines)}): ` +
        "unless all of them mount that folder, each keeps its own part of a snapshot, and none is whole.",
    );
}

/** Below the folder that the cluster itself keeps its snapshots in: who set up the one has set up the other. */
function isClustersOwn(
  value: string,
  { savepointDirectory, checkpointDirectory }: Extract<ClusterObservation, { kind: "reachable" }>,
): boolean {
  const folder = localFolder(value);
  return [savepointDirectory, checkpointDirectory].some((directory) => {
    const own = directory === undefined ? undefined : localFolder(directory)?.replace(/\/[^/]*\/?$/, "/");
    return own !== undefined && own !== "/" && folder?.startsWith(own) === true;
  });
}

const MACHINES_NAMED = 3;

function machinesText(machines: readonly string[]): string {
  const more = machines.length - MACHINES_NAMED;
  return machines.slice(0, MACHINES_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
