import { checkJarAddress } from "../../provider/checks/addresses";
import { InvalidValueError } from "../../provider/values/invalidValueError";
import { knownEntriesOf } from "../../provider/values/unknown";
import type { Findings } from "./findings";
import { known } from "./known";
import { explainUnsupportedAddress, refuseUnsupported } from "./notSupportedYet";
import type { DocumentJobArgs, ParseDeploymentsOptions } from "./parsed";
import type { DocumentParts } from "./parts";
import { ARTIFACT_PATH } from "./paths";
import { explainPlaceholder } from "./placeholders";

const JAR_PATH = `${ARTIFACT_PATH}.jarUri`;

/** The jar, its class and its arguments. An artifact that is wrong is said to be so. */
export function translateArtifact(
  { artifact }: DocumentParts,
  jars: ParseDeploymentsOptions["jars"] = {},
  findings: Findings,
): DocumentJobArgs["artifact"] {
  refuseUnsupported(artifact, findings);
  const jarUri = known(artifact.jarUri) ?? "";
  const replaced = Object.hasOwn(jars, jarUri) ? jars[jarUri] : undefined;
  const jar = replaced ?? jarUri;
  if (typeof jar === "string" && jar !== "") checkAddress(jar, findings);
  return {
    ...(typeof jar === "string" ? { jarUri: jar } : { jar }),
    ...knownEntriesOf({
      entryClass: artifact.entryClass,
      mainArgs: known(artifact.mainArgs)?.slice(),
    }),
  };
}

function checkAddress(jarUri: string, findings: Findings): void {
  const wrong = explainPlaceholder(jarUri) ?? explainUnsupportedAddress(jarUri) ?? explainAddress(jarUri);
  if (wrong !== undefined) {
    findings.issue(JAR_PATH, wrong);
  } else if (/^file:/i.test(jarUri)) {
    findings.warn(
      JAR_PATH,
      'is read on the machine that runs Pulumi; for a jar in the cluster\'s image write "local:///…"',
    );
  }
}

function explainAddress(jarUri: string): string | undefined {
  try {
    checkJarAddress(jarUri);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidValueError) return error.message;
    throw error;
  }
}
