/** The deployment is to run no job, so that there is nothing to take a savepoint of. */
export function noJobText(): string {
  return (
    "No savepoint can be taken: the deployment has no active job. Set its state to RUNNING, or adopt the savepoint that " +
    "it has: adoptPath: deployment.latestSavepoint."
  );
}

const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** A size for people. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length);
  return `${(bytes / 1_000 ** power).toFixed(1)} ${UNITS[power - 1] ?? ""}`;
}
