import type { FirstSubmission, TriedJob } from "./model";
import type { ClusterObservation, JobMemory } from "./observation";

/* What a JobManager's memory proves of a submission that was not answered. */

/** Whether a cluster that does not show a job would show it, had its submission arrived. */
export function neverArrived({ submission }: TriedJob, seen: ClusterObservation, now: number): boolean {
  // What a JobManager of this machine took with it when it ended is found in this machine's folders.
  if (seen.kind !== "reachable") return true;
  const { memory } = seen;
  if (submission === undefined || memory === undefined) return false;
  // A main method that has taken longer than its limit may take any time.
  return submission.overran !== true && wouldStillShow(submission, memory, now);
}

function wouldStillShow(submission: FirstSubmission, memory: JobMemory, now: number): boolean {
  return memory.jobManager === submission.jobManager && now - submission.time < memory.endedJobsKeptMs;
}

/** Whether the JobManager that answers may still be at work on it: what another one was at work on ended with it. */
export function mayBeAtWork({ jobManager }: FirstSubmission, memory: JobMemory | undefined): boolean {
  return jobManager === undefined || memory === undefined || memory.jobManager === jobManager;
}

/** Whether a cluster would refuse the submission if it were made again under its id, had it arrived before. */
export function wouldRefuseAgain({ submission }: TriedJob, memory: JobMemory | undefined, now: number): boolean {
  if (memory === undefined) return false;
  if (memory.isHandedOn) return true;
  if (submission === undefined || memory.jobManager !== submission.jobManager) return false;
  return memory.keepsIds || wouldStillShow(submission, memory, now);
}
