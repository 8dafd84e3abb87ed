/** Flink's names of a setting, newest first. */
export const DIRECTORY_KEYS = {
  checkpoints: ["execution.checkpointing.dir", "state.checkpoints.dir"],
  savepoints: ["execution.checkpointing.savepoint-dir", "state.savepoints.dir"],
} as const;

/** What a configuration says under one of the names of a setting. */
export function valueOf(configuration: Readonly<Record<string, string>>, names: readonly string[]): string | undefined {
  return names.map((name) => configuration[name]).find(Boolean);
}
