import { sha256Hex } from "../../provider/values/canonicalJson";

/** The container of Flink in each pod; pod templates name it. */
export const MAIN_CONTAINER = "flink-main-container";

/** The label by which all that belongs to one incarnation of a cluster is found. */
export const CLUSTER_LABEL = "flink.pulumi.com/cluster";

/** The keeper that a FlinkApplication gives its cluster: it stands for the job. */
export const JOB_KEEPER = "job";

export const LABELS = {
  name: "app.kubernetes.io/name",
  managedBy: "app.kubernetes.io/managed-by",
  instance: "app.kubernetes.io/instance",
  component: "app.kubernetes.io/component",
} as const;

export const ROLES = ["jobmanager", "taskmanager"] as const;
export type Role = (typeof ROLES)[number];

/** Ports of the pods, the same in every cluster. */
export const PORTS = {
  rest: 8081,
  jobManagerRpc: 6123,
  blob: 6124,
  taskManagerRpc: 6122,
  taskManagerData: 6121,
} as const;

const INCARNATION_DIGITS = 8;
const CONTENT_DIGITS = 8;

/** Flink's own limit for a cluster's id; the longest names made of one stay within Kubernetes' limit of 63. */
const MAX_CLUSTER_ID = 45;
const MAX_NAME = MAX_CLUSTER_ID - INCARNATION_DIGITS - 1;

/** What is wrong with a component's name, as the end of a sentence that begins with it. */
export function explainName(name: string): string | undefined {
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    return "must consist of lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen, because Kubernetes objects are named after it";
  }
  return name.length > MAX_NAME
    ? `must be at most ${MAX_NAME} characters long, because Kubernetes objects are named after it, but has ${name.length}`
    : undefined;
}

/** The id of one incarnation of a cluster, with which the names of all its objects begin. */
export function clusterIdOf(name: string, incarnation: string): string {
  return `${name}-${incarnation.slice(0, INCARNATION_DIGITS)}`;
}

/** The names of a cluster's objects. */
export function namesOf(clusterId: string) {
  return {
    rest: `${clusterId}-rest`,
    jobManager: `${clusterId}-jobmanager`,
    taskManager: `${clusterId}-taskmanager`,
    account: clusterId,
    networkPolicy: clusterId,
    ingress: clusterId,
  };
}

/** A name that another content changes: the object that is made of it never changes itself. */
export function contentName(clusterId: string, what: string, content: string): string {
  // With the id, so that what is secret cannot be looked for in other clusters' names.
  return `${clusterId}-${what}-${sha256Hex(`${clusterId}\n${content}`).slice(0, CONTENT_DIGITS)}`;
}

/** What pods of a role are selected by. */
export function selectorOf(clusterId: string, role: Role): Record<string, string> {
  return { [CLUSTER_LABEL]: clusterId, [LABELS.component]: role };
}

/** The labels of every object of a cluster. */
export function labelsOf(name: string, clusterId: string, role?: Role): Record<string, string> {
  return {
    [LABELS.name]: "flink",
    [LABELS.managedBy]: "pulumi",
    [LABELS.instance]: name,
    ...(role === undefined ? {} : { [LABELS.component]: role }),
    [CLUSTER_LABEL]: clusterId,
  };
}
