import { given } from "../../provider/values/unknown";
import type { Fail } from "./findings";
import { MAIN_CONTAINER } from "./names";
import { OWNED_FIELDS, OWNED_LABELS } from "./pods";
import type { CheckedArgs } from "./schema";
import { STORAGE_VOLUME } from "./storage";

const OWNED_VOLUMES = ["flink-configuration", STORAGE_VOLUME];
const OWNED_VARIABLES = ["POD_IP", "POD_NAMESPACE"];

/** What pods must have as the cluster needs it. */
export function podRules(kubernetes: CheckedArgs["kubernetes"], fail: Fail): void {
  for (const name of ["podTemplate", "jobManagerPodTemplate", "taskManagerPodTemplate"] as const) {
    if (given(kubernetes[name])) templateRules(`kubernetes.${name}`, kubernetes[name], fail);
  }
  if (kubernetes.serviceAccountName !== undefined && hasKeys(kubernetes.serviceAccountAnnotations)) {
    fail(
      "kubernetes.serviceAccountAnnotations",
      "is for the service account that is made: leave serviceAccountName out",
    );
  }
  const variables = given(kubernetes.envVars) ? kubernetes.envVars : [];
  for (const [index, variable] of variables.entries()) {
    const name = OWNED_VARIABLES.find((owned) => given(variable) && variable["name"] === owned);
    if (name !== undefined) fail(`kubernetes.envVars[${index}].name`, `is ${name}, which the cluster sets itself`);
  }
  const names = given(kubernetes.volumes) ? kubernetes.volumes.map((volume) => (given(volume) ? volume.name : "")) : [];
  for (const [index, name] of names.entries()) {
    if (!given(name) || name === "") continue;
    if (OWNED_VOLUMES.includes(name))
      fail(`kubernetes.volumes[${index}].name`, `is ${name}, a volume of the cluster's own`);
    if (names.indexOf(name) !== index) fail(`kubernetes.volumes[${index}].name`, `is ${name}, which is there already`);
  }
}

interface Template {
  metadata?: { labels?: Record<string, unknown> };
  spec?: { containers?: readonly Record<string, unknown>[] };
}

function templateRules(property: string, value: unknown, fail: Fail): void {
  const { metadata, spec } = value as Template;
  for (const label of OWNED_LABELS) {
    if (given(metadata?.labels) && metadata.labels[label] !== undefined) {
      fail(`${property}.metadata.labels`, `must not hold ${label}, by which the cluster finds its pods`);
    }
  }
  const containers =
    given(spec) && Array.isArray(spec.containers) ? (spec.containers as Record<string, unknown>[]) : [];
  const main = containers.find((container) => given(container) && container["name"] === MAIN_CONTAINER);
  for (const field of OWNED_FIELDS) {
    if (main?.[field] !== undefined) {
      fail(
        `${property}.spec.containers`,
        `must not set ${field} of ${MAIN_CONTAINER}, which is how Flink starts; use flinkConfiguration or an init container`,
      );
    }
  }
}

function hasKeys(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
