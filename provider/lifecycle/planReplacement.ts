import { isTerminal, type ClusterObservation, type Observation, type ObservedJob } from "./observation";
import { plan } from "./plan";
import { planDelete } from "./planDelete";
import type { Plan, PlanInput } from "./planTypes";
import type { Step } from "./steps";

/** What a replacement does, in this order: it is a delete and then a create, and Pulumi tells neither of the other. */
export interface ReplacementPlan {
  readonly deletion: Plan;
  readonly creation: Plan;
}

/** Stands for the path of a savepoint that is still to be taken. Never printed. */
const TO_BE_TAKEN = "the savepoint of the delete";

/** Decides a delete and the create that follows it, for a preview: what the delete will leave is foreseen. */
export function planReplacement(input: PlanInput): ReplacementPlan {
  const deletion = planDelete(input).plan;
  if (deletion.kind === "refused") return { deletion, creation: deletion };
  const { plan: creation } = plan({ ...input, observation: afterDelete(input.observation, deletion.steps) });
  return {
    deletion,
    creation: creation.kind === "steps" ? { ...creation, steps: creation.steps.map(fromThatSavepoint) } : creation,
  };
}

function afterDelete(observation: Observation, deletion: readonly Step[]): Observation {
  const { time, current, target } = observation;
  const stopped = deletion.some((step) => step.kind === "stop");
  const after = (job: ObservedJob): ObservedJob => {
    if (isTerminal(job.status)) return job;
    if (!stopped) return { ...job, status: "CANCELED", up: false };
    const snapshot = { path: TO_BE_TAKEN, time, origin: "SUSPEND", jobId: job.jobId } as const;
    const left = { newestState: snapshot, newestSavepoint: snapshot, endedByStop: true };
    return { ...job, ...left, status: "FINISHED", up: false };
  };
  const cluster = (seen: ClusterObservation): ClusterObservation =>
    seen.kind === "reachable"
      ? { ...seen, jobs: seen.jobs.map(after), slots: { ...seen.slots, free: seen.slots.total }, heldArtifacts: [] }
      : seen;
  return { time, current: cluster(current), ...(target === undefined ? {} : { target: cluster(target) }), stops: [] };
}

function fromThatSavepoint(step: Step): Step {
  return step.kind === "start" && step.restore.kind === "snapshot" && step.restore.snapshot.path === TO_BE_TAKEN
    ? { ...step, restore: { kind: "stop" } }
    : step;
}
