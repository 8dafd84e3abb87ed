import type { FakeJob } from "./job";
import type { SavepointRequest } from "./savepoints";
import type { RunOutcome, SavepointOutcome, Submission } from "./types";

/** What becomes of the operations that clients start. */
export interface Script {
  /** `attempt` counts the operations started on this job, from 1. */
  savepoint: (job: FakeJob, attempt: number, request: SavepointRequest) => SavepointOutcome;
  /** `attempt` counts the submissions to this cluster that reached this point, from 1. */
  run: (request: Submission, attempt: number) => RunOutcome;
}
