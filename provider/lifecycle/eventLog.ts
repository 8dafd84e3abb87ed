import { canonicalJson } from "../values/canonicalJson";
import type { ExecutionContext } from "./execution";
import type { JobSpec } from "./jobSpec";
import type { EventReason } from "./model";
import { isTerminal } from "./observation";
import type { Step } from "./steps";
import { leftRunningText } from "./words";

/* What the event log says of a transition, beside what its steps themselves take down about jobs and snapshots. */

/** A note that is still without its time. */
interface Note {
  readonly kind: "note";
  readonly reason: EventReason;
  readonly message: string;
}

/** Why a transition begins. */
export function beginnings({ ledger, desired, situation }: ExecutionContext, steps: readonly Step[]): Note[] {
  const { applied } = ledger.record;
  const note = (reason: EventReason, message: string): Note => ({ kind: "note", reason, message });
  const starts = steps.some((step) => step.kind === "start");
  if (!starts || applied === undefined) return [];
  const { current, jobChanged, placementChanged } = situation;
  const missing =
    current.kind === "missing" ? [note("Missing", `Flink does not know job ${current.jobId} any more`)] : [];
  if (jobChanged || placementChanged) {
    const job = jobChanged && desired.job.kind === "known" ? changedParts(applied.job, desired.job.spec) : [];
    const cluster =
      placementChanged && desired.cluster.kind === "known"
        ? [`the cluster (${applied.cluster.name} to ${desired.cluster.identity.name})`]
        : [];
    return [...missing, note("SpecChanged", `changed: ${[...job, ...cluster].join(", ")}`)];
  }
  if (current.kind !== "failed" && current.kind !== "cancelled") return missing;
  const { jobId, status, failure } = current.sighting.job;
  if (!isTerminal(status)) return [note("RecoverDeployment", `${leftRunningText(jobId)} Another is started.`)];
  const why = failure === undefined ? "" : `: ${failure}`;
  return [note("RecoverDeployment", `job ${jobId} is ${status}${why}; it is started again`)];
}

/** Under which reason a step stands in the event log when it is done; undefined: what it did stands there already. */
export function reasonOf(step: Step): EventReason | undefined {
  switch (step.kind) {
    case "upload":
      return "Upload";
    case "stop":
      return step.purpose === "suspend" ? "Suspended" : undefined;
    case "suspendOn":
      return "Suspended";
    case "cancel":
      return step.purpose === "cancel" ? "Cancelled" : undefined;
    case "cleanUp":
      return "Cleanup";
    case "point":
      return "SpecChanged";
    case "settle":
      return settledReason(step.what);
    case "awaitEnd":
    case "start":
    case "dispose":
      return undefined;
  }
}

function settledReason(what: Extract<Step, { kind: "settle" }>["what"]): EventReason | undefined {
  switch (what) {
    case "upgradeWaits":
    case "alreadyThere":
    case "nothingRuns":
      return "SpecChanged";
    case "cancelledNothingRan":
      return "Cancelled";
    case "finished":
    case "deleted":
      return undefined;
  }
}

/** The arguments of a job that differ, by name: their values may be secrets. */
function changedParts(before: JobSpec, after: JobSpec): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof JobSpec>;
  const changed = [...names].filter((name) => canonicalJson([before[name]]) !== canonicalJson([after[name]]));
  return changed.map((name) => (name === "artifactSha256" ? "artifact" : name));
}
