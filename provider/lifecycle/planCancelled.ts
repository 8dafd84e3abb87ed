import type { Plan, PlanInput } from "./planTypes";
import { pointSteps, reference, refuseSeveral, refuseUnreachable, rest, settle, steps } from "./planParts";
import type { Situation } from "./situation";

/** The plan of a deployment that is to be cancelled: what runs is cancelled, what has ended stays so. */
export function planCancelled(input: PlanInput, situation: Situation): Plan {
  const { current } = situation;
  const already = input.record?.state === "CANCELLED";
  switch (current.kind) {
    case "several":
      return refuseSeveral(current);
    case "active":
      return steps([
        current.sighting.job.status === "CANCELLING"
          ? { kind: "awaitEnd", job: reference(current.sighting) }
          : { kind: "cancel", job: reference(current.sighting), purpose: "cancel" },
        ...pointSteps(input, situation),
      ]);
    case "failed":
    case "cancelled":
    case "finished":
    case "endedByUs":
    case "missing":
    case "none":
      return already
        ? rest(input, situation, "alreadyThere")
        : steps([{ kind: "settle", what: "cancelledNothingRan" }, ...pointSteps(input, situation)]);
    case "unreachable":
      return refuseUnreachable(current, input);
    case "unobserved": {
      const applied = input.record?.applied;
      if (already || applied === undefined) return settle(already ? "alreadyThere" : "cancelledNothingRan");
      return steps([
        {
          kind: "cancel",
          job: { jobId: applied.jobId, generation: applied.generation, where: "current" },
          purpose: "cancel",
        },
      ]);
    }
  }
}
