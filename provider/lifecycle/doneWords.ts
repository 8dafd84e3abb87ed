import type { Settlement, Step } from "./steps";

/** What came of a step, for the line that reports it as done. */
export interface StepOutcome {
  /** The newest state that an ended job left. */
  readonly left?: { readonly path: string; readonly origin: string };
  /** The job that a start brought up. */
  readonly started?: {
    readonly jobId: string;
    readonly restoredFrom?: string;
    readonly finished: boolean;
    readonly health?: string;
  };
  /** What did not go as planned, and does no harm. */
  readonly remark?: string;
  /** The savepoints that are gone, and why others are not. */
  readonly disposal?: { readonly disposed: readonly string[]; readonly failures: readonly string[] };
}

const SETTLED: Record<Settlement, string> = {
  upgradeWaits: "recorded the change; the job keeps running as it is",
  alreadyThere: "recorded the change; the job was not restarted",
  nothingRuns: "recorded the change; no job runs",
  cancelledNothingRan: "recorded the deployment as CANCELLED; no job was active",
  finished: "recorded that the job has FINISHED",
  deleted: "nothing was to be stopped: no job was active",
};

/** A step that has been carried out, in words: what the step promised in the plan, and what came of it. */
export function describeDone(step: Step, outcome: StepOutcome, took: string): string {
  const { left, started, remark } = outcome;
  switch (step.kind) {
    case "upload":
      return `uploaded ${step.fileName} to ${step.cluster} in ${took}`;
    case "awaitEnd":
      return `job ${step.job.jobId}, which was being cancelled, has ended after ${took}${leaving(left)}`;
    case "stop":
      return left?.origin === "RETAINED_CHECKPOINT"
        ? `cancelled job ${step.job.jobId} in ${took}, for it could take no savepoint${leaving(left)}`
        : `stopped job ${step.job.jobId} with a savepoint in ${took}: ${left?.path ?? "its path is not known"}`;
    case "cancel":
      return `cancelled job ${step.job.jobId} without a savepoint in ${took}${leaving(left)}`;
    case "start": {
      const job = started?.jobId ?? step.existing?.jobId ?? step.jobId ?? "";
      const from = started?.restoredFrom === undefined ? "empty" : `from ${started.restoredFrom}`;
      const done = step.existing === undefined ? "started" : "brought up";
      const ended = started?.finished === true ? "; it has FINISHED already" : "";
      const healthy = started?.health === undefined ? "" : `; healthy: ${started.health}`;
      return `${done} job ${job} on ${step.cluster} in ${took}, ${from}${ended}${healthy}`;
    }
    case "suspendOn":
      return left === undefined
        ? "recorded the deployment as SUSPENDED; no job was active"
        : `recorded the deployment as SUSPENDED on ${left.path}`;
    case "point":
      return `pointed to ${step.cluster.name}; nothing runs and nothing was started`;
    case "cleanUp":
      return remark ?? "deleted jars that nothing used any more";
    case "dispose":
      return disposedText(outcome);
    case "settle":
      return SETTLED[step.what] + leaving(left);
  }
}

function disposedText({ disposal }: StepOutcome): string {
  const { disposed = [], failures = [] } = disposal ?? {};
  const gone = disposed.length === 0 ? "disposed of no savepoint" : `disposed of ${disposed.join(", ")}`;
  return failures.length === 0 ? gone : `${gone}; ${failures.length} could not be disposed of`;
}

function leaving(left: StepOutcome["left"]): string {
  return left === undefined ? "" : `; its newest state is ${left.path}`;
}
