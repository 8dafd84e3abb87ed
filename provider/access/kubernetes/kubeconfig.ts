import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type * as clientNode from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { FailedRequest } from "../../flink/errors";
import type { KubernetesService } from "../../resources/args";
import { KubeconfigError } from "./errors";

/** What a kubeconfig says of one cluster. */
export interface LoadedKubeconfig {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly user: User | null;
  /** For messages. */
  readonly context: string;
}

/** The client is large and an ES module: it is loaded where a cluster in Kubernetes is talked to, and only there. */
export function kubernetesClient(): Promise<typeof clientNode> {
  return import("@kubernetes/client-node");
}

/**
 * Loads the kubeconfig that leads to a Service.
 *
 * @throws {KubeconfigError} when there is none, or none that can be used.
 */
export async function loadKubeconfig(service: KubernetesService, request: FailedRequest): Promise<LoadedKubeconfig> {
  const refuse = (what: string): never => {
    throw new KubeconfigError(request, `There is no way to the Kubernetes cluster: ${what}. Nothing was sent`);
  };
  const { KubeConfig } = await kubernetesClient();
  const config = new KubeConfig();
  const whence = originOf(service.kubeconfig);
  try {
    await load(config, service.kubeconfig);
  } catch (error) {
    // A parser repeats lines of what it reads: credentials.
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    refuse(`${whence} cannot be read${code === "" ? "; it is no kubeconfig" : ` (${code})`}`);
  }
  if (service.context !== undefined) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(service.context)) {
      refuse(`${whence} has no context ${JSON.stringify(service.context)}; it has ${names.join(", ") || "none"}`);
    }
    config.setCurrentContext(service.context);
  }
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (service.kubeconfig === undefined && isPlaceholder(config)) {
    return refuse(
      "no kubeconfig was found: neither kubernetes.kubeconfig nor KUBECONFIG names one, there is none at " +
        "~/.kube/config, and this is no pod with a service account",
    );
  }
  if (cluster === null) {
    return refuse(`${whence} does not say which cluster: set kubernetes.context, or its current-context`);
  }
  if (!/^https?:\/\//.test(cluster.server ?? "")) return refuse(`the server of ${whence} is no http(s) address`);
  checkProxy(cluster, refuse);
  // Without TLS there is no certificate to skip; the client wants it said.
  const plain = cluster.server.startsWith("http:");
  return {
    config: plain ? withCluster(config, { ...cluster, skipTLSVerify: true }) : config,
    cluster,
    user: config.getCurrentUser(),
    context: context ?? "",
  };
}

/** The address of the API server that a kubeconfig leads to. */
export async function apiServerOf(service: KubernetesService): Promise<string> {
  const request = { method: "GET", route: "/", host: "the Kubernetes API server" };
  return (await loadKubeconfig(service, request)).cluster.server;
}

function originOf(kubeconfig: string | undefined): string {
  if (kubeconfig !== undefined)
    return isText(kubeconfig) ? "the given kubeconfig" : "the file of kubernetes.kubeconfig";
  return process.env["KUBECONFIG"] ? "the file of KUBECONFIG" : "~/.kube/config";
}

/** A path has one line and is no object. */
function isText(kubeconfig: string): boolean {
  return /[\n{]/.test(kubeconfig);
}

async function load(config: KubeConfig, kubeconfig: string | undefined): Promise<void> {
  if (kubeconfig === undefined) return config.loadFromDefault();
  if (isText(kubeconfig)) return config.loadFromString(kubeconfig);
  const file = kubeconfig.startsWith("~/") ? path.join(os.homedir(), kubeconfig.slice(2)) : path.resolve(kubeconfig);
  await fs.access(file);
  config.loadFromFile(file);
}

/** What the client falls back to when it finds nothing. */
function isPlaceholder(config: KubeConfig): boolean {
  const cluster = config.getCurrentCluster();
  return config.getCurrentContext() === "loaded-context" && cluster?.server === "http://localhost:8080";
}

function checkProxy({ proxyUrl }: Cluster, refuse: (what: string) => never): void {
  if (proxyUrl === undefined || proxyUrl === null || proxyUrl === "") return;
  if (!/^https?:\/\//.test(proxyUrl)) {
    refuse(
      `its proxy-url has a scheme that is not supported here (http and https are). Reach the API server by another ` +
        "way, or give the endpoint a url",
    );
  }
}

/** The same configuration with its current cluster changed. */
function withCluster(config: KubeConfig, cluster: Cluster): KubeConfig {
  config.loadFromOptions({
    clusters: [cluster],
    users: config.getUsers(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
  });
  return config;
}
