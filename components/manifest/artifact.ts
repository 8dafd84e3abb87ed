import { checkDependencyAddress, checkJarAddress } from "../../provider/checks/addresses";
import { InvalidValueError } from "../../provider/values/invalidValueError";
import { isUnknown, knownEntriesOf } from "../../provider/values/unknown";
import type { Findings } from "./findings";
import { known } from "./known";
import type { DocumentJobArgs, ParseDeploymentsOptions } from "./parsed";
import type { DocumentParts } from "./parts";
import { ARTIFACT_PATH } from "./paths";
import { explainPlaceholder } from "./placeholders";

const JAR_PATH = `${ARTIFACT_PATH}.jarUri`;

/** The jar, its class, its arguments and its dependencies. An artifact that is wrong is said to be so. */
export function translateArtifact(
  { artifact }: DocumentParts,
  jars: ParseDeploymentsOptions["jars"] = {},
  findings: Findings,
): DocumentJobArgs["artifact"] {
  const jar = placeOf(known(artifact.jarUri) ?? "", jars);
  if (typeof jar === "string" && jar !== "") checkAddress(JAR_PATH, jar, checkJarAddress, findings);
  return {
    ...(typeof jar === "string" ? { jarUri: jar } : { jar }),
    ...knownEntriesOf({
      entryClass: artifact.entryClass,
      mainArgs: known(artifact.mainArgs)?.slice(),
      additionalDependencies: known(artifact.additionalDependencies)?.flatMap((written, index) =>
        isUnknown(written) ? [] : dependencyOf(written, index, jars, findings),
      ),
    }),
  };
}

/** The addresses that a document names, as it writes them. */
export function addressesOf({ artifact }: DocumentParts): readonly (string | undefined)[] {
  return [artifact.jarUri, ...(known(artifact.additionalDependencies) ?? [])];
}

/** Where it is now. */
function placeOf(
  written: string,
  jars: NonNullable<ParseDeploymentsOptions["jars"]>,
): NonNullable<ParseDeploymentsOptions["jars"]>[string] {
  return (Object.hasOwn(jars, written) ? jars[written] : undefined) ?? written;
}

function dependencyOf(
  written: string,
  index: number,
  jars: NonNullable<ParseDeploymentsOptions["jars"]>,
  findings: Findings,
): string[] {
  const path = `${ARTIFACT_PATH}.additionalDependencies[${index}]`;
  const place = placeOf(written, jars);
  if (typeof place !== "string") {
    findings.issue(path, "is an asset in the option jars, but what is packed into the jar needs an address");
    return [];
  }
  checkAddress(path, place, checkDependencyAddress, findings);
  return [place];
}

function checkAddress(path: string, address: string, check: (address: string) => void, findings: Findings): void {
  const wrong = explainPlaceholder(address) ?? explain(() => check(address));
  if (wrong !== undefined) {
    findings.issue(path, wrong);
  } else if (/^file:/i.test(address)) {
    const instead = path === JAR_PATH ? '; for a jar in the cluster\'s image write "local:///…"' : "";
    findings.warn(path, `is read on the machine that runs Pulumi${instead}`);
  }
}

function explain(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidValueError) return error.message;
    throw error;
  }
}
