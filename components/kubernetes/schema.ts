import { isIP } from "node:net";
import { z } from "zod";
import {
  choice,
  describe,
  duration,
  fail,
  flag,
  flinkVersion,
  hexadecimal,
  imageJarAddress,
  isSubdomain,
  kubernetesName,
  kubernetesObjectName,
  leaf,
  orUnknown,
  scalarMap,
  text,
  wholeNumber,
} from "../../provider/checks/leaves";
import { labels } from "./labels";
import { LOG_LEVELS, unknownTemplateNames } from "./logging";
import { parseCpu, parseMemory } from "./quantities";
import { schemeOf, STORAGE_SCHEMES } from "./storage";
import type { JsonObject } from "./strategicMerge";

/*
 * Each argument of a cluster by itself: its default, and what it may be. What must hold between arguments is in rules.ts.
 */

const FLINKS_MEMORY = { jobManager: parseMemory("1600m"), taskManager: parseMemory("1728m") };

function cpu(): z.ZodType<number> {
  return leaf((value) =>
    typeof value === "number" || typeof value === "string"
      ? parseCpu(value)
      : fail(`must be a number of CPUs such as 1 or "500m", not ${describe(value)}`),
  );
}

function memory(): z.ZodType<number> {
  return leaf((value) =>
    typeof value === "string"
      ? parseMemory(value)
      : fail(`must be an amount of memory with its unit, such as "2g" or "2Gi", not ${describe(value)}`),
  );
}

/** A part of a manifest, which the API server checks. */
export function manifest(): z.ZodType<JsonObject> {
  return leaf(
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as JsonObject)
        : fail(`must be an object, not ${describe(value)}`),
    { type: "object" },
  );
}

export function manifests(): z.ZodType<readonly JsonObject[]> {
  return orUnknown(z.array(manifest()));
}

