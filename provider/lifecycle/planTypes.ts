import type { DeploymentRecord, Desired } from "./model";
import type { Observation } from "./observation";
import type { Refusal } from "./refusals";
import type { Situation } from "./situation";
import type { Step } from "./steps";

/** Everything a plan is made from. */
export interface PlanInput {
  /** Undefined while the deployment is being created. */
  readonly record: DeploymentRecord | undefined;
  readonly desired: Desired;
  readonly observation: Observation;
  /** The artifact's file name, for people; undefined while it is unknown. */
  readonly artifactName: string | undefined;
  /** Where the artifact lies in the image of its cluster; undefined: it is uploaded. */
  readonly imagePath?: string | undefined;
}

/** A transition as steps, or the reason why it is refused. Nothing else describes what `up` will do. */
export type Plan =
  | {
      readonly kind: "steps";
      readonly steps: readonly Step[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** A plan together with the situation it was made in, as its executor needs it. */
export interface PlannedTransition {
  readonly plan: Plan;
  readonly situation: Situation;
}
