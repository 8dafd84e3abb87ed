import { flinkImageName } from "../rig/kubernetes";
import type { KubernetesObject } from "../rig/kubernetes/client";

/** How the pods are told what Flink shall do. */
export type ConfigurationWay = "FLINK_PROPERTIES" | "mounted config.yaml";

const JOBMANAGER = "jobmanager";
const SLOTS = 2;

/** How a pod has to be in a namespace of the restricted Pod Security Standard. */
const podSecurity = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const containerSecurity = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** A JobManager and a TaskManager of {@link SLOTS} slots, with a service for both. */
export function flinkObjects(namespace: string, version: string, way: ConfigurationWay): KubernetesObject[] {
  const metadata = { name: JOBMANAGER, namespace };
  const ports = [6123, 6124, 8081].map((port) => ({ name: `port-${port}`, port }));
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "flink", namespace }, data: { "config.yaml": settings } },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { component: JOBMANAGER }, ports } },
    deployment(namespace, version, way, JOBMANAGER),
    deployment(namespace, version, way, "taskmanager"),
  ];
}

const settings = [
  `jobmanager.rpc.address: ${JOBMANAGER}`,
  "blob.server.port: 6124",
  `taskmanager.numberOfTaskSlots: ${SLOTS}`,
  "jobmanager.memory.process.size: 900m",
  "taskmanager.memory.process.size: 1g",
  "web.refresh-interval: 100",
  "",
].join("\n");

function deployment(namespace: string, version: string, way: ConfigurationWay, component: string): KubernetesObject {
  const labels = { component };
  const mounted = way === "mounted config.yaml";
  const container = {
    name: component,
    image: flinkImageName(version),
    args: [component],
    securityContext: containerSecurity,
    resources: { requests: { cpu: "100m", memory: "1Gi" }, limits: { memory: "1200Mi" } },
    ...(mounted
      ? { volumeMounts: [{ name: "conf", mountPath: "/opt/flink/conf" }] }
      : { env: [{ name: "FLINK_PROPERTIES", value: settings }] }),
  };
  const pod = {
    securityContext: podSecurity,
    containers: [container],
    terminationGracePeriodSeconds: 1,
    ...(mounted ? { volumes: [{ name: "conf", configMap: { name: "flink" } }] } : {}),
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: component, namespace },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  };
}
