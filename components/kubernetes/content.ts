import { configurationFile, settingsOf, type FlatConfiguration } from "./configuration";
import { log4jProperties } from "./logging";
import type { Role } from "./names";
import { podTemplateOf, type PodReferences } from "./pods";
import type { ClusterSpec, PodParts } from "./spec";
import type { JsonObject } from "./strategicMerge";

/** The templates of the pods of each role. */
export function templatesOf(spec: ClusterSpec, parts: PodParts, at: PodReferences): Record<Role, JsonObject> {
  const of = (role: Role) => podTemplateOf(spec, role, parts, at);
  return { jobmanager: of("jobmanager"), taskmanager: of("taskmanager") };
}

/** The files in the folder of Flink's configuration. */
export function filesOf(spec: ClusterSpec, user: FlatConfiguration, clusterId: string): Record<string, string> {
  const { name, text } = configurationFile(spec.flinkVersion, settingsOf(spec, clusterId, user));
  return { [name]: text, "log4j-console.properties": log4jProperties(spec.logging) };
}
