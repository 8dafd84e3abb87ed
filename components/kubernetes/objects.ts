import { CLUSTER_LABEL, PORTS, labelsOf, namesOf, selectorOf, type Role } from "./names";
import type { ClusterSpec } from "./spec";
import type { JsonObject } from "./strategicMerge";

/* The objects of a cluster beside its pods, each as what is given to its resource. */

/** What each object is named and labelled by. */
export interface ObjectIdentity {
  readonly name: string;
  readonly clusterId: string;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The users' labels cannot hide the cluster's own. */
export function metadataOf(at: ObjectIdentity, objectName: string, role?: Role, annotations = {}): JsonObject {
  const all = { ...at.annotations, ...annotations };
  return {
    name: objectName,
    ...(at.namespace === undefined ? {} : { namespace: at.namespace }),
    labels: { ...at.labels, ...labelsOf(at.name, at.clusterId, role) },
    ...(Object.keys(all).length === 0 ? {} : { annotations: all }),
  };
}

/** This package waits for the pods itself, and says what they wait for. */
const UNAWAITED = { "pulumi.com/skipAwait": "true" };

/** JobManagers or TaskManagers. */
export function deploymentOf(at: ObjectIdentity, role: Role, replicas: number, template: JsonObject): JsonObject {
  const names = namesOf(at.clusterId);
  return {
    metadata: metadataOf(at, role === "jobmanager" ? names.jobManager : names.taskManager, role, UNAWAITED),
    spec: {
      replicas,
      selector: { matchLabels: selectorOf(at.clusterId, role) },
      // Never two generations of one cluster's processes side by side.
      strategy: { type: "Recreate" },
      revisionHistoryLimit: 2,
      template,
    },
  };
}

/** For REST: what the endpoint names. */
export function restServiceOf(at: ObjectIdentity): JsonObject {
  return {
    metadata: metadataOf(at, namesOf(at.clusterId).rest, "jobmanager", UNAWAITED),
    spec: {
      type: "ClusterIP",
      selector: selectorOf(at.clusterId, "jobmanager"),
      ports: [{ name: "rest", port: PORTS.rest, targetPort: PORTS.rest, protocol: "TCP" }],
    },
  };
}

/** For TaskManagers: a name for the JobManager's pod, also before it is ready. */
export function jobManagerServiceOf(at: ObjectIdentity): JsonObject {
  return {
    metadata: metadataOf(at, namesOf(at.clusterId).jobManager, "jobmanager", UNAWAITED),
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selectorOf(at.clusterId, "jobmanager"),
      ports: [
        { name: "rpc", port: PORTS.jobManagerRpc, targetPort: PORTS.jobManagerRpc, protocol: "TCP" },
        { name: "blob", port: PORTS.blob, targetPort: PORTS.blob, protocol: "TCP" },
      ],
    },
  };
}

export function serviceAccountOf(at: ObjectIdentity, annotations: Readonly<Record<string, string>>): JsonObject {
  return { metadata: metadataOf(at, namesOf(at.clusterId).account, undefined, annotations) };
}

/** What Flink's high availability does: it elects leaders by ConfigMaps, and deletes those of a cluster together. */
export function roleOf(at: ObjectIdentity): JsonObject {
  const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
  return {
    metadata: metadataOf(at, namesOf(at.clusterId).account),
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs }],
  };
}

export function roleBindingOf(at: ObjectIdentity, serviceAccount: string, namespace: string): JsonObject {
  return {
    metadata: metadataOf(at, namesOf(at.clusterId).account),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: namesOf(at.clusterId).account },
    subjects: [{ kind: "ServiceAccount", name: serviceAccount, namespace }],
  };
}

/** A node that is drained takes one pod of each kind at a time; a budget that allows none would block it. */
export function disruptionBudgetOf(at: ObjectIdentity, role: Role): JsonObject {
  const names = namesOf(at.clusterId);
  return {
    metadata: metadataOf(at, role === "jobmanager" ? names.jobManager : names.taskManager, role),
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(at.clusterId, role) } },
  };
}

/** Agents that carry the API server's requests into the network of nodes, by the labels of the providers that have them. */
const AGENTS: readonly JsonObject[] = [
  { matchLabels: { "k8s-app": "konnectivity-agent" } },
  { matchLabels: { app: "konnectivity-agent" } },
];

/** Own pods reach everything, the API server's proxy and the user's peers reach REST, and nobody else anything. */
export function networkPolicyOf(
  at: ObjectIdentity,
  from: readonly JsonObject[],
  apiServerCidrs: readonly string[],
): JsonObject {
  const ownPods = { podSelector: { matchLabels: { [CLUSTER_LABEL]: at.clusterId } } };
  const kubeSystem = { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } };
  const agents = AGENTS.map((podSelector) => ({ namespaceSelector: kubeSystem, podSelector }));
  const addresses = apiServerCidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return {
    metadata: metadataOf(at, namesOf(at.clusterId).networkPolicy),
    spec: {
      podSelector: { matchLabels: { [CLUSTER_LABEL]: at.clusterId } },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [ownPods] },
        { from: [...agents, ...addresses, ...from], ports: [{ port: PORTS.rest, protocol: "TCP" }] },
      ],
    },
  };
}

/** The addresses of an EndpointSlice as blocks of one. */
export function cidrsOf(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => `${address}/${address.includes(":") ? 128 : 32}`))].sort();
}

/** An Ingress with all values known. */
export interface IngressSpec {
  readonly host: string;
  readonly path?: string | undefined;
  readonly className?: string | undefined;
  readonly tlsSecretName?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export function ingressOf(
  at: ObjectIdentity,
  { host, path = "/", className, tlsSecretName, annotations = {} }: IngressSpec,
): JsonObject {
  const { rest, ingress } = namesOf(at.clusterId);
  const backend = { service: { name: rest, port: { number: PORTS.rest } } };
  return {
    metadata: metadataOf(at, ingress, "jobmanager", { ...UNAWAITED, ...annotations }),
    spec: {
      ...(className === undefined ? {} : { ingressClassName: className }),
      ...(tlsSecretName === undefined ? {} : { tls: [{ hosts: [host], secretName: tlsSecretName }] }),
      rules: [{ host, http: { paths: [{ path, pathType: "Prefix", backend }] } }],
    },
  };
}

/** Numbers of pods. */
export function replicasOf(spec: ClusterSpec, role: Role): number {
  return role === "jobmanager" ? spec.jobManager.replicas : spec.numberOfTaskManagers;
}
