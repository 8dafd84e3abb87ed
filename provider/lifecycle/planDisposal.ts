import type { Snapshot } from "./model";
import type { Plan, PlanInput } from "./planTypes";
import type { RestoreSource } from "./restore";
import type { Situation } from "./situation";
import { beyondLimits, isOwn, useOf, type SnapshotUse } from "./snapshotHistory";
import type { Step } from "./steps";

/** Stands for the state that a job is still to leave. Never printed, never disposed of. */
const STILL_TO_COME = "the state that the job leaves";

/** A plan with what savepointHistory disposes of when all else has succeeded. */
export function withDisposal(input: PlanInput, situation: Situation, made: Plan): Plan {
  if (made.kind === "refused" || !input.desired.policy.savepointHistory.dispose) return made;
  const where = storageAccess(input);
  const snapshots = where === undefined ? [] : disposable(input, situation, made.steps);
  return where === undefined || snapshots.length === 0
    ? made
    : { ...made, steps: [...made.steps, { kind: "dispose", snapshots, where }] };
}

/** The cluster to be asked: the one that the job is on afterwards, where it can be. */
function storageAccess({ observation }: PlanInput): "current" | "target" | undefined {
  const { current, target = current } = observation;
  // One that is not seen in a preview is there in the update, or the plan is another one.
  const answers = ({ kind }: typeof current): boolean => kind === "reachable" || kind === "unknown";
  return answers(target) ? "target" : answers(current) ? "current" : undefined;
}

function disposable(
  { record, desired, observation }: PlanInput,
  situation: Situation,
  steps: readonly Step[],
): Snapshot[] {
  if (record === undefined) return [];
  const { policy } = desired;
  const before = useOf(record, policy);
  // A job that was given up may run on.
  const abandoned = situation.sightings.filter(({ job }) => policy.abandonedJobs.includes(job.jobId));
  const others = [...before.others, ...abandoned.flatMap(({ job }) => job.restoredFrom ?? [])];
  const { snapshots, use } = foresee({ ...before, others }, record.snapshots, steps);
  return beyondLimits(snapshots, use, policy.savepointHistory, observation.time).filter(isOwn);
}

interface Foreseen {
  readonly use: SnapshotUse;
  readonly snapshots: readonly Snapshot[];
}

/** What is needed when these steps are done, and which snapshots there are then. */
function foresee(before: SnapshotUse, known: readonly Snapshot[], steps: readonly Step[]): Foreseen {
  return steps.reduce<Foreseen>(
    (so, step): Foreseen => {
      switch (step.kind) {
        case "stop":
        case "cancel":
        case "awaitEnd": {
          const origin = step.kind === "stop" ? "SUSPEND" : "RETAINED_CHECKPOINT";
          const left: Snapshot = { path: STILL_TO_COME, origin };
          return { ...so, use: { ...so.use, left: left.path }, snapshots: [left, ...so.snapshots] };
        }
        case "start": {
          const [restoredFrom, ...otherwise] = sourcesOf(step.restore);
          return { ...so, use: { restoredFrom, others: [...so.use.others, ...otherwise] } };
        }
        case "suspendOn":
          return step.snapshot === undefined ? so : { ...so, use: { ...so.use, left: step.snapshot.path } };
        case "upload":
        case "point":
        case "cleanUp":
        case "dispose":
        case "settle":
          return so;
      }
    },
    { use: before, snapshots: known },
  );
}

/** The paths that a start may use. */
function sourcesOf(restore: RestoreSource): string[] {
  switch (restore.kind) {
    case "snapshot":
      return [restore.snapshot.path];
    case "stop":
      return [STILL_TO_COME];
    case "lastState":
      return [STILL_TO_COME, ...sourcesOf(restore.otherwise)];
    case "empty":
    case "none":
      return [];
  }
}
