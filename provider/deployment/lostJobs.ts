import * as fs from "node:fs/promises";
import { hostname } from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { parseJobId } from "../lifecycle/ids";
import type { DeploymentRecord, Snapshot } from "../lifecycle/model";
import type { ObservedJob } from "../lifecycle/observation";
import { readConfiguration } from "../local";
import type { FlinkEndpoint } from "../resources/args";
import { DIRECTORY_KEYS, valueOf } from "../values/flinkKeys";

type Settings = Readonly<Record<string, string>>;

/** Finds the jobs that a cluster should show and does not, as jobs that FAILED. */
export type LostJobs = (shown: readonly ObservedJob[]) => Promise<ObservedJob[]>;

/**
 * A JobManager on this machine has no high availability: when it has died, its successor knows nothing of its jobs. What
 * they left lies in this machine's folders, so that they can be seen all the same: as FAILED, with their newest state.
 *
 * @returns undefined where the endpoint is not a cluster of this machine.
 */
export function lostJobsOf(
  record: DeploymentRecord | undefined,
  { processes }: FlinkEndpoint,
  clusterKey: string,
): LostJobs | undefined {
  if (record === undefined || processes?.host !== hostname()) return undefined;
  const { uid, applied, transition } = record;
  const named = [
    ...(applied === undefined || applied.end !== undefined ? [] : [applied]),
    ...(transition?.tried === undefined || transition.tried.fate === "ended" ? [] : [transition.tried]),
  ].filter(({ cluster }) => cluster.key === clusterKey);
  const { directory } = processes;
  return async (shown) => {
    const ids = new Set(named.map(({ jobId }) => jobId));
    const lost = [...ids].filter((jobId) => !shown.some((job) => job.jobId === jobId));
    const jobs = lost.map(async (jobId): Promise<ObservedJob | undefined> => {
      const parts = parseJobId(uid, jobId);
      const own = applied?.jobId === jobId ? applied.job.flinkConfiguration : {};
      const left = await newestLeft(jobId, own, await readConfiguration(directory));
      if (parts === undefined || left === undefined) return undefined;
      return {
        jobId,
        ...parts,
        status: "FAILED",
        up: false,
        startTime: applied?.jobId === jobId ? applied.startedAt : 0,
        newestState: left.snapshot,
        ...(left.snapshot.origin === "RETAINED_CHECKPOINT" ? {} : { newestSavepoint: left.snapshot }),
        endedByStop: false,
        completedCheckpoints: left.checkpoints,
        failure: "its JobManager ended while it ran",
      };
    });
    return (await Promise.all(jobs)).filter((job) => job !== undefined);
  };
}

/** The newest snapshot that a job left in local folders, by when it was completed. */
async function newestLeft(
  jobId: string,
  own: Settings,
  cluster: Settings,
): Promise<{ snapshot: Snapshot; checkpoints: number } | undefined> {
  const checkpoints = await completed(localFolder(DIRECTORY_KEYS.checkpoints, own, cluster), [jobId], /^chk-\d+$/);
  // Flink names savepoints after the first six digits of their job, which all jobs of a deployment share: one that is
  // newer than this job's newest checkpoint is its own, for it is the deployment's newest job.
  const savepoints = await completed(
    localFolder(DIRECTORY_KEYS.savepoints, own, cluster),
    [],
    new RegExp(`^savepoint-${jobId.slice(0, 6)}-`),
  );
  if (checkpoints.length === 0) return undefined;
  const newest = [...checkpoints, ...savepoints].sort((a, b) => b.time - a.time)[0];
  if (newest === undefined) return undefined;
  const origin = checkpoints.includes(newest) ? "RETAINED_CHECKPOINT" : "USER_REQUEST";
  const numbers = checkpoints.map(({ folder }) => Number(folder.slice(folder.lastIndexOf("-") + 1)));
  return {
    snapshot: { path: `file:${newest.folder}`, time: newest.time, origin, jobId },
    checkpoints: Math.max(...numbers),
  };
}

function localFolder(names: readonly string[], own: Settings, cluster: Settings): string | undefined {
  // What the job itself says under either name wins over what the cluster says.
  const value = valueOf(own, names) ?? valueOf(cluster, names);
  if (value === undefined || !value.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(new URL(value));
  } catch {
    return undefined;
  }
}

/** The snapshots in a folder that are complete: Flink writes `_metadata` last. */
async function completed(
  base: string | undefined,
  below: readonly string[],
  named: RegExp,
): Promise<{ folder: string; time: number }[]> {
  if (base === undefined) return [];
  const parent = path.join(base, ...below);
  const names = await fs.readdir(parent).catch(() => []);
  const found = names
    .filter((name) => named.test(name))
    .map(async (name) => {
      const folder = path.join(parent, name);
      const metadata = await fs.stat(path.join(folder, "_metadata")).catch(() => undefined);
      return metadata === undefined || metadata.size === 0 ? [] : [{ folder, time: metadata.mtimeMs }];
    });
  return (await Promise.all(found)).flat();
}
