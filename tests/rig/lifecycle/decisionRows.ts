import assert from "node:assert/strict";
import { plan } from "../../../provider/lifecycle/plan";
import type { PlanInput } from "../../../provider/lifecycle/planTypes";
import { JOB_STATE_NAMES, type JobState } from "./jobStates";
import { planText } from "./planText";

/** A decision for each thing that Flink can say of the job, as {@link planText} has it. */
export type Table = Record<JobState, string>;

/** One test for each row. */
export function rows(table: Table, input: (state: JobState) => PlanInput, decide: typeof plan = plan): void {
  for (const state of JOB_STATE_NAMES) {
    it(`a job that is ${state} leads to "${table[state]}"`, () => {
      assert.equal(planText(decide(input(state)).plan), table[state]);
    });
  }
}
