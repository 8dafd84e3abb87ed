import { cluster, observedJob, stoppedJob, UNREACHABLE } from "./builders";
import type { ClusterObservation } from "../../../provider/lifecycle/observation";

/** Everything that Flink can say of the recorded job, by the words that the test titles use. */
export const JOB_STATES = {
  INITIALIZING: cluster([observedJob({ status: "INITIALIZING" })]),
  CREATED: cluster([observedJob({ status: "CREATED" })]),
  "RUNNING and up": cluster([observedJob()]),
  "RUNNING with tasks that do not run": cluster([observedJob({ up: false })]),
  FAILING: cluster([observedJob({ status: "FAILING" })]),
  "FAILED with a checkpoint": cluster([observedJob({ status: "FAILED" })]),
  "FAILED without any state": cluster([observedJob({ status: "FAILED", checkpoint: undefined })]),
  CANCELLING: cluster([observedJob({ status: "CANCELLING" })]),
  "CANCELED by somebody else with a checkpoint": cluster([observedJob({ status: "CANCELED" })]),
  "CANCELED by somebody else without any state": cluster([observedJob({ status: "CANCELED", checkpoint: undefined })]),
  "FINISHED by itself": cluster([observedJob({ status: "FINISHED", checkpoint: undefined })]),
  "FINISHED by our stop": cluster([stoppedJob("stop")]),
  RESTARTING: cluster([observedJob({ status: "RESTARTING" })]),
  "SUSPENDED by Flink": cluster([observedJob({ status: "SUSPENDED" })]),
  RECONCILING: cluster([observedJob({ status: "RECONCILING" })]),
  "not found": cluster(),
  "on a cluster that is gone": { kind: "gone" },
  "on a cluster that does not answer": UNREACHABLE,
} as const satisfies Record<string, ClusterObservation>;

export type JobState = keyof typeof JOB_STATES;

export const JOB_STATE_NAMES = Object.keys(JOB_STATES) as JobState[];

/** One value for the states that are waited for, as the decision tables group them. */
export function whileWaiting<T>(
  value: T,
): Record<
  | "INITIALIZING"
  | "CREATED"
  | "RUNNING with tasks that do not run"
  | "FAILING"
  | "RESTARTING"
  | "SUSPENDED by Flink"
  | "RECONCILING",
  T
> {
  return {
    INITIALIZING: value,
    CREATED: value,
    "RUNNING with tasks that do not run": value,
    FAILING: value,
    RESTARTING: value,
    "SUSPENDED by Flink": value,
    RECONCILING: value,
  };
}
