import type { Findings } from "./findings";
import { known } from "./known";
import type { DocumentParts } from "./parts";

const NAME_PATH = "metadata.name";
const RESOURCE_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** A document's names. */
export interface DocumentNames {
  /** Undefined where it has none, of which an issue speaks. */
  readonly name: string | undefined;
  readonly displayName: string | undefined;
}

/**
 * The names of a resource for a document. A name with other characters than a resource may have becomes the display name.
 *
 * @param instead - what it is to be named in place of `metadata.name`.
 */
export function namesOf({ metadata }: DocumentParts, instead: string | undefined, findings: Findings): DocumentNames {
  const written = known(metadata.name);
  const displayName = known(metadata.displayName);
  if (instead !== undefined) {
    if (!RESOURCE_NAME.test(instead)) {
      findings.issue("options.name", `must hold lower-case letters, digits and "-", but is ${JSON.stringify(instead)}`);
    }
    return { name: instead, displayName: displayName ?? (written === instead ? undefined : written) };
  }
  if (written === undefined) {
    if (metadata.name === undefined) findings.issue(NAME_PATH, "is required");
    return { name: undefined, displayName };
  }
  if (RESOURCE_NAME.test(written)) return { name: written, displayName };
  const name = slug(written);
  if (name === "") {
    findings.issue(NAME_PATH, `must hold letters or digits of the Latin alphabet, but is ${JSON.stringify(written)}`);
    return { name: undefined, displayName };
  }
  const kept = displayName === undefined ? "; displayName keeps the original" : "";
  findings.warn(NAME_PATH, `is ${JSON.stringify(written)}, and becomes ${JSON.stringify(name)}${kept}`);
  return { name, displayName: displayName ?? written };
}

/** As the platform itself names Kubernetes objects after a Deployment. */
function slug(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
