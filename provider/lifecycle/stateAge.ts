import { isSameSnapshot } from "../values/snapshotPath";
import type { DeploymentRecord, Snapshot } from "./model";
import type { PlanInput } from "./planTypes";
import type { Refusal } from "./refusals";
import type { RestoreSource } from "./restore";
import type { Situation } from "./situation";
import type { Step } from "./steps";
import { fallbackAgeText, stateAgeText } from "./words";

/*
 * restoreStrategy.maxStateAge: a job is not started from older state unless its user has named that state, or has left
 * it by a suspension. What this plan's own stop will save is new, whenever that is.
 */

/** Refuses a start from state that is too old, or of which nobody knows how old it is. */
export function ageProblem(input: PlanInput, situation: Situation, restore: RestoreSource): Refusal | undefined {
  const { record, desired, observation } = input;
  const { maxStateAgeMs } = desired.policy;
  const state = judgedState(input, situation, restore);
  if (maxStateAgeMs === undefined || state === undefined) return undefined;
  const dated = withTime(state, record?.snapshots ?? []);
  if (!isTooOld(dated, maxStateAgeMs, observation.time)) return undefined;
  const runs = situation.current.kind === "active";
  return { code: "FLINK_STATE_TOO_OLD", message: stateAgeText(dated, maxStateAgeMs, observation.time, runs) };
}

/** What a user should know before a stop is tried that may have to do with an old checkpoint. */
export function ageWarnings(
  { observation, record }: PlanInput,
  { current }: Situation,
  end: readonly Step[],
): string[] {
  return end.flatMap((step) => {
    if (step.kind !== "stop" || step.maxStateAgeMs === undefined || current.kind !== "active") return [];
    const { newestState, up } = current.sighting.job;
    const state = newestState === undefined ? undefined : withTime(newestState, record?.snapshots ?? []);
    return up || state === undefined || !isTooOld(state, step.maxStateAgeMs, observation.time)
      ? []
      : [fallbackAgeText(step.job.jobId, state, step.maxStateAgeMs, observation.time)];
  });
}

/** Whether a snapshot is older than it may be. One of unknown age is. */
export function isTooOld({ time }: Snapshot, maxStateAgeMs: number, now: number): boolean {
  return time === undefined || now - time > maxStateAgeMs;
}

/** The snapshot with the time that is known of its path: what a job was started from, Flink tells without it. */
export function withTime(snapshot: Snapshot, known: readonly Snapshot[]): Snapshot {
  if (snapshot.time !== undefined) return snapshot;
  const time = known.find((each) => each.time !== undefined && isSameSnapshot(each.path, snapshot.path))?.time;
  return time === undefined ? snapshot : { ...snapshot, time };
}

/** The state that has to be young enough; undefined where the age does not count, or cannot be told yet. */
function judgedState(input: PlanInput, situation: Situation, restore: RestoreSource): Snapshot | undefined {
  const { current } = situation;
  switch (restore.kind) {
    case "snapshot":
      return restore.named === true || isLeftBySuspension(input.record, restore.snapshot)
        ? undefined
        : restore.snapshot;
    case "lastState": {
      // What it completes until it has ended is newer still.
      const newest = current.kind === "active" ? current.sighting.job.newestState : undefined;
      if (newest !== undefined || current.kind === "unobserved") return newest;
      return judgedState(input, situation, restore.otherwise);
    }
    case "stop":
    case "empty":
    case "none":
      return undefined;
  }
}

/** The savepoint that a suspension took. A checkpoint on which a dead job was suspended had its age then already. */
function isLeftBySuspension(record: DeploymentRecord | undefined, { path }: Snapshot): boolean {
  const end = record?.applied?.end;
  return end?.kind === "SUSPENDED" && end.snapshot?.origin === "SUSPEND" && end.snapshot.path === path;
}
