import type { BadInput } from "./row";

/** About savepoints as resources, and how many there are. */
export const SAVEPOINTS: BadInput[] = [
  {
    what: "a history of no savepoints",
    of: "FlinkDeployment",
    args: { savepointHistory: { maxCount: 0 } },
    says: "savepointHistory.maxCount: must be at least 1, but is 0",
  },
  {
    what: "state that may have no age",
    of: "FlinkDeployment",
    args: { restoreStrategy: { maxStateAge: "0 s" } },
    says: "restoreStrategy.maxStateAge: must be longer than zero",
  },
  {
    what: "nothing that a savepoint could be taken of",
    of: "Savepoint",
    args: {},
    says: "deployment: is required, or cluster and jobId, unless adoptPath names a savepoint that is there already",
  },
  {
    what: "a job without its cluster",
    of: "Savepoint",
    args: { jobId: "0".repeat(32) },
    says: "cluster: is required with jobId: it is the cluster that the job runs on",
  },
  {
    what: "triggers of a savepoint that is there already",
    of: "Savepoint",
    args: { adoptPath: "s3://bucket/savepoint-1", triggers: [1] },
    says: "triggers: has no meaning with adoptPath, for which no savepoint is taken: leave it out",
  },
  {
    what: "a disposal that no cluster could do",
    of: "Savepoint",
    args: { adoptPath: "s3://bucket/savepoint-1", disposeOnDelete: true },
    says: "disposeOnDelete: needs deployment or cluster as well: it is a Flink cluster that disposes of savepoints",
  },
];
