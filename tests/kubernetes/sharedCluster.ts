import { randomBytes } from "node:crypto";
import {
  joinKubernetes,
  obtainKubernetes,
  startKubernetes,
  type ClusterLocation,
  type KubernetesCluster,
  type OwnKubernetesCluster,
} from "../rig/kubernetes";
import { KubernetesClient, type KubernetesObject } from "../rig/kubernetes/client";

/** Building Kubernetes, the first time on a machine. */
const FIRST_TIME_MS = 60 * 60_000;

/** Where the cluster is that tools/test.cjs has started for all files; unset: this process starts its own. */
const location = process.env["PULUMI_FLINK_TESTS_KUBERNETES"];

let running: Promise<OwnKubernetesCluster> | undefined;

/** The cluster that all tests of this run share; each has namespaces of its own. */
export async function sharedCluster(): Promise<KubernetesCluster> {
  if (location !== undefined) return joinKubernetes(JSON.parse(location) as ClusterLocation);
  running ??= startKubernetes();
  return await running;
}

before(async function () {
  this.timeout(FIRST_TIME_MS);
  if (location === undefined) await obtainKubernetes();
});

after(async function () {
  this.timeout(60_000);
  await (await running?.catch(() => undefined))?.stop();
});

/** The administrator's client, and a name that no other test uses. */
export async function newNamespaceName(prefix: string): Promise<{ client: KubernetesClient; name: string }> {
  const { kubeconfig } = await sharedCluster();
  const client = await KubernetesClient.connect(kubeconfig);
  return { client, name: `${prefix}-${randomBytes(4).toString("hex")}` };
}

/** A namespace in which only pods of the restricted Pod Security Standard may run. */
export function restrictedNamespace(name: string): KubernetesObject {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}
