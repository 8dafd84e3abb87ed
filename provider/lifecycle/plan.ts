import type { Plan, PlanInput, PlannedTransition } from "./planTypes";
import { planCancelled } from "./planCancelled";
import { withDisposal } from "./planDisposal";
import { withLeftBehind } from "./planParts";
import { planRunning } from "./planRunning";
import { planSuspended } from "./planSuspended";
import { situationOf, type Situation } from "./situation";

/** Decides a create or an update: a pure function of the record, the wish and what Flink says. */
export function plan(input: PlanInput): PlannedTransition {
  const situation = situationOf(input.record, input.desired, input.observation);
  const decided = withDisposal(input, situation, decide(input, situation));
  return { plan: withLeftBehind(decided, input, situation), situation };
}

function decide(input: PlanInput, situation: Situation): Plan {
  switch (input.desired.state) {
    case "RUNNING":
      return planRunning(input, situation);
    case "SUSPENDED":
      return planSuspended(input, situation);
    case "CANCELLED":
      return planCancelled(input, situation);
  }
}
