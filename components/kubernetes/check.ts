import { checkSchema } from "../../provider/checks/checkSchema";
import type { InputFailure } from "../../provider/checks/issues";
import { imageJarPath } from "../../provider/values/imageJar";
import { knownEntriesOf } from "../../provider/values/unknown";
import { explainName } from "./names";
import { applyRules } from "./rules";
import { namesAt, schema, type CheckedArgs } from "./schema";
import type { ClusterSpec, PodParts, StorageSpec } from "./spec";
import { pathOf, SECRET_KEYS } from "./storage";
import type { JsonObject } from "./strategicMerge";

/** Arguments as plain values, with their defaults, and all that is wrong with them. */
export interface ClusterCheck {
  readonly args: CheckedArgs;
  readonly failures: readonly InputFailure[];
  readonly warnings: readonly string[];
}

/** Checks all arguments at once; the unknown value passes wherever it stands. */
export function checkCluster(name: string, plain: object): ClusterCheck {
  const { inputs, wrong } = checkSchema<CheckedArgs>(schema, namesAt, { ...plain });
  const { failures, warnings } = applyRules(inputs);
  const wrongName = explainName(name);
  const named = wrongName === undefined ? [] : [{ property: "name", reason: wrongName }];
  return { args: inputs, failures: [...named, ...wrong, ...failures], warnings };
}

/** The cluster of arguments in which nothing is wrong. */
export function specOf(args: CheckedArgs): ClusterSpec {
  const { jobManager, taskManager } = args.resources;
  const { kubernetes } = args;
  const storage = args.storage === undefined ? undefined : storageOf(args.storage);
  return knownEntriesOf({
    flinkVersion: args.flinkVersion,
    image: args.image ?? imageOf(args),
    imagePullPolicy: kubernetes.imagePullPolicy,
    imagePullSecrets: kubernetes.imagePullSecrets,
    numberOfTaskManagers: args.numberOfTaskManagers,
    slotsPerTaskManager: args.slotsPerTaskManager,
    jobManager: knownEntriesOf(jobManager),
    taskManager: knownEntriesOf(taskManager),
    storage,
    highAvailability: args.highAvailability ?? storage !== undefined,
    logging: knownEntriesOf({
      log4jLoggers: args.logging.log4jLoggers,
      log4j2ConfigurationTemplate: args.logging.log4j2ConfigurationTemplate,
    }),
    volumes: kubernetes.volumes.map(knownEntriesOf),
    labels: kubernetes.labels,
    annotations: kubernetes.annotations,
    serviceAccountName: kubernetes.serviceAccountName,
    serviceAccountAnnotations: kubernetes.serviceAccountAnnotations,
    localArtifacts: args.localArtifacts.map((address) => imageJarPath(address) ?? ""),
    rollout: args.rollout,
  });
}

/** What pods are made of beside the spec. */
export function podPartsOf({ kubernetes }: CheckedArgs): PodParts {
  const { envVars, envFrom, podTemplate, jobManagerPodTemplate, taskManagerPodTemplate } = kubernetes;
  return { envVars, envFrom, podTemplate, jobManagerPodTemplate, taskManagerPodTemplate };
}

function imageOf({
  flinkImageRegistry,
  flinkImageRepository = "flink",
  flinkImageTag,
  flinkVersion,
}: CheckedArgs): string {
  const registry = flinkImageRegistry === undefined ? "" : `${flinkImageRegistry.replace(/\/+$/, "")}/`;
  return `${registry}${flinkImageRepository}:${flinkImageTag ?? flinkVersion}`;
}

function storageOf(storage: NonNullable<CheckedArgs["storage"]>): StorageSpec {
  const { uri, endpoint, region, pathStyleAccess, plugin, credentials, volume } = storage;
  const secret =
    credentials?.secretName === undefined
      ? undefined
      : {
          name: credentials.secretName,
          accessKeyId: credentials.accessKeyIdKey ?? SECRET_KEYS.accessKeyId,
          secretAccessKey: credentials.secretAccessKeyKey ?? SECRET_KEYS.secretAccessKey,
        };
  const mounted =
    volume === undefined
      ? undefined
      : { mountPath: volume.mountPath ?? pathOf(uri), source: volume.source ?? claimSource(volume.claim ?? "") };
  return knownEntriesOf({ uri, endpoint, region, pathStyleAccess, plugin, secret, volume: mounted });
}

function claimSource(claimName: string): JsonObject {
  return { persistentVolumeClaim: { claimName } };
}
