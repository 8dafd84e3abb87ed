import type { Findings } from "./findings";
import type { DocumentParts } from "./parts";
import { TEMPLATE_PATH } from "./paths";

const READ_ONLY = ["id", "createdAt", "modifiedAt", "resourceVersion"] as const;

/** Says of each part of a document that is the platform's own that it is left out. */
export function warnOfLeftOut({ metadata, template, hasStatus }: DocumentParts, findings: Findings): void {
  const readOnly = READ_ONLY.filter((key) => metadata[key] !== undefined).map((key) => `metadata.${key}`);
  for (const path of [...readOnly, ...(hasStatus ? ["status"] : [])]) {
    findings.warn(path, "is what the platform observed; it is left out");
  }
  if (metadata.namespace !== undefined) {
    findings.warn("metadata.namespace", "is a namespace of the platform, not of Kubernetes; it is left out");
  }
  if (template.latestCheckpointFetchInterval !== undefined) {
    findings.warn(`${TEMPLATE_PATH}.latestCheckpointFetchInterval`, "is a setting of the platform; it is left out");
  }
}
