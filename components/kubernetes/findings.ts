import type { InputFailure } from "../../provider/checks/issues";

/** What rules find: a failure stops the program, a warning is only printed. */
export interface Findings {
  readonly failures: InputFailure[];
  readonly warnings: string[];
}

/** Says what is wrong with a property, as the end of a sentence that begins with it. */
export type Fail = (property: string, reason: string) => void;
