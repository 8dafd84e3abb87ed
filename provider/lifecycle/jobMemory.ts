import type { FirstSubmission, TriedJob } from "./model";
import type { ClusterObservation, JobMemory } from "./observation";

/* What a JobManager's memory proves of a submission that was not answered. */

/** Whether a cluster that does not show a job would show it, had its submission arrived. */
export function neverArrived({ submission }: TriedJob, seen: ClusterObservation, now: number): boolean {
  // What a JobManager of this machine took with it when it ended is found in this machine's folders.
  if (seen.kind !== "reachable") return true;
  const { memory } = seen;
  if (submission === undefined || memory === undefined) return false;
  return memory.jobManager === submission.jobManager && now - submission.time < memory.endedJobsKeptMs;
}

/** Whether the JobManager that answers may still be at work on it: what another one was at work on ended with it. */
export function mayBeAtWork({ jobManager }: FirstSubmission, memory: JobMemory | undefined): boolean {
  return jobManager === undefined || memory === undefined || memory.jobManager === jobManager;
}

/** Whether a cluster would refuse the submission if it were made again under its id, had it arrived before. */
export function wouldRefuseAgain({ submission }: TriedJob, memory: JobMemory | undefined): boolean {
  if (memory === undefined) return false;
  return memory.isHandedOn || memory.jobManager === submission?.jobManager;
}
