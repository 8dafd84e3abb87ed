/** What the engine does with this process: it starts one for the preview and another for the update. */
export type Phase = "preview" | "update" | "unknown";

let phase: Phase = "unknown";

/**
 * Takes down what the program knew of its own run; `check` calls it, since no hook is told.
 *
 * @param isDryRun - `pulumi.runtime.isDryRun()` of the program.
 */
export function rememberPhase(isDryRun: boolean): void {
  phase = isDryRun ? "preview" : "update";
}

/** The phase; `unknown` until a `check` has run: in `refresh` and `destroy` none ever does. */
export function currentPhase(): Phase {
  return phase;
}
