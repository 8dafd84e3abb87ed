import * as fs from "node:fs/promises";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";

const GROUP = "rbac.authorization.k8s.io";
const MANAGER = "tests";

/** One rule of a Role. */
export interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly resourceNames?: string[];
  readonly verbs: string[];
}

/* The rules of docs/kubernetes-access.md, for a Service named jobmanager. */

export const PROXY_RULE: Rule = {
  apiGroups: [""],
  resources: ["services/proxy"],
  resourceNames: ["http:jobmanager:8081"],
  verbs: ["get", "create", "patch", "delete"],
};

export const PORT_FORWARD_RULES: Rule[] = [
  { apiGroups: [""], resources: ["services"], resourceNames: ["jobmanager"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"] },
];

export const CLUSTER_RULES: Rule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list", "patch"] },
  { apiGroups: [""], resources: ["configmaps"], verbs: ["list", "delete"] },
];

/** Gives a service account these rules and no other. */
export async function grant(client: KubernetesClient, namespace: string, name: string, rules: Rule[]): Promise<void> {
  const metadata = { name, namespace };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const objects: KubernetesObject[] = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: `${GROUP}/v1`, kind: "Role", metadata, rules },
    {
      apiVersion: `${GROUP}/v1`,
      kind: "RoleBinding",
      metadata,
      subjects,
      roleRef: { apiGroup: GROUP, kind: "Role", name },
    },
  ];
  for (const object of objects) await client.apply(object, { fieldManager: MANAGER, force: true });
}

/** The administrator's kubeconfig with a service account in place of the administrator. */
export async function kubeconfigOf(
  client: KubernetesClient,
  namespace: string,
  name: string,
  administrators: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
  const answer = await client.text("POST", path, { contentType: "application/json", body });
  const { token } = (JSON.parse(answer) as { status: { token: string } }).status;
  const config = JSON.parse(await fs.readFile(administrators, "utf8")) as { users: { user: object }[] };
  return JSON.stringify({ ...config, users: config.users.map((user) => ({ ...user, user: { token } })) });
}
