import type { ClusterObservation, JobMemory } from "../lifecycle/observation";
import { isAdaptive } from "../values/scheduler";
import { DELETES_RESULTS, DIRECTORY_KEYS, HIGH_AVAILABILITY_KEYS, valueOf } from "../values/flinkKeys";

/* What a JobManager's configuration says of its cluster. */

type Configuration = Readonly<Record<string, string>>;

type Facts = Pick<
  Extract<ClusterObservation, { kind: "reachable" }>,
  "setsCheckpointInterval" | "savepointDirectory" | "checkpointDirectory" | "memory"
>;

/**
 * What a plan needs to know of the configuration.
 *
 * @param findsLost - what a JobManager takes with it when it ends is found without it.
 */
export function clusterFacts(configuration: Configuration, findsLost = false): Facts {
  const savepointDirectory = valueOf(configuration, DIRECTORY_KEYS.savepoints);
  const checkpointDirectory = valueOf(configuration, DIRECTORY_KEYS.checkpoints);
  return {
    setsCheckpointInterval: configuration["execution.checkpointing.interval"] !== undefined,
    ...(savepointDirectory === undefined ? {} : { savepointDirectory }),
    ...(checkpointDirectory === undefined ? {} : { checkpointDirectory }),
    ...jobMemory(configuration, findsLost),
  };
}

/** Flink's default of `jobstore.expiration-time`. */
const DEFAULT_EXPIRATION_S = 3_600;

/** Every JobManager process makes itself a folder of its own, and says which. */
function jobMemory(configuration: Configuration, findsLost: boolean): { memory?: JobMemory } {
  const jobManager = configuration["web.tmpdir"];
  if (jobManager === undefined) return {};
  const expiration = Number(configuration["jobstore.expiration-time"] ?? DEFAULT_EXPIRATION_S);
  const isKept = Number.isFinite(expiration) && configuration["jobstore.max-capacity"] === undefined;
  const endedJobsKeptMs = isKept ? expiration * 1_000 : 0;
  const highlyAvailable = isHighlyAvailable(configuration);
  // High availability forgets the result of a job, and so its id, as soon as nothing of it is left to clean up: by default.
  const keepsResults = configuration[DELETES_RESULTS]?.toLowerCase() === "false";
  const keepsIds = !highlyAvailable || keepsResults;
  return {
    memory: {
      jobManager,
      endedJobsKeptMs,
      keepsIds,
      isHandedOn: findsLost || (highlyAvailable && keepsResults),
      recoversJobs: highlyAvailable,
    },
  };
}

function isHighlyAvailable(configuration: Configuration): boolean {
  return (valueOf(configuration, HIGH_AVAILABILITY_KEYS) ?? "NONE").toUpperCase() !== "NONE";
}

/** Clusters that start TaskManagers when a job asks for slots, or run jobs on as many slots as there are. */
export function isElastic(configuration: Configuration): boolean {
  return (
    isNativeOnKubernetes(configuration) ||
    configuration["yarn.application.id"] !== undefined ||
    isAdaptive((key) => configuration[key])
  );
}

/** One that asks Kubernetes for TaskManagers itself, as its client has told it; any may have an id there for its high availability. */
function isNativeOnKubernetes(configuration: Configuration): boolean {
  const isToldSo = (configuration["execution.target"] ?? "").toLowerCase().startsWith("kubernetes-");
  return isToldSo || Object.keys(configuration).some((key) => key.startsWith("kubernetes.internal."));
}

/** The machines of its processes: where the JobManager listens on this machine alone, all are on this one. */
export function machinesOf(configuration: Configuration, taskManagerHosts: readonly string[]): string[] {
  const jobManager = configuration["jobmanager.rpc.address"];
  const others = new Set(taskManagerHosts);
  const isOne = others.size === 1 && (jobManager === undefined || isThisMachine(jobManager));
  return [...new Set(isOne || jobManager === undefined ? others : [jobManager, ...others])];
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
