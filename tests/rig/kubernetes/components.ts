import * as fs from "node:fs/promises";
import * as path from "node:path";
import { containerdPaths } from "./containerd";
import type { Credentials } from "./credentials";
import { NODE_ADDRESS } from "./namespaces";
import { objectStorageService, type ObjectStorage } from "./objectStorage";
import type { Service } from "./services";

export const NODE_NAME = "node";
/** Inside the namespaces only, like every port here. */
export const API_PORT = 6443;

/** The addresses of pods. */
export const PODS = "10.244.0.0/24";
const SERVICES = "10.96.0.0/16";
const ETCD = "http://127.0.0.1:2379";

/** What the components are started with. */
export interface ComponentSettings {
  /** The cluster's folder. */
  readonly directory: string;
  /** The executable that is every component. */
  readonly kubernetes: string;
  /** The executable that is the S3 server. */
  readonly objectStorageServer: string;
  readonly objectStorage: ObjectStorage;
  readonly credentials: Credentials;
  /** For the components themselves, inside the namespaces. */
  readonly kubeconfig: string;
  /** The control group that the pods are in. */
  readonly controlGroup: string;
}

/** Those that come first: nothing works before the API server answers. */
export function controlPlane({ directory, kubernetes, credentials }: ComponentSettings): Service[] {
  const { authority, apiServer, apiServerClient, serviceAccounts, tokens } = credentials;
  const etcd = { "data-dir": path.join(directory, "etcd"), "unsafe-no-fsync": "true", "log-level": "warn" };
  const etcdAddresses = { "listen-client-urls": ETCD, "advertise-client-urls": ETCD };
  const server = {
    "etcd-servers": ETCD,
    "bind-address": "0.0.0.0",
    "advertise-address": NODE_ADDRESS,
    "secure-port": String(API_PORT),
    "tls-cert-file": apiServer.certificate,
    "tls-private-key-file": apiServer.key,
    "client-ca-file": authority,
    "token-auth-file": tokens,
    "kubelet-certificate-authority": authority,
    "kubelet-client-certificate": apiServerClient.certificate,
    "kubelet-client-key": apiServerClient.key,
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-key-file": serviceAccounts.publicKey,
    "service-account-signing-key-file": serviceAccounts.key,
    "service-cluster-ip-range": SERVICES,
    "authorization-mode": "RBAC",
    "cert-dir": path.join(directory, "certificates"),
    profiling: "false",
  };
  return [
    { name: "containerd", command: ["containerd", "--config", containerdPaths(directory).configuration] },
    { name: "etcd", command: [kubernetes, "etcd", ...flags({ ...etcd, ...etcdAddresses })] },
    { name: "kube-apiserver", command: [kubernetes, "kube-apiserver", ...flags(server)] },
  ];
}

/** Those that ask the API server what to do. */
export async function workers(settings: ComponentSettings): Promise<Service[]> {
  const { directory, kubernetes, credentials, kubeconfig, objectStorageServer, objectStorage } = settings;
  const certificates = { "cert-dir": path.join(directory, "certificates") };
  const common = { kubeconfig, "leader-elect": "false", "bind-address": "127.0.0.1", ...certificates };
  const controllers = {
    ...common,
    "service-account-private-key-file": credentials.serviceAccounts.key,
    "root-ca-file": credentials.authority,
    "use-service-account-credentials": "false",
    "flex-volume-plugin-dir": path.join(directory, "volume-plugins"),
  };
  const kubelet = {
    kubeconfig,
    config: await writeConfiguration(directory, "kubelet", kubeletConfiguration(settings)),
    "root-dir": path.join(directory, "kubelet"),
    "hostname-override": NODE_NAME,
    "node-ip": NODE_ADDRESS,
    ...certificates,
  };
  const proxy = { config: await writeConfiguration(directory, "kube-proxy", proxyConfiguration(kubeconfig)) };
  const component = (name: string, values: Record<string, string>): Service => ({
    name,
    command: [kubernetes, name, ...flags(values)],
  });
  return [
    component("kube-controller-manager", controllers),
    component("kube-scheduler", common),
    component("kubelet", kubelet),
    component("kube-proxy", proxy),
    { name: "coredns", command: [kubernetes, "coredns", "-conf", await writeCorefile(directory, kubeconfig)] },
    objectStorageService(objectStorageServer, directory, objectStorage),
  ];
}

function flags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

/** As JSON, which YAML contains. */
async function writeConfiguration(directory: string, name: string, configuration: object): Promise<string> {
  const file = path.join(directory, `${name}.yaml`);
  await fs.writeFile(file, JSON.stringify(configuration, undefined, 2));
  return file;
}

function kubeletConfiguration({ directory, credentials, controlGroup }: ComponentSettings): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: `unix://${containerdPaths(directory).socket}`,
    // Its own port, too, is for the API server alone: pods can reach it.
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: credentials.authority },
    },
    authorization: { mode: "AlwaysAllow" },
    tlsCertFile: credentials.apiServer.certificate,
    tlsPrivateKeyFile: credentials.apiServer.key,
    cgroupDriver: "cgroupfs",
    cgroupRoot: controlGroup,
    failCgroupV1: false,
    failSwapOn: false,
    // The machine's settings are as the kubelet wants them, or it does not start: it changes none.
    protectKernelDefaults: true,
    oomScoreAdj: 0,
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: "cluster.local",
    resolvConf: "/dev/null",
    podLogsDir: path.join(directory, "pod-logs"),
    volumePluginDir: path.join(directory, "volume-plugins"),
    // The disk and the memory of the machine that runs the tests are none of the tests' business.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "imagefs.available": "1%",
      "nodefs.inodesFree": "1%",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: "2s",
    // Images are there or not; waiting would not bring them.
    serializeImagePulls: false,
    // Starts as many containers as there are, at once.
    registryPullQPS: 0,
    eventRecordQPS: 0,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
  };
}

function proxyConfiguration(kubeconfig: string): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig },
    mode: "nftables",
    clusterCIDR: PODS,
    hostnameOverride: NODE_NAME,
    oomScoreAdj: 0,
    // Zero: as the kernel has them.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    nftables: { minSyncPeriod: "100ms" },
  };
}

async function writeCorefile(directory: string, kubeconfig: string): Promise<string> {
  const file = path.join(directory, "Corefile");
  const lines = [
    ".:53 {",
    `  bind ${NODE_ADDRESS}`,
    "  errors",
    "  kubernetes cluster.local in-addr.arpa {",
    `    kubeconfig ${kubeconfig}`,
    "    ttl 5",
    "  }",
    "  cache 5",
    "}",
  ];
  await fs.writeFile(file, `${lines.join("\n")}\n`);
  return file;
}
