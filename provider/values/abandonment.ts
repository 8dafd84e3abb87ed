/** Environment variable with the ids of jobs that an operation may leave behind; unlike `flink:abandonJobs`, always that of now. */
export const abandonVariable = "PULUMI_FLINK_ABANDON_JOBS";

/** What lets an operation leave these jobs, or the clusters with these incarnations, behind; it stands before the command. */
export function abandonSetting(ids: readonly string[]): string {
  return `${abandonVariable}=${ids.join(",")}`;
}
