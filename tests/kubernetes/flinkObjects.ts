import { flinkImageName } from "../rig/kubernetes";
import type { KubernetesObject } from "../rig/kubernetes/client";

/** How the pods are told what Flink shall do. */
export type ConfigurationWay = "FLINK_PROPERTIES" | "mounted config.yaml";

const JOBMANAGER = "jobmanager";
const SLOTS = 2;

/** How a pod has to be in a namespace of the restricted Pod Security Standard. */
const podSecurity = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const containerSecurity = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** What may differ from the least that runs. */
export interface FlinkExtras {
  /** A folder of the node that all pods have under the same path, and in which Flink keeps its state. */
  readonly folder?: string;
  /** The value of the label by which this package finds a cluster's pods. */
  readonly cluster?: string;
  /** Default: that of the version. */
  readonly image?: string;
  /** What each pod asks for. Default: `"1Gi"`. */
  readonly memory?: string;
}

/** As cluster components label their pods. */
function labelsOf(cluster: string, component: string): Record<string, string> {
  return { "flink.pulumi.com/cluster": cluster, "app.kubernetes.io/component": component };
}

/** A JobManager and a TaskManager of {@link SLOTS} slots, with a service for both. */
export function flinkObjects(
  namespace: string,
  version: string,
  way: ConfigurationWay,
  extras: FlinkExtras = {},
): KubernetesObject[] {
  const settings = [
    ...SETTINGS,
    ...(extras.folder === undefined
      ? []
      : [
          `state.checkpoints.dir: file://${extras.folder}/state`,
          `state.savepoints.dir: file://${extras.folder}/state`,
        ]),
    "",
  ].join("\n");
  const metadata = { name: JOBMANAGER, namespace };
  const ports = [6123, 6124, 8081].map((port) => ({ name: `port-${port}`, port }));
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "flink", namespace }, data: { "config.yaml": settings } },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: { component: JOBMANAGER }, ports } },
    deployment(namespace, version, way, JOBMANAGER, settings, extras),
    deployment(namespace, version, way, "taskmanager", settings, extras),
  ];
}

const SETTINGS = [
  `jobmanager.rpc.address: ${JOBMANAGER}`,
  "blob.server.port: 6124",
  `taskmanager.numberOfTaskSlots: ${SLOTS}`,
  "jobmanager.memory.process.size: 900m",
  "taskmanager.memory.process.size: 1g",
  "web.refresh-interval: 100",
];

function deployment(
  namespace: string,
  version: string,
  way: ConfigurationWay,
  component: string,
  settings: string,
  { folder, cluster, image, memory }: FlinkExtras,
): KubernetesObject {
  const selected = { component };
  const labels = { ...selected, ...(cluster === undefined ? {} : labelsOf(cluster, component)) };
  const mounted = way === "mounted config.yaml";
  const container = {
    name: component,
    image: image ?? flinkImageName(version),
    args: [component],
    securityContext: containerSecurity,
    resources: { requests: { cpu: "100m", memory: memory ?? "1Gi" }, limits: { memory: memory ?? "1200Mi" } },
    ...(mounted ? {} : { env: [{ name: "FLINK_PROPERTIES", value: settings }] }),
    volumeMounts: [
      ...(mounted ? [{ name: "conf", mountPath: "/opt/flink/conf" }] : []),
      ...(folder === undefined ? [] : [{ name: "folder", mountPath: folder }]),
    ],
  };
  const pod = {
    securityContext: podSecurity,
    containers: [container],
    terminationGracePeriodSeconds: 1,
    volumes: [
      ...(mounted ? [{ name: "conf", configMap: { name: "flink" } }] : []),
      ...(folder === undefined ? [] : [{ name: "folder", hostPath: { path: folder } }]),
    ],
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: component, namespace, labels },
    spec: { replicas: 1, selector: { matchLabels: selected }, template: { metadata: { labels }, spec: pod } },
  };
}
