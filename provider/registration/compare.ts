import type { dynamic } from "@pulumi/pulumi";
import { canonicalJson } from "../values/canonicalJson";
import type { RegistrationInputs, RegistrationOutputs } from "./inputs";

/** What a registration is compared by. */
const COMPARED = [
  "endpoint",
  "clusterName",
  "taskManagers",
  "slots",
  "clusterReadyTimeout",
  "forceCancellationOf",
] as const;

/**
 * Another cluster is another registration, never an update of this one: the old one stays, and guards the old cluster,
 * until all jobs have moved.
 */
export function diffRegistration(olds: RegistrationOutputs, news: RegistrationInputs): dynamic.DiffResult {
  const moved = (["fingerprint", "incarnation"] as const).some((name) => olds.endpoint[name] !== news.endpoint[name]);
  const changes = COMPARED.some((name) => canonicalJson(olds[name]) !== canonicalJson(news[name]));
  return { changes: moved || changes, replaces: moved ? ["endpoint"] : [], deleteBeforeReplace: false };
}
