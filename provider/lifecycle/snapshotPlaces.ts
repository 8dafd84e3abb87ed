import { DIRECTORY_KEYS, valueOf } from "../values/flinkKeys";
import type { DeploymentRecord, Desired } from "./model";
import type { ClusterObservation } from "./observation";

/** Where snapshots of a job may lie that the record does not know; undefined: not known. */
export interface SnapshotPlaces {
  /** The folder of its own checkpoints. */
  readonly checkpoints?: string;
  /** The folder of savepoints, of other jobs too. */
  readonly savepoints?: string;
}

/** By what the job is told, and else by the configuration of its cluster. */
export function snapshotPlaces(
  jobId: string,
  record: DeploymentRecord | undefined,
  { job, policy }: Pick<Desired, "job" | "policy">,
  cluster: ClusterObservation,
): SnapshotPlaces {
  const asked = job.kind === "known" ? job.spec : undefined;
  const spec = record?.applied?.jobId === jobId ? record.applied.job : asked;
  const own = cluster.kind === "reachable" ? cluster : undefined;
  const base = valueOf(spec?.flinkConfiguration ?? {}, DIRECTORY_KEYS.checkpoints) ?? own?.checkpointDirectory;
  const savepoints = policy.savepointTargetDirectory ?? own?.savepointDirectory;
  return {
    ...(base === undefined ? {} : { checkpoints: `${base.replace(/\/+$/, "")}/${jobId}` }),
    ...(savepoints === undefined ? {} : { savepoints }),
  };
}
