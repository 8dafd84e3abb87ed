import { z } from "zod";
import {
  choice,
  describe,
  fail,
  flag,
  javaClass,
  leaf,
  mainArguments,
  orUnknown,
  scalar,
  scalarMap,
  text,
  wholeNumber,
} from "../../provider/checks/leaves";
import type { DesiredState, Duration, RestoreStrategyKind, UpgradeStrategyKind } from "../../provider/resources/args";
import { parseDuration } from "../../provider/values/duration";
import { LOG_LEVELS } from "../kubernetes/logging";
import { parseCpu, parseMemory } from "../kubernetes/quantities";
import { manifest, manifests } from "../kubernetes/schema";

/*
 * The Deployment of Application Manager and of Ververica Platform in one: each key by itself. What must hold between keys
 * is found where they are translated. Descriptions are what editors show.
 */

/** The description of a key. */
function said<T>(description: string, schema: z.ZodType<T>): z.ZodType<T> {
  return schema.describe(description);
}

/** An object with these keys alone. */
function object<T extends z.ZodRawShape>(shape: T): z.ZodType<z.infer<z.ZodObject<T>>> {
  return orUnknown(z.strictObject(shape));
}

/** A text that names what a document is; anything else is another kind of document. */
function word(expected: string, otherwise: (found: string) => string): z.ZodType<string> {
  return text(
    (value) => {
      if (value !== expected) fail(`must be ${expected}, but is ${JSON.stringify(value)}${otherwise(value)}`);
    },
    { const: expected },
  );
}

/** What to do with documents that are of another kind. */
function otherKind(kind: string): string {
  switch (kind) {
    case "SessionCluster":
      return ": declare a SessionCluster in the program, and name it in sessionClusters";
    case "DeploymentTarget":
      return ": name its namespace in deploymentTargets";
    case "FlinkDeployment":
    case "FlinkSessionJob":
      return ", a document of the Flink Kubernetes Operator";
    default:
      return "";
  }
}

/** A duration with its unit, or 0. */
function expirationTime(): z.ZodType<Duration> {
  return leaf(
    (value) => {
      if (value === 0 || value === "0") return 0;
      if (typeof value !== "string") fail(`must be a duration with its unit, such as "321 s", not ${describe(value)}`);
      parseDuration(value);
      return value;
    },
    { type: ["string", "number"] },
  );
}

/** A text that may look like a number, and is read as it is written all the same. */
function writtenText(): z.ZodType<string> {
  return text(undefined, { type: ["string", "number"] });
}

/** An amount that is checked and kept as it was written. */
function cpu(): z.ZodType<number | string> {
  return leaf(
    (value) => {
      if (typeof value !== "number" && typeof value !== "string") {
        fail(`must be a number of CPUs such as 1 or "500m", not ${describe(value)}`);
      }
      parseCpu(value);
      return value;
    },
    { type: ["number", "string"] },
  );
}

function memory(): z.ZodType<string> {
  return text(parseMemory);
}

const metadata = object({
  name: said("The Deployment's name.", writtenText()).optional(),
  displayName: said("A name for people. Default: the name.", writtenText()).optional(),
  labels: said("Free text by key; a change restarts nothing.", scalarMap()).optional(),
  annotations: said("Free text by key; a change starts an upgrade.", scalarMap()).optional(),
  id: said("Read-only: the platform's id.", scalar()).optional(),
  namespace: said("A namespace of the platform, which means nothing here.", scalar()).optional(),
  createdAt: said("Read-only.", scalar()).optional(),
  modifiedAt: said("Read-only.", scalar()).optional(),
  resourceVersion: said("Read-only.", scalar()).optional(),
});

const artifact = object({
  kind: said("Only jar.", choice(["JAR"], { unavailable: ["PYTHON", "SQLSCRIPT"] })),
  jarUri: said("The jar's address.", text()),
  additionalDependencies: said("Further jars and files for the job.", orUnknown(z.array(text()))).optional(),
  mainArgs: said(
    "The arguments of main: a list, or a line that is split at white space. Quotes keep words together; a backslash is an ordinary character.",
    mainArguments(),
  ).optional(),
  entryClass: said(
    "The class whose main defines the job. Default: as the jar's manifest says.",
    javaClass(),
  ).optional(),
  flinkVersion: said("Flink's version, 1.17 or newer.", writtenText()).optional(),
  flinkImageRegistry: said("The image's registry.", text()).optional(),
  flinkImageRepository: said("The image's repository. Default: flink.", text()).optional(),
  flinkImageTag: said("The image's tag. Default: Flink's version.", writtenText()).optional(),
});

const process = () =>
  object({
    cpu: said("CPUs that are requested. Default: 1.", cpu()).optional(),
    memory: said("The memory of the whole process, such as 2g.", memory()).optional(),
  }).optional();

