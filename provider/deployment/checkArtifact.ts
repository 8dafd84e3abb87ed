import { ArtifactError } from "../artifacts/artifactError";
import type { ArtifactInputs } from "../artifacts/artifactInputs";
import { dependenciesOf } from "../artifacts/dependencies";
import { dependencyHoldsClass, examineJar, pathInImage, type ArtifactFacts } from "../artifacts/examineArtifact";
import { refuseTakenName, refuseWithoutEntryClass } from "../artifacts/requirements";
import type { TransferOptions } from "../artifacts/transfer";
import { containsUnknown, isUnknown } from "../values/unknown";
import { artifactProperty } from "./artifactProperty";
import type { DeploymentInputs } from "./inputs";
import type { RuleFindings } from "./rules";

/**
 * Reads the jar that checked inputs name and what is packed into it, and says all that is wrong with them: missing, not a
 * jar, another one than pinned, without its entry class. What may be right another time (a server that does not answer)
 * is a warning, and so is everything while the job is not to run: a lost jar must not stand in the way of stopping it.
 *
 * Reads nothing of which the place is not known yet.
 */
export async function checkArtifact(inputs: DeploymentInputs, options: TransferOptions = {}): Promise<RuleFindings> {
  const { artifact, state } = inputs;
  const nothing: RuleFindings = { failures: [], warnings: [] };
  if (isUnknown(artifact)) return nothing;
  const { entryClass, additionalDependencies, ...place } = artifact;
  if (containsUnknown({ ...place, mainArgs: [] })) return nothing;
  // Only its cluster can read it, and says so when the job is planned.
  if (pathInImage(artifact) !== undefined) return nothing;
  const dependenciesUnknown = containsUnknown(additionalDependencies);
  const known: ArtifactInputs = {
    ...place,
    additionalDependencies: dependenciesUnknown ? [] : additionalDependencies,
    ...(entryClass === undefined || isUnknown(entryClass) ? {} : { entryClass }),
  };
  const { facts, errors } = await examineAll(known, options, !isUnknown(entryClass) && !dependenciesUnknown);
  const findings: RuleFindings = { failures: [], warnings: facts === undefined ? [] : maybeMissing(facts) };
  for (const error of errors) {
    const failure = { property: artifactProperty(error, artifact), reason: error.message };
    const certain = error.code !== "FLINK_ARTIFACT_UNREACHABLE" && state === "RUNNING";
    if (certain) findings.failures.push(failure);
    else findings.warnings.push(`${failure.property} ${failure.reason}`);
  }
  return findings;
}

/** @param classKnown - whether the class to run, and all that may hold it, is known. */
async function examineAll(
  artifact: ArtifactInputs,
  options: TransferOptions,
  classKnown: boolean,
): Promise<{ readonly facts: ArtifactFacts | undefined; readonly errors: readonly ArtifactError[] }> {
  const errors: ArtifactError[] = [];
  const collecting = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  let facts = await collecting(() => examineJar(artifact, options));
  const dependencies = dependenciesOf(artifact);
  for (const dependency of dependencies) {
    const holds = await collecting(async () => {
      if (facts !== undefined) refuseTakenName(facts, dependency);
      return dependencyHoldsClass(dependency, facts?.entryClass, options);
    });
    if (holds === true && facts !== undefined) facts = { ...facts, hasEntryClass: "yes" };
  }
  if (facts !== undefined && errors.length === 0 && classKnown) {
    const found = facts;
    await collecting(() => refuseWithoutEntryClass(found, dependencies.length > 0));
  }
  return { facts, errors };
}

function maybeMissing({ hasEntryClass, entryClass }: ArtifactFacts): string[] {
  return hasEntryClass === "maybe" && entryClass !== undefined
    ? [`artifact.entryClass is ${entryClass}, which is not in the jar itself; it may be in one of the jars in its lib/`]
    : [];
}
