import { newestFirst, parseJobId, shortDigest, type JobIdParts } from "./ids";
import type { DeploymentRecord, Desired, Snapshot } from "./model";
import type { ObservedJob } from "./observation";

/** The newest state that the tries of an unfinished transition completed themselves. */
export interface TriedState {
  readonly jobId: string;
  readonly generation: number;
  readonly snapshot: Snapshot;
  /** It was a try at the very job that is asked for now. */
  readonly ofWanted: boolean;
}

/** Whether the newest try that completed a checkpoint has lost it: no older state may take its place unasked. */
export function haveLostState(triesNewestFirst: readonly ObservedJob[]): boolean {
  const committed = triesNewestFirst.find(
    ({ completedCheckpoints, status }) => completedCheckpoints > 0 && status !== "FINISHED",
  );
  return committed !== undefined && committed.newestState === undefined;
}

/** What is known of a submission. */
export interface RecordedJob extends JobIdParts {
  readonly jobId: string;
  readonly newestState?: Snapshot;
}

/** The jobs that the record names beside the applied one, and the snapshots that it keeps of them, newest first. */
export function recordedJobs(record: DeploymentRecord | undefined, uid: string): RecordedJob[] {
  const tried = record?.transition?.tried;
  const named = [
    ...(record?.snapshots ?? []).map((snapshot) => ({ jobId: snapshot.jobId, newestState: snapshot })),
    ...(tried === undefined ? [] : [{ jobId: tried.jobId, newestState: undefined }]),
  ];
  return named
    .flatMap(({ jobId, newestState }) => {
      const parts = jobId === undefined ? undefined : parseJobId(uid, jobId);
      return jobId === undefined || parts === undefined ? [] : [{ ...parts, jobId, newestState }];
    })
    .sort(newestFirst);
}

/** Finds it among the tries that Flink shows and what the record kept of those that it no longer shows. */
export function stateOfTries(
  desired: Desired,
  seen: readonly ObservedJob[],
  recorded: readonly RecordedJob[],
): TriedState | undefined {
  // A stable sort: what Flink shows of a job comes before what was kept of it.
  const [newest] = [...seen, ...recorded]
    .sort(newestFirst)
    .flatMap(({ newestState, ...job }) => (newestState === undefined ? [] : [{ ...job, newestState }]));
  if (newest === undefined) return undefined;
  const wanted = desired.job.kind === "known" ? shortDigest(desired.job.digest) : undefined;
  const { jobId, generation, newestState: snapshot, digest } = newest;
  return { jobId, generation, snapshot, ofWanted: digest === wanted };
}
