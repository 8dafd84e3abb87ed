import type { Findings } from "./findings";
import { known } from "./known";
import { ARTIFACT_PATH } from "./paths";

/*
 * What documents say, and a FlinkDeployment has no argument for yet: refused in words, so that nothing is lost
 * silently. When an argument is there, its part of this file goes.
 */

/** Why a jar cannot be read from an address of this kind yet; undefined: it is of none of these. */
export function explainUnsupportedAddress(address: string): string | undefined {
  return /^s3[ap]?:/i.test(address)
    ? "is in an S3 store, which is not supported yet; give the jar another address"
    : undefined;
}

export function refuseUnsupported(artifact: { readonly additionalDependencies?: unknown }, findings: Findings): void {
  if (known(artifact.additionalDependencies) !== undefined) {
    findings.issue(`${ARTIFACT_PATH}.additionalDependencies`, "is not supported yet; put them into the job's jar");
  }
}
