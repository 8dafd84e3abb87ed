import type { InputFailure } from "../../provider/checks/issues";
import { isUnknown } from "../../provider/values/unknown";
import { explainOwned, explainValue } from "./configuration";
import { MAIN_CONTAINER } from "./names";
import { OWNED_FIELDS, OWNED_LABELS } from "./pods";
import type { CheckedArgs } from "./schema";
import { isS3, schemeOf, STORAGE_VOLUME } from "./storage";

/* What must hold between arguments that are each right on their own. A value that is not known yet breaks no rule. */

export interface Findings {
  readonly failures: InputFailure[];
  readonly warnings: string[];
}

type Fail = (property: string, reason: string) => void;

/** Known and given. */
function given<T>(value: T | undefined): value is T {
  return value !== undefined && !isUnknown(value);
}

/** Applies every rule. */
export function applyRules(args: CheckedArgs): Findings {
  const findings: Findings = { failures: [], warnings: [] };
  const fail: Fail = (property, reason) => findings.failures.push({ property, reason });
  imageRules(args, fail);
  resourceRules(args, fail);
  storageRules(args, fail, findings.warnings);
  configurationRules(args, fail);
  if (args.logging.loggingProfile !== undefined && args.logging.log4j2ConfigurationTemplate !== undefined) {
    fail("logging.loggingProfile", "excludes logging.log4j2ConfigurationTemplate: give one of the two");
  }
  podRules(args.kubernetes, fail);
  if (args.ingress !== undefined && args.networkPolicy !== false && !hasPeers(args)) {
    findings.warnings.push(
      "ingress: the NetworkPolicy lets no ingress controller in; name its pods in networkPolicy.from",
    );
  }
  return findings;
}

function hasPeers({ networkPolicy }: CheckedArgs): boolean {
  return networkPolicy !== undefined && networkPolicy !== false && networkPolicy.from.length > 0;
}

function imageRules(args: CheckedArgs, fail: Fail): void {
  if (args.image === undefined) return;
  for (const part of ["flinkImageRegistry", "flinkImageRepository", "flinkImageTag"] as const) {
    if (args[part] !== undefined) fail(part, "excludes image: give the whole image, or its parts");
  }
}

function resourceRules({ resources, storage, highAvailability }: CheckedArgs, fail: Fail): void {
  for (const role of ["jobManager", "taskManager"] as const) {
    const { cpu, cpuLimit } = resources[role];
    if (given(cpu) && given(cpuLimit) && cpuLimit < cpu) {
      fail(`resources.${role}.cpuLimit`, `must be at least resources.${role}.cpu, which is requested`);
    }
  }
  if (highAvailability === true && storage === undefined) {
    fail("highAvailability", "needs storage, where the next JobManager finds the jobs of the one that died");
  }
  const isOn = highAvailability ?? storage !== undefined;
  const { replicas } = resources.jobManager;
  if (given(replicas) && replicas > 1 && !isOn) {
    fail(
      "resources.jobManager.replicas",
      "can be more than 1 only with highAvailability: without it each JobManager would be a cluster of its own",
    );
  }
}

function storageRules({ storage, rollout }: CheckedArgs, fail: Fail, warnings: string[]): void {
  if (storage === undefined) return;
  const { uri, volume, credentials } = storage;
  if (given(uri)) {
    const onVolume = schemeOf(uri) === "file";
    if (onVolume && volume === undefined) {
      fail("storage.volume", `is required for ${uri}: what is on a pod's own disk goes with the pod`);
    }
    if (!onVolume && volume !== undefined) {
      fail("storage.volume", `is for storage.uri "file:///…" only, which is ${uri}`);
    }
    for (const name of ["credentials", "endpoint", "region", "pathStyleAccess"] as const) {
      if (storage[name] !== undefined && !isS3(uri)) {
        fail(
          `storage.${name}`,
          `is for S3 only; for ${schemeOf(uri)}:// use flinkConfiguration, kubernetes.envVars or kubernetes.volumes`,
        );
      }
    }
  }
  if (credentials !== undefined) {
    const plain = credentials.accessKeyId !== undefined || credentials.secretAccessKey !== undefined;
    if (plain === (credentials.secretName !== undefined)) {
      fail("storage.credentials", "must be either accessKeyId and secretAccessKey, or secretName");
    } else if (plain && (credentials.accessKeyId === undefined || credentials.secretAccessKey === undefined)) {
      fail("storage.credentials", "must hold both accessKeyId and secretAccessKey");
    }
  }
  if (volume !== undefined) {
    if ((volume.claim === undefined) === (volume.source === undefined)) {
      fail("storage.volume", "must hold exactly one of claim and source");
    }
    if (given(volume.accessModes) && !isShared(volume.accessModes) && rollout === "REPLACE") {
      warnings.push(
        `storage.volume: its access modes are ${volume.accessModes.join(", ")}: only one node can mount it, so a new ` +
          'cluster on another node would wait for the old one to go, and time out. Use ReadWriteMany, or rollout: "IN_PLACE"',
      );
    }
  }
}

