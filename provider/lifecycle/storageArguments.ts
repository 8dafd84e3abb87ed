import { DIRECTORY_KEYS } from "../values/flinkKeys";
import { localFolder } from "../values/storagePath";
import type { Desired } from "./model";

/** An argument that names a folder of the cluster's machines. */
export interface FolderArgument {
  readonly argument: string;
  readonly value: string;
}

/** The arguments that have snapshots written to, or read from, folders of the cluster's own machines. */
export function storageArguments({ job, policy }: Pick<Desired, "job" | "policy">): FolderArgument[] {
  const configuration = job.kind === "known" ? job.spec.flinkConfiguration : {};
  const ofJob = Object.values(DIRECTORY_KEYS).flatMap((keys) =>
    keys.map((key): [string, string | undefined] => [key, configuration[key]]),
  );
  const isOfJob = ofJob.some(([, value]) => value === policy.savepointTargetDirectory);
  const named: [argument: string, value: string | undefined][] = [
    ...(isOfJob ? [] : [["savepointTargetDirectory", policy.savepointTargetDirectory] as [string, string | undefined]]),
    ["initialSavepointPath", policy.initialSavepointPath],
    ...ofJob,
  ];
  return named.flatMap(([argument, value]) =>
    value !== undefined && localFolder(value) !== undefined ? [{ argument, value }] : [],
  );
}
