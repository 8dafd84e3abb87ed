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
  const named: [argument: string, value: string | undefined][] = [
    ["savepointTargetDirectory", policy.savepointTargetDirectory],
    ["initialSavepointPath", policy.initialSavepointPath],
    ...DIRECTORY_KEYS.checkpoints.map((key): [string, string | undefined] => [key, configuration[key]]),
  ];
  return named.flatMap(([argument, value]) =>
    value !== undefined && localFolder(value) !== undefined ? [{ argument, value }] : [],
  );
}