const resources = object({
  jobmanager: process(),
  taskmanager: process(),
  jobManager: process(),
  taskManager: process(),
});

const logging = object({
  log4jLoggers: said(
    'Levels by logger; "" is the root logger.',
    orUnknown(z.record(z.string(), choice(LOG_LEVELS))),
  ).optional(),
  loggingProfile: said("default, or leave it out.", text()).optional(),
  log4j2ConfigurationTemplate: said("A whole configuration of Log4j 2, as properties.", text()).optional(),
});

const volumeMount = object({
  name: said("Names the volume and its mount.", text()),
  volume: said("A Kubernetes Volume.", manifest()),
  volumeMount: said("A Kubernetes VolumeMount.", manifest()),
});

const envVar = object({
  name: text(),
  value: scalar().optional(),
  valueFrom: manifest().optional(),
});

const pods = object({
  annotations: scalarMap().optional(),
  labels: scalarMap().optional(),
  nodeSelector: scalarMap().optional(),
  affinity: manifest().optional(),
  tolerations: manifests().optional(),
  imagePullSecrets: orUnknown(z.array(object({ name: text() }))).optional(),
  volumeMounts: orUnknown(z.array(volumeMount)).optional(),
  envVars: orUnknown(z.array(envVar)).optional(),
  securityContext: manifest().optional(),
});

const kubernetes = object({
  labels: said("Labels of all objects.", scalarMap()).optional(),
  pods: pods.describe("Options of all pods.").optional(),
  jobManagerPodTemplate: said("A Kubernetes PodTemplateSpec.", manifest()).optional(),
  taskManagerPodTemplate: said("A Kubernetes PodTemplateSpec.", manifest()).optional(),
});

const templateSpec = object({
  artifact: artifact.describe("What is executed."),
  parallelism: said("The job's parallelism. Default: 1.", wholeNumber(1)).optional(),
  numberOfTaskManagers: said("Default: as many as the parallelism needs.", wholeNumber(1)).optional(),
  resources: resources.describe("What each process gets.").optional(),
  flinkConfiguration: said("Flink's configuration.", scalarMap()).optional(),
  logging: logging.describe("What is logged.").optional(),
  kubernetes: kubernetes.describe("How the cluster stands in Kubernetes.").optional(),
  latestCheckpointFetchInterval: said("Means nothing here.", scalar()).optional(),
});

const state = choice<DesiredState>(["RUNNING", "CANCELLED", "SUSPENDED"], { aliases: { CANCELED: "CANCELLED" } });
const upgrade = choice<UpgradeStrategyKind>(["STATEFUL", "STATELESS", "NONE"]);
const restore = choice<RestoreStrategyKind>(["LATEST_STATE", "LATEST_SAVEPOINT", "NONE"]);

const spec = object({
  state: said("The desired state. Default: RUNNING.", state).optional(),
  deploymentTargetId: said("Application mode: the deployment target, by its id.", text()).optional(),
  deploymentTargetName: said("Application mode: the deployment target, by its name.", text()).optional(),
  sessionClusterName: said("Session mode: the session cluster.", writtenText()).optional(),
  upgradeStrategy: object({ kind: upgrade }).describe("How a running job is replaced. Default: STATEFUL.").optional(),
  restoreStrategy: object({ kind: restore.optional(), allowNonRestoredState: flag().optional() })
    .describe("Which state a job starts from. Default: LATEST_STATE.")
    .optional(),
  startFromSavepoint: object({ kind: choice(["LATEST", "NONE"]) })
    .describe("Deprecated: use restoreStrategy.")
    .optional(),
  maxSavepointCreationAttempts: said("Default: 4.", wholeNumber(1)).optional(),
  maxJobCreationAttempts: said("Default: 4.", wholeNumber(1)).optional(),
  jobFailureExpirationTime: said(
    "Failed starts that are older do not count, such as 321 s. Default: 0, they always count.",
    expirationTime(),
  ).optional(),
  template: object({
    metadata: object({ annotations: said("A change starts an upgrade.", scalarMap()).optional() }).optional(),
    spec: templateSpec,
  }).describe("The job."),
});

/** The whole document: unknown keys are issues. */
export const deploymentSchema = z.strictObject({
  kind: said("Deployment.", word("Deployment", otherKind)),
  apiVersion: said(
    "v1.",
    word("v1", (found) => (found === "apps/v1" ? ", which is Kubernetes' own" : "")),
  ).optional(),
  metadata: metadata.optional(),
  spec: spec,
  status: said("Read-only: what the platform observed.", manifest()).optional(),
});

/** A document; what is wrong in it is set aside as the unknown value. */
export type DeploymentDocument = z.infer<typeof deploymentSchema>;
