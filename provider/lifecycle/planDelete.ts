import type { PlanInput, Plan, PlannedTransition } from "./planTypes";
import {
  holdsArtifacts,
  reference,
  refuseSeveral,
  refuseUnreachable,
  settle,
  steps,
  stopStep,
  jobThatMayRun,
} from "./planParts";
import { situationOf, type Situation } from "./situation";
import type { Step } from "./steps";

/** Decides what destroying the deployment does to its job. */
export function planDelete(input: PlanInput): PlannedTransition {
  const situation = situationOf(input.record, input.desired, input.observation);
  return { plan: decide(input, situation), situation };
}

function decide(input: PlanInput, situation: Situation): Plan {
  const { current } = situation;
  switch (current.kind) {
    case "several":
      return refuseSeveral(current);
    case "active": {
      const { sighting } = current;
      const end: Step =
        sighting.job.status === "CANCELLING"
          ? { kind: "awaitEnd", job: reference(sighting) }
          : input.desired.policy.onDelete === "SAVEPOINT"
            ? stopStep(input, sighting, "delete", "CANCEL_ON_CHECKPOINT")
            : { kind: "cancel", job: reference(sighting), purpose: "delete" };
      return steps([end, ...removeJars(input)]);
    }
    case "unreachable": {
      const isAtRest = jobThatMayRun(input) === undefined && input.record?.transition === undefined;
      return isAtRest ? settle("deleted") : refuseUnreachable(current, input);
    }
    case "failed":
    case "cancelled":
    case "finished":
    case "endedByUs":
    case "missing":
    case "none":
    case "unobserved":
      return steps([...removeJars(input), { kind: "settle", what: "deleted" }]);
  }
}

/** A move that failed may have left a jar on the cluster that was asked for, too. */
function removeJars({ observation }: PlanInput): Step[] {
  const clusters = (["current", "target"] as const).filter((where) => holdsArtifacts(observation[where]));
  return clusters.length === 0 ? [] : [{ kind: "cleanUp", keep: undefined, clusters }];
}
