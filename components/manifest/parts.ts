import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import { known } from "./known";
import type { DeploymentDocument } from "./schema";

type Metadata = NonNullable<DeploymentDocument["metadata"]>;
type Spec = DeploymentDocument["spec"];
type Template = Spec["template"];
type TemplateSpec = Template["spec"];
type Artifact = TemplateSpec["artifact"];

/** The objects of a document. One that is missing or wrong, of which an issue speaks, is empty. */
export interface DocumentParts {
  readonly metadata: Partial<Metadata>;
  readonly spec: Partial<Spec>;
  readonly templateMetadata: Partial<NonNullable<Template["metadata"]>>;
  readonly template: Partial<TemplateSpec>;
  readonly artifact: Partial<Artifact>;
  readonly hasStatus: boolean;
}

export function partsOf(document: DeploymentDocument): DocumentParts {
  const spec: Partial<Spec> = known(document.spec) ?? {};
  const { metadata, spec: inner }: Partial<Template> = known(spec.template) ?? {};
  const template: Partial<TemplateSpec> = known(inner) ?? {};
  return {
    // A name that is within something wrong is not missing.
    metadata: known(document.metadata) ?? (document.metadata === undefined ? {} : { name: UNKNOWN_VALUE }),
    spec,
    templateMetadata: known(metadata) ?? {},
    template,
    artifact: known(template.artifact) ?? {},
    hasStatus: document.status !== undefined,
  };
}
