/** Where the parts of a document are. */
export const TEMPLATE_PATH = "spec.template.spec";
export const ARTIFACT_PATH = `${TEMPLATE_PATH}.artifact`;
export const CONFIGURATION_PATH = `${TEMPLATE_PATH}.flinkConfiguration`;

/** A key of Flink's configuration in a document. */
export function configurationPath(key: string): string {
  return `${CONFIGURATION_PATH}[${JSON.stringify(key)}]`;
}
