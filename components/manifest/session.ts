import { sessionConfiguration } from "./configuration";
import type { Findings } from "./findings";
import { unlessEmpty } from "./known";
import type { DocumentJobArgs } from "./parsed";
import type { DocumentParts } from "./parts";
import { ARTIFACT_PATH, TEMPLATE_PATH } from "./paths";

const CLUSTERS_OWN = ["numberOfTaskManagers", "resources", "logging", "kubernetes"] as const;
const IMAGE = ["flinkImageRegistry", "flinkImageRepository", "flinkImageTag"] as const;

/** The arguments of a job on a cluster that others share; what is that cluster's is wrong in a document. */
export function translateSession(
  { template, artifact }: DocumentParts,
  { flinkConfiguration = {}, ...job }: DocumentJobArgs,
  findings: Findings,
): DocumentJobArgs {
  const own = [
    ...CLUSTERS_OWN.filter((key) => template[key] !== undefined).map((key) => `${TEMPLATE_PATH}.${key}`),
    ...IMAGE.filter((key) => artifact[key] !== undefined).map((key) => `${ARTIFACT_PATH}.${key}`),
  ];
  for (const path of own) findings.issue(path, "is the session cluster's in session mode; declare it there");
  const configuration = unlessEmpty(sessionConfiguration(flinkConfiguration, findings));
  return { ...job, ...(configuration && { flinkConfiguration: configuration }) };
}