function storageUri(): z.ZodType<string> {
  return text((value) => {
    const scheme = schemeOf(value);
    if (!/^[a-z][a-z0-9+.-]*:\/\/?[^\s?#]+$/i.test(value)) {
      fail(`must be an address with its scheme, such as "s3://bucket/flink", but is ${JSON.stringify(value)}`);
    }
    if (!STORAGE_SCHEMES.includes(scheme)) {
      fail(`has the scheme ${JSON.stringify(scheme)}, which is not known; allowed: ${STORAGE_SCHEMES.join(", ")}`);
    }
  });
}

function cidr(): z.ZodType<string> {
  return text((value) => {
    const [address = "", bits = ""] = value.split("/");
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    if (!/^\d+$/.test(bits) || Number(bits) > most) {
      fail(`must be a block of addresses such as "10.0.0.0/16", but is ${JSON.stringify(value)}`);
    }
  });
}

function absolutePath(): z.ZodType<string> {
  return text((value) => {
    if (!value.startsWith("/")) fail(`must be an absolute path, but is ${JSON.stringify(value)}`);
  });
}

/** A host, or all hosts of a domain. */
function ingressHost(): z.ZodType<string> {
  return text((value) => {
    if (!isSubdomain(value.replace(/^\*\./, "")) || isIP(value) !== 0) {
      fail(
        'must be the name of a host in lower case, such as "flink.example.org" or "*.example.org", without scheme, port and ' +
          `path, but is ${JSON.stringify(value)}`,
      );
    }
  });
}

const process = (memoryDefault: number) => ({
  cpu: cpu().default(1000),
  cpuLimit: cpu().optional(),
  memory: memory().default(memoryDefault),
});
const jobManager = z.strictObject({ ...process(FLINKS_MEMORY.jobManager), replicas: wholeNumber(1).default(1) });
const taskManager = z.strictObject(process(FLINKS_MEMORY.taskManager));
const resources = z.strictObject({
  jobManager: jobManager.default(jobManager.parse({})),
  taskManager: taskManager.default(taskManager.parse({})),
});

const credentials = z.strictObject({
  accessKeyId: text().optional(),
  secretAccessKey: text().optional(),
  secretName: kubernetesObjectName().optional(),
  accessKeyIdKey: text().optional(),
  secretAccessKeyKey: text().optional(),
});
const volume = z.strictObject({
  claim: kubernetesObjectName().optional(),
  source: manifest().optional(),
  mountPath: absolutePath().optional(),
  accessModes: orUnknown(z.array(text())).optional(),
});
const storage = z.strictObject({
  uri: storageUri(),
  credentials: credentials.optional(),
  endpoint: text().optional(),
  region: text().optional(),
  pathStyleAccess: flag().optional(),
  plugin: leaf((value) =>
    value === false || (typeof value === "string" && /^[a-z][a-z0-9-]*$/.test(value))
      ? value
      : fail('must be the name of a plugin of Flink\'s without version, such as "flink-s3-fs-hadoop", or false'),
  ).optional(),
  volume: volume.optional(),
});

const logging = z.strictObject({
  log4jLoggers: orUnknown(z.record(z.string(), choice(LOG_LEVELS))).default({}),
  loggingProfile: leaf((value) =>
    value === "default" ? value : fail(`must be "default", or use log4j2ConfigurationTemplate`),
  ).optional(),
  log4j2ConfigurationTemplate: text((value) => {
    const unknown = unknownTemplateNames(value);
    if (unknown.length > 0) {
      fail(`holds ${unknown.join(", ")}; it may hold {{ rootLoggerLogLevel }} and {{ userConfiguredLoggers }}`);
    }
  }).optional(),
});

const extraVolume = z.strictObject({
  name: kubernetesName(),
  source: manifest(),
  mountPath: absolutePath(),
  readOnly: flag().optional(),
  subPath: text().optional(),
});

const kubernetes = z.strictObject({
  podTemplate: manifest().default({}),
  jobManagerPodTemplate: manifest().default({}),
  taskManagerPodTemplate: manifest().default({}),
  labels: labels().default({}),
  annotations: scalarMap().default({}),
  envVars: manifests().default([]),
  envFrom: manifests().default([]),
  volumes: orUnknown(z.array(orUnknown(extraVolume))).default([]),
  serviceAccountName: kubernetesObjectName().optional(),
  serviceAccountAnnotations: scalarMap().default({}),
  rbac: flag().default(true),
  imagePullSecrets: orUnknown(z.array(kubernetesObjectName())).default([]),
  imagePullPolicy: leaf((value) =>
    ["Always", "IfNotPresent", "Never"].includes(value as string)
      ? (value as string)
      : fail("must be one of Always, IfNotPresent, Never"),
  ).optional(),
  via: choice(["proxy", "portForward"]).default("proxy"),
  kubeconfig: text().optional(),
  context: text().optional(),
});

const ingress = z.strictObject({
  host: ingressHost(),
  path: absolutePath().default("/"),
  className: kubernetesObjectName().optional(),
  tlsSecretName: kubernetesObjectName().optional(),
  annotations: scalarMap().default({}),
});

const networkPolicy = z.strictObject({
  from: manifests().default([]),
  apiServerCidrs: orUnknown(z.array(cidr())).optional(),
});

export const schema = z.strictObject({
  flinkVersion: flinkVersion(),
  image: text().optional(),
  flinkImageRegistry: text().optional(),
  flinkImageRepository: text().optional(),
  flinkImageTag: text().optional(),
  numberOfTaskManagers: wholeNumber(1).default(1),
  slotsPerTaskManager: wholeNumber(1).default(1),
  resources: resources.default(resources.parse({})),
  flinkConfiguration: scalarMap().default({}),
  storage: storage.optional(),
  highAvailability: flag().optional(),
  logging: logging.default({ log4jLoggers: {} }),
  kubernetes: kubernetes.default(kubernetes.parse({})),
  ingress: ingress.optional(),
  networkPolicy: z.union([z.literal(false), networkPolicy]).optional(),
  namespace: kubernetesName().optional(),
  rollout: choice(["REPLACE", "IN_PLACE"]).default("REPLACE"),
  keepers: orUnknown(z.record(z.string(), text().optional())).default({}),
  localArtifacts: orUnknown(z.array(imageJarAddress())).default([]),
  clusterReadyTimeout: duration("positive").default("5 min"),
  forceCancellationOf: orUnknown(z.array(hexadecimal(32, "the id of a job"))).default([]),
});

/** All arguments with their defaults; any value may be the unknown one. */
export type CheckedArgs = z.infer<typeof schema>;

const OBJECTS: Readonly<Record<string, z.ZodObject>> = {
  "": schema,
  resources,
  "resources.jobManager": jobManager,
  "resources.taskManager": taskManager,
  storage,
  "storage.credentials": credentials,
  "storage.volume": volume,
  logging,
  kubernetes,
  ingress,
  networkPolicy,
};

/** The keys that may be written at a path. */
export function namesAt(path: readonly string[]): readonly string[] {
  const found = OBJECTS[path.join(".")] ?? (path[0] === "kubernetes" ? extraVolume : undefined);
  return Object.keys(found?.shape ?? {});
}
