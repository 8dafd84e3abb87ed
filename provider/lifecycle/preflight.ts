import { isUnsupportedFlink } from "../values/flinkVersion";
import { imageProblem, targetOf } from "./planParts";
import { MAX_PARALLELISM_KEY } from "./jobSpec";
import type { ObservedJob } from "./observation";
import type { PlanInput } from "./planTypes";
import type { Refusal } from "./refusals";
import type { RestoreSource } from "./restore";
import type { Situation } from "./situation";
import { maxParallelismChangedText, oldFlinkText, parallelismAboveStateText, slotsText } from "./words";

/* What is known to go wrong with a start before anything has been stopped for it. */

/** Why a job cannot come up on its cluster, whatever is done; the first reason there is. */
export function startProblem(
  input: PlanInput,
  situation: Situation,
  restore: RestoreSource,
  cluster: string,
): Refusal | undefined {
  return (
    versionProblem(input, cluster) ??
    imageProblem(input, cluster) ??
    slotProblem(input, situation, cluster) ??
    maxParallelismProblem(input, situation, restore)
  );
}

function versionProblem({ observation }: PlanInput, cluster: string): Refusal | undefined {
  const target = targetOf(observation);
  if (target.kind !== "reachable" || !isUnsupportedFlink(target.flinkVersion)) return undefined;
  return { code: "FLINK_VERSION_UNSUPPORTED", message: oldFlinkText(target.flinkVersion, cluster) };
}

/** Free slots plus those that the job to be ended gives back must hold the new one. */
function slotProblem(
  { desired, observation, record }: PlanInput,
  { current }: Situation,
  cluster: string,
): Refusal | undefined {
  const target = targetOf(observation);
  if (desired.job.kind === "unknown" || target.kind !== "reachable" || target.slots.elastic) return undefined;
  const recorded = record?.applied;
  // How many slots a job holds that the record does not know, nobody says: then it may be all of them.
  const own =
    current.kind !== "active" || current.sighting.where !== "target"
      ? 0
      : current.sighting.job.jobId === recorded?.jobId
        ? recorded.job.parallelism
        : target.slots.total;
  const available = Math.min(target.slots.total, target.slots.free + own);
  const wanted = desired.job.spec.parallelism;
  if (wanted <= available) return undefined;
  return { code: "FLINK_NOT_ENOUGH_SLOTS", message: slotsText(wanted, available, target.slots.total, cluster) };
}

/**
 * State is never restored with another number of key groups, nor with more subtasks than it has key groups. Which
 * operators set numbers of their own only the jar's code says: what holds for all parts of the job is certain.
 */
function maxParallelismProblem(
  { desired }: PlanInput,
  situation: Situation,
  restore: RestoreSource,
): Refusal | undefined {
  const vertices = jobOfState(situation, restore)?.vertices ?? [];
  if (desired.job.kind === "unknown" || vertices.length === 0) return undefined;
  const { parallelism, flinkConfiguration } = desired.job.spec;
  const highest = Math.max(...vertices.map(({ maxParallelism }) => maxParallelism));
  if (parallelism > highest) {
    return { code: "FLINK_MAX_PARALLELISM", message: parallelismAboveStateText(parallelism, highest) };
  }
  const wanted = Number(flinkConfiguration[MAX_PARALLELISM_KEY]);
  const differs = wanted > 0 && vertices.every(({ maxParallelism }) => maxParallelism !== wanted);
  return differs ? { code: "FLINK_MAX_PARALLELISM", message: maxParallelismChangedText(wanted, highest) } : undefined;
}

/** The job whose own state a start restores, where Flink shows it. */
function jobOfState({ current, sightings }: Situation, restore: RestoreSource): ObservedJob | undefined {
  switch (restore.kind) {
    case "stop":
    case "lastState":
      return current.kind === "active" ? current.sighting.job : undefined;
    case "snapshot": {
      const { jobId, origin } = restore.snapshot;
      // Whose state a copied snapshot is, nobody knows.
      return origin === "COPIED" ? undefined : sightings.find(({ job }) => job.jobId === jobId)?.job;
    }
    case "empty":
    case "none":
      return undefined;
  }
}
