import { UNKNOWN_VALUE, knownEntriesOf } from "../../provider/values/unknown";
import { checkCluster } from "../kubernetes/check";
import { applicationConfiguration } from "./configuration";
import type { Findings } from "./findings";
import { translateImage } from "./image";
import { known, knownMap, unlessEmpty } from "./known";
import { translateKubernetes } from "./kubernetes";
import { Origins } from "./origins";
import type { DocumentApplicationArgs, DocumentJobArgs } from "./parsed";
import type { DocumentParts } from "./parts";
import { ARTIFACT_PATH, CONFIGURATION_PATH, TEMPLATE_PATH } from "./paths";

const LOGGING_PATH = `${TEMPLATE_PATH}.logging`;

/** The arguments of a job and of a cluster of its own, and what is wrong with the latter. */
export function translateApplication(
  name: string | undefined,
  parts: DocumentParts,
  { flinkConfiguration = {}, ...job }: DocumentJobArgs,
  flinkVersion: string | undefined,
  findings: Findings,
): DocumentApplicationArgs {
  const origins = new Origins();
  const { template } = parts;
  const configuration = applicationConfiguration(flinkConfiguration, findings, origins);
  const cluster = knownEntriesOf({
    ...translateImage(parts, flinkVersion, findings),
    numberOfTaskManagers: template.numberOfTaskManagers,
    resources: translateResources(template.resources, findings, origins),
    logging: translateLogging(template.logging, findings),
    kubernetes: translateKubernetes(parts, findings, origins),
    ...configuration,
    flinkConfiguration: unlessEmpty(configuration.flinkConfiguration ?? {}),
  });
  checkRest(name, cluster, findings, origins);
  return { ...job, ...cluster };
}

type Resources = DocumentParts["template"]["resources"];

/** The first generation spells a role in camel case, the second in lower case. */
function translateResources(
  written: Resources,
  findings: Findings,
  origins: Origins,
): DocumentApplicationArgs["resources"] {
  const resources = known(written) ?? {};
  const of = (role: "jobManager" | "taskManager") => {
    const lower = role.toLowerCase() as "jobmanager" | "taskmanager";
    const path = `${TEMPLATE_PATH}.resources`;
    if (resources[role] !== undefined && resources[lower] !== undefined) {
      findings.issue(`${path}.${role}`, `is there twice: as ${lower} too`);
    }
    const spelling = resources[role] === undefined ? lower : role;
    origins.say(`resources.${role}`, `${path}.${spelling}`);
    return unlessEmpty(known(resources[spelling]) ?? {});
  };
  return unlessEmpty({ jobManager: of("jobManager"), taskManager: of("taskManager") });
}

function translateLogging(
  written: DocumentParts["template"]["logging"],
  findings: Findings,
): DocumentApplicationArgs["logging"] {
  const { log4jLoggers, loggingProfile, log4j2ConfigurationTemplate } = known(written) ?? {};
  if (known(log4j2ConfigurationTemplate)?.trimStart().startsWith("<")) {
    findings.issue(
      `${LOGGING_PATH}.log4j2ConfigurationTemplate`,
      "is XML, as the platform has it; write the same as properties of Log4j 2",
    );
    return undefined;
  }
  return unlessEmpty({
    log4jLoggers: unlessEmpty(knownMap(log4jLoggers)),
    loggingProfile: loggingProfile as "default" | undefined,
    log4j2ConfigurationTemplate,
  });
}

/** All that a cluster's own check finds wrong, said of the document. */
function checkRest(
  name: string | undefined,
  cluster: Partial<DocumentApplicationArgs>,
  findings: Findings,
  origins: Origins,
): void {
  origins.say("name", "metadata.name");
  origins.say("logging", LOGGING_PATH);
  origins.say("flinkConfiguration", CONFIGURATION_PATH);
  for (const image of ["flinkVersion", "flinkImageRegistry", "flinkImageRepository", "flinkImageTag"]) {
    origins.say(image, `${ARTIFACT_PATH}.${image}`);
  }
  // What high availability needs may come from the stack's defaults, and the version too.
  const storage = cluster.storage ?? (cluster.highAvailability === true ? { uri: UNKNOWN_VALUE } : undefined);
  const { failures } = checkCluster(name ?? "unnamed", { flinkVersion: UNKNOWN_VALUE, ...cluster, storage });
  for (const { property, reason } of failures) findings.issue(origins.of(property), reason);
}
