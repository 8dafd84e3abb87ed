import { createResourceLog, type ResourceLog } from "../engine/log";
import type { Reporter } from "../lifecycle/ports";
import { redactorOf, type SecretInputs } from "./secrets";

/** Lines of one hook call on its resource's row, without the secrets of what it was given. */
export function openLog(inputs: SecretInputs & { readonly resourceUrn?: string }, olds?: SecretInputs): ResourceLog {
  const log = createResourceLog(inputs.resourceUrn ?? "");
  const redact = redactorOf(inputs, olds);
  return {
    progress: (text) => log.progress(redact(text)),
    info: (text) => log.info(redact(text)),
    warn: (text) => log.warn(redact(text)),
    flush: () => log.flush(),
  };
}

/** The lifecycle's reports as lines on the resource's row. */
export function reporterOf(log: ResourceLog): Reporter {
  return {
    progress: (text) => log.progress(text),
    done: (text) => log.info(text),
    warn: (text) => log.warn(text),
  };
}
