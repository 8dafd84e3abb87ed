import { createResourceLog, type ResourceLog } from "../engine/log";
import type { Reporter } from "../lifecycle/ports";

/** Lines of one hook call on its resource's row. */
export function openLog(inputs: { readonly resourceUrn?: string }): ResourceLog {
  return createResourceLog(inputs.resourceUrn ?? "");
}

/** The lifecycle's reports as lines on the resource's row. */
export function reporterOf(log: ResourceLog): Reporter {
  return {
    progress: (text) => log.progress(text),
    done: (text) => log.info(text),
    warn: (text) => log.warn(text),
  };
}
