import type { dynamic } from "@pulumi/pulumi";
import { canonicalJson } from "../values/canonicalJson";
import type { FlinkEndpoint } from "../resources/args";
import type { RegistrationInputs, RegistrationOutputs } from "./inputs";

/** What a registration is compared by. */
const COMPARED = [
  "clusterName",
  "taskManagers",
  "slots",
  "clusterReadyTimeout",
  "rolloutOf",
  "highAvailabilityDirectory",
  "forceCancellationOf",
] as const;

/**
 * Another cluster is another registration, never an update of this one: the old one stays, and guards the old cluster,
 * until all jobs have moved.
 */
export function diffRegistration(olds: RegistrationOutputs, news: RegistrationInputs): dynamic.DiffResult {
  const moved = (["fingerprint", "incarnation"] as const).some((name) => olds.endpoint[name] !== news.endpoint[name]);
  const changes =
    !sameEndpoint(olds.endpoint, news.endpoint) ||
    COMPARED.some((name) => canonicalJson(olds[name]) !== canonicalJson(news[name]));
  return { changes: moved || changes, replaces: moved ? ["endpoint"] : [], deleteBeforeReplace: false };
}

/** The API server is what the registration itself has found out. */
function sameEndpoint(olds: FlinkEndpoint, news: FlinkEndpoint): boolean {
  const given = ({ kubernetes, ...others }: FlinkEndpoint): string => {
    if (kubernetes === undefined) return canonicalJson(others);
    const { apiServer, ...service } = kubernetes;
    return canonicalJson({ ...others, kubernetes: service });
  };
  return given(olds) === given(news);
}
