/** Flink's names of a setting, newest first. */
export const DIRECTORY_KEYS = {
  checkpoints: ["execution.checkpointing.dir", "state.checkpoints.dir"],
  savepoints: ["execution.checkpointing.savepoint-dir", "state.savepoints.dir"],
} as const;

/** The same, of how a JobManager's successor learns of its jobs. */
export const HIGH_AVAILABILITY_KEYS = ["high-availability.type", "high-availability"] as const;

/** Whether a highly available cluster forgets what has become of a job, and its id, once that is cleaned up; default true. */
export const DELETES_RESULTS = "job-result-store.delete-on-commit";

/** What a configuration says under one of the names of a setting. */
export function valueOf(configuration: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  return names.map((name) => configuration[name]).find(Boolean);
}

/** What is said under an older name of a setting under its newest name too, for a cluster's own newest name would win. */
export function withNewestNames(configuration: Readonly<Record<string, string>>): Record<string, string> {
  const said = Object.values(DIRECTORY_KEYS).flatMap((names) => {
    const value = valueOf(configuration, names);
    return value === undefined ? [] : [[names[0], value] as const];
  });
  return { ...configuration, ...Object.fromEntries(said) };
}
