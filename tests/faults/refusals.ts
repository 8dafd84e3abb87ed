import type { Fault } from "./faults";

/** A refusal that is right after a fault, and that its user can get out of by what it says. */
export interface NamedRefusal {
  readonly name: string;
  readonly after: (fault: Fault) => boolean;
  readonly says: RegExp;
  /** What it says that its user may do. */
  readonly wayOut: "name a snapshot" | "start empty";
}

/** There are no others: after any other fault the same `up` comes to its end. */
const REFUSALS: readonly NamedRefusal[] = [
  {
    name: "the JobManager was restarted without its archive, and the record does not tell of the job's end",
    after: ({ harms }) => harms === "jobs and what is known of them",
    says: /Flink does not know job .* any more.*(?:The newest snapshot known is|No snapshot of it is known).*set initialSavepointPath to it and change savepointRedeployNonce/s,
    wayOut: "name a snapshot",
  },
  {
    name: "the JobManager was restarted without its archive before it answered a submission",
    after: ({ harms }) => harms === "jobs and what is known of them",
    says: /was not answered, and Flink does not show that job.*(?:The newest snapshot known is|No snapshot of it is known).*set initialSavepointPath to it and change savepointRedeployNonce/s,
    wayOut: "name a snapshot",
  },
  {
    // A TaskManager that finds the JobManager new may end a job there that it knew by this id before.
    name: "the JobManager was restarted without its archive, and the job that was started again failed before its first checkpoint",
    after: ({ harms }) => harms === "jobs and what is known of them",
    says: /No state of this deployment is known that the job could start from.*restoreStrategy "NONE" to start empty/s,
    wayOut: "start empty",
  },
];

/** The refusal that a message is, if it is right after this fault. */
export function refusalOf(fault: Fault | undefined, message: string): NamedRefusal | undefined {
  return REFUSALS.find(({ after, says }) => fault !== undefined && after(fault) && says.test(message));
}
