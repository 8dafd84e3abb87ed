import { explainNonRestoredState } from "../../provider/checks/restoreStrategy";
import { knownEntriesOf } from "../../provider/values/unknown";
import { translateAnnotations } from "./annotations";
import { translateArtifact } from "./artifact";
import type { Findings } from "./findings";
import { known, knownMap, unlessEmpty } from "./known";
import type { DocumentJobArgs, ParseDeploymentsOptions } from "./parsed";
import type { DocumentParts } from "./parts";

/** The arguments of a job, with all of the document's configuration of Flink. */
export function translateJob(
  parts: DocumentParts,
  jars: ParseDeploymentsOptions["jars"],
  findings: Findings,
): DocumentJobArgs {
  const { metadata, spec, template } = parts;
  const annotations = translateAnnotations(parts, findings);
  return knownEntriesOf<DocumentJobArgs>({
    state: spec.state,
    artifact: translateArtifact(parts, jars, findings),
    parallelism: template.parallelism,
    upgradeStrategy: spec.upgradeStrategy,
    restoreStrategy: translateRestoreStrategy(spec, findings),
    maxSavepointCreationAttempts: spec.maxSavepointCreationAttempts,
    maxJobCreationAttempts: spec.maxJobCreationAttempts,
    jobFailureExpirationTime: spec.jobFailureExpirationTime,
    labels: unlessEmpty(knownMap(metadata.labels)),
    ...annotations,
    flinkConfiguration: unlessEmpty({ ...annotations.flinkConfiguration, ...knownMap(template.flinkConfiguration) }),
  });
}

function translateRestoreStrategy(
  { restoreStrategy, startFromSavepoint }: DocumentParts["spec"],
  findings: Findings,
): DocumentJobArgs["restoreStrategy"] {
  const { kind, allowNonRestoredState } = known(restoreStrategy) ?? {};
  const wrong = explainNonRestoredState(kind, allowNonRestoredState);
  if (wrong !== undefined) findings.issue("spec.restoreStrategy.allowNonRestoredState", wrong);
  if (startFromSavepoint === undefined) return unlessEmpty({ kind, allowNonRestoredState });
  if (restoreStrategy !== undefined) {
    findings.issue("spec.startFromSavepoint", "excludes restoreStrategy, which has replaced it; leave it out");
    return undefined;
  }
  const now = known(startFromSavepoint)?.kind === "NONE" ? "NONE" : "LATEST_SAVEPOINT";
  findings.warn("spec.startFromSavepoint", `is deprecated, and becomes restoreStrategy.kind ${now}`);
  return { kind: now };
}
