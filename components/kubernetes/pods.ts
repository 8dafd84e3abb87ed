import { LABELS, CLUSTER_LABEL, MAIN_CONTAINER, PORTS, labelsOf, selectorOf, type Role } from "./names";
import { lifecycleOf } from "./localArtifacts";
import { cpuQuantity, memoryQuantity } from "./quantities";
import type { ClusterSpec, PodParts, ProcessSpec } from "./spec";
import { PLUGINS_VARIABLE, STORAGE_VOLUME, storageVariables } from "./storage";
import { strategicMerge, type JsonObject } from "./strategicMerge";

/** Names of the other objects that pods refer to. */
export interface PodReferences {
  readonly name: string;
  readonly clusterId: string;
  readonly configMap: string;
  /** Of a Secret that was made of the keys for the storage. */
  readonly storageSecret?: string | undefined;
  readonly serviceAccount: string;
}

const CONFIGURATION_DIRECTORY = "/opt/flink/conf";
const CONFIGURATION_VOLUME = "flink-configuration";
/** User and group of the official image. */
const FLINK_USER = 9999;

/** A template's parts that pods are found by, and what starts Flink: no pod template may set them. */
export const OWNED_LABELS: readonly string[] = [CLUSTER_LABEL, LABELS.component];
export const OWNED_FIELDS: readonly string[] = ["args", "command"];

/** The template of a role's pods, with the user's templates merged into it. */
export function podTemplateOf(spec: ClusterSpec, role: Role, parts: PodParts, at: PodReferences): JsonObject {
  const own = role === "jobmanager" ? parts.jobManagerPodTemplate : parts.taskManagerPodTemplate;
  return strategicMerge(strategicMerge(baseTemplate(spec, role, parts, at), parts.podTemplate), own);
}

function baseTemplate(spec: ClusterSpec, role: Role, parts: PodParts, at: PodReferences): JsonObject {
  return {
    metadata: { labels: { ...labelsOf(at.name, at.clusterId, role), ...selectorOf(at.clusterId, role) } },
    spec: {
      serviceAccountName: at.serviceAccount,
      // Flink asks the API server only for who leads.
      automountServiceAccountToken: spec.highAvailability,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: FLINK_USER,
        runAsGroup: FLINK_USER,
        fsGroup: FLINK_USER,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...(spec.imagePullSecrets.length === 0
        ? {}
        : { imagePullSecrets: spec.imagePullSecrets.map((name) => ({ name })) }),
      containers: [container(spec, role, parts, at)],
      volumes: volumes(spec, at),
    },
  };
}

function container(spec: ClusterSpec, role: Role, parts: PodParts, at: PodReferences): JsonObject {
  const isJobManager = role === "jobmanager";
  const rpcPort = isJobManager ? PORTS.jobManagerRpc : PORTS.taskManagerRpc;
  return {
    name: MAIN_CONTAINER,
    image: spec.image,
    ...(spec.imagePullPolicy === undefined ? {} : { imagePullPolicy: spec.imagePullPolicy }),
    args: argumentsOf(spec, role),
    env: environment(spec, parts, at),
    ...(parts.envFrom.length === 0 ? {} : { envFrom: parts.envFrom }),
    ports: isJobManager
      ? [port("rest", PORTS.rest), port("rpc", PORTS.jobManagerRpc), port("blob", PORTS.blob)]
      : [port("rpc", PORTS.taskManagerRpc), port("data", PORTS.taskManagerData)],
    resources: resources(isJobManager ? spec.jobManager : spec.taskManager),
    readinessProbe: {
      tcpSocket: { port: isJobManager ? PORTS.rest : PORTS.taskManagerRpc },
      periodSeconds: 2,
    },
    // On a busy node a JVM may take minutes, and one that is killed meanwhile never gets there.
    startupProbe: { tcpSocket: { port: rpcPort }, periodSeconds: 2, failureThreshold: 300 },
    livenessProbe: { tcpSocket: { port: rpcPort }, periodSeconds: 20, failureThreshold: 6 },
    ...(isJobManager && spec.localArtifacts.length > 0 ? { lifecycle: lifecycleOf(spec.localArtifacts) } : {}),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: CONFIGURATION_VOLUME, mountPath: CONFIGURATION_DIRECTORY, readOnly: true },
      ...(spec.storage?.volume === undefined
        ? []
        : [{ name: STORAGE_VOLUME, mountPath: spec.storage.volume.mountPath }]),
      ...spec.volumes.map(({ name, mountPath, readOnly, subPath }) => ({
        name,
        mountPath,
        ...(readOnly === undefined ? {} : { readOnly }),
        ...(subPath === undefined ? {} : { subPath }),
      })),
    ],
  };
}

/** `-D` is a word of its own: Flink's scripts take a first word that is not exactly that for a host's name. */
function argumentsOf(spec: ClusterSpec, role: Role): string[] {
  const namespace = spec.highAvailability ? ["-D", "kubernetes.namespace=$(POD_NAMESPACE)"] : [];
  return [role, ...addressOf(spec, role), ...namespace];
}

function addressOf({ highAvailability }: ClusterSpec, role: Role): string[] {
  // One that has to find out waits up to 10 s for a JobManager to try it on.
  if (role === "taskmanager") return ["-D", "taskmanager.host=$(POD_IP)"];
  // Whoever leads is found by its own address, not by that of all.
  return highAvailability ? ["-D", "jobmanager.rpc.address=$(POD_IP)"] : [];
}

function environment(spec: ClusterSpec, { envVars }: PodParts, at: PodReferences): JsonObject[] {
  const field = (name: string, fieldPath: string): JsonObject => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const own = [
    field("POD_IP", "status.podIP"),
    field("POD_NAMESPACE", "metadata.namespace"),
    ...storageVariables(spec, at.storageSecret),
  ];
  const merged = own.map((variable) => {
    const given = envVars.find(({ name }) => name === variable["name"]);
    if (given === undefined) return variable;
    const bothPlain = typeof given["value"] === "string" && typeof variable["value"] === "string";
    // The user's plugins beside that of the storage.
    return given["name"] === PLUGINS_VARIABLE && bothPlain
      ? { ...given, value: `${given["value"] as string};${variable["value"] as string}` }
      : given;
  });
  return [...merged, ...envVars.filter(({ name }) => !own.some((variable) => variable["name"] === name))];
}

function volumes(spec: ClusterSpec, { configMap }: PodReferences): JsonObject[] {
  return [
    { name: CONFIGURATION_VOLUME, configMap: { name: configMap } },
    ...(spec.storage?.volume === undefined ? [] : [{ name: STORAGE_VOLUME, ...spec.storage.volume.source }]),
    ...spec.volumes.map(({ name, source }) => ({ name, ...source })),
  ];
}

function resources({ cpu, cpuLimit, memory }: ProcessSpec): JsonObject {
  return {
    requests: { cpu: cpuQuantity(cpu), memory: memoryQuantity(memory) },
    limits: {
      ...(cpuLimit === undefined ? {} : { cpu: cpuQuantity(cpuLimit) }),
      memory: memoryQuantity(memory),
    },
  };
}

function port(name: string, containerPort: number): JsonObject {
  return { name, containerPort, protocol: "TCP" };
}