function isShared(accessModes: readonly string[]): boolean {
  return accessModes.length === 0 || accessModes.includes("ReadWriteMany");
}

/** Where Flink writes: a path without a scheme would be on the pod's own disk. */
const DIRECTORIES = [
  "execution.checkpointing.dir",
  "state.checkpoints.dir",
  "execution.checkpointing.savepoint-dir",
  "state.savepoints.dir",
];

function configurationRules(args: CheckedArgs, fail: Fail): void {
  const { flinkConfiguration, flinkVersion, storage, localArtifacts } = args;
  if (!given(flinkConfiguration)) return;
  if (given(localArtifacts) && localArtifacts.length > 0 && "web.upload.dir" in flinkConfiguration) {
    fail('flinkConfiguration["web.upload.dir"]', "excludes localArtifacts, which are put into a folder of their own");
  }
  for (const [key, value] of Object.entries(flinkConfiguration)) {
    const property = `flinkConfiguration[${JSON.stringify(key)}]`;
    const owned = explainOwned(key, storage !== undefined);
    if (owned !== undefined) fail(property, `is set by the cluster itself: ${owned}`);
    if (key.trim() !== key || key === "") {
      fail(property, "is not a configuration key: it is empty or has spaces around it");
    }
    if (!given(value)) continue;
    const wrong = given(flinkVersion) ? explainValue(flinkVersion, value) : undefined;
    if (wrong !== undefined) fail(property, wrong);
    if (DIRECTORIES.includes(key) && schemeOf(value).length < 2) {
      fail(property, `must begin with the scheme of its storage, such as "s3://", but is ${JSON.stringify(value)}`);
    }
  }
}

const OWNED_VOLUMES = ["flink-configuration", STORAGE_VOLUME];
const OWNED_VARIABLES = ["POD_IP", "POD_NAMESPACE"];

function podRules(kubernetes: CheckedArgs["kubernetes"], fail: Fail): void {
  for (const name of ["podTemplate", "jobManagerPodTemplate", "taskManagerPodTemplate"] as const) {
    if (given(kubernetes[name])) templateRules(`kubernetes.${name}`, kubernetes[name], fail);
  }
  if (kubernetes.serviceAccountName !== undefined && hasKeys(kubernetes.serviceAccountAnnotations)) {
    fail(
      "kubernetes.serviceAccountAnnotations",
      "is for the service account that is made: leave serviceAccountName out",
    );
  }
  const variables = given(kubernetes.envVars) ? kubernetes.envVars : [];
  for (const [index, variable] of variables.entries()) {
    const name = OWNED_VARIABLES.find((owned) => given(variable) && variable["name"] === owned);
    if (name !== undefined) fail(`kubernetes.envVars[${index}].name`, `is ${name}, which the cluster sets itself`);
  }
  const names = given(kubernetes.volumes) ? kubernetes.volumes.map((volume) => (given(volume) ? volume.name : "")) : [];
  for (const [index, name] of names.entries()) {
    if (!given(name) || name === "") continue;
    if (OWNED_VOLUMES.includes(name))
      fail(`kubernetes.volumes[${index}].name`, `is ${name}, a volume of the cluster's own`);
    if (names.indexOf(name) !== index) fail(`kubernetes.volumes[${index}].name`, `is ${name}, which is there already`);
  }
}

interface Template {
  metadata?: { labels?: Record<string, unknown> };
  spec?: { containers?: readonly Record<string, unknown>[] };
}

function templateRules(property: string, value: unknown, fail: Fail): void {
  const { metadata, spec } = value as Template;
  for (const label of OWNED_LABELS) {
    if (given(metadata?.labels) && metadata.labels[label] !== undefined) {
      fail(`${property}.metadata.labels`, `must not hold ${label}, by which the cluster finds its pods`);
    }
  }
  const containers =
    given(spec) && Array.isArray(spec.containers) ? (spec.containers as Record<string, unknown>[]) : [];
  const main = containers.find((container) => given(container) && container["name"] === MAIN_CONTAINER);
  for (const field of OWNED_FIELDS) {
    if (main?.[field] !== undefined) {
      fail(
        `${property}.spec.containers`,
        `must not set ${field} of ${MAIN_CONTAINER}, which is how Flink starts; use flinkConfiguration or an init container`,
      );
    }
  }
}

function hasKeys(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
