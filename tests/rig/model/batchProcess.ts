import { inspect } from "node:util";
import { checkSequences, type Batch } from "./sequences";

/* Runs batches of sequences, one after the other, in a process beside others. */

/** What became of a batch. */
export interface BatchAnswer {
  /** Undefined: nothing went wrong. */
  readonly failure?: string;
}

process.on("message", (batch: Batch) => {
  const answer = (outcome: BatchAnswer): void => void process.send?.(outcome);
  checkSequences(batch).then(
    () => answer({}),
    (error: unknown) => answer({ failure: inspect(error) }),
  );
});
