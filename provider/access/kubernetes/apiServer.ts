import { Agent, buildConnector, ProxyAgent, type Dispatcher } from "undici";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { FailedRequest } from "../../flink/errors";
import type { Gate, Intermediary } from "../../flink/connection";
import type { KubernetesService } from "../../resources/args";
import { redactor } from "../../values/redact";
import { KubernetesCredentialsError } from "./errors";
import { execCredential } from "./execPlugin";
import { kubernetesClient, loadKubeconfig, type LoadedKubeconfig } from "./kubeconfig";

const CONNECT_TIMEOUT_MS = 10_000;

/** The API server in words. */
export const API_SERVER: Intermediary = {
  name: "the Kubernetes API server",
  authority: "certificate-authority-data of the kubeconfig's cluster",
  serverName: "the kubeconfig's server, or as its tls-server-name",
  clientCertificate: "client-certificate-data and client-key-data of the kubeconfig's user",
};

/** The kubeconfig's credentials as they are now. */
interface Access {
  readonly tls: Tls;
  readonly headers: Record<string, string>;
}

type Tls = Pick<RequestOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;

/** The API server of a kubeconfig, with the user's credentials asked for anew whenever they are needed. */
export class ApiServer {
  private loaded: Promise<LoadedKubeconfig> | undefined;
  private current: { readonly key: string; readonly dispatcher: Dispatcher } | undefined;
  private readonly retired: Dispatcher[] = [];
  private readonly secrets = new Set<string>();
  private redactSecrets = redactor([]);

  constructor(private readonly service: KubernetesService) {}

  /**
   * The way to a path of the API server.
   *
   * @throws {KubeconfigError} {@link KubernetesCredentialsError}
   */
  async gate(request: FailedRequest, refused: boolean, prefix = ""): Promise<Gate> {
    const { cluster } = await this.load(request);
    const { headers, tls } = await this.access(request, refused);
    const { origin, pathname } = new URL(cluster.server);
    const dispatcher = this.dispatcher(tls, cluster.proxyUrl);
    return { origin, prefix: pathname.replace(/\/+$/, "") + prefix, headers, dispatcher };
  }

  /** A configuration of nothing but the API server and the credentials as they are now. */
  async currentConfig(request: FailedRequest): Promise<KubeConfig> {
    const { cluster } = await this.load(request);
    const { headers, tls } = await this.access(request, false);
    const { KubeConfig } = await kubernetesClient();
    const config = new KubeConfig();
    const plain = cluster.server.startsWith("http:");
    config.loadFromClusterAndUser(plain ? { ...cluster, skipTLSVerify: true } : cluster, { name: "user" });
    // All of what a kubeconfig's user may be has been made of these.
    config.applyToHTTPSOptions = (options: RequestOptions) => {
      Object.assign(options, tls, { headers: { ...options.headers, ...headers } });
      if (cluster.proxyUrl) Object.assign(options, { agent: proxyAgent(config, cluster, tls) });
      return Promise.resolve();
    };
    return config;
  }

  redact(text: string): string {
    return this.redactSecrets(text);
  }

  /** Cuts what is still under way. */
  async close(): Promise<void> {
    const all = [...this.retired, ...(this.current === undefined ? [] : [this.current.dispatcher])];
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }

  private load(request: FailedRequest): Promise<LoadedKubeconfig> {
    this.loaded ??= loadKubeconfig(this.service, request);
    return this.loaded;
  }

  private async access(request: FailedRequest, refused: boolean): Promise<Access> {
    const { config, user, cluster, context } = await this.load(request);
    const options: RequestOptions = {};
    try {
      if (user?.exec) {
        const { token, clientCertificateData, clientKeyData } = await execCredential(
          user.exec,
          cluster.server,
          refused,
        );
        // Everything of the user but the plugin, which the client would run once more for every request.
        await withoutPlugin(config).applyToHTTPSOptions(options);
        if (token !== undefined) options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
        if (clientCertificateData !== undefined) {
          Object.assign(options, { cert: clientCertificateData, key: clientKeyData });
        }
      } else {
        await config.applyToHTTPSOptions(options);
      }
    } catch (cause) {
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new KubernetesCredentialsError(
        request,
        `There are no credentials for the Kubernetes cluster (context ${JSON.stringify(context)}): ${words}. Nothing was ` +
          "sent. Log in again, or mend the kubeconfig, and run again",
        { cause },
      );
    }
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    if (typeof options.auth === "string") {
      headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    }
    this.remember(headers["authorization"], key);
    return { headers, tls: defined({ ca, cert, key, rejectUnauthorized, servername }) };
  }

  private remember(authorization: string | undefined, key: RequestOptions["key"]): void {
    const secret = authorization?.split(" ").at(-1);
    const pem = typeof key === "string" || Buffer.isBuffer(key) ? key.toString() : undefined;
    const before = this.secrets.size;
    for (const each of [authorization, secret, pem]) if (each) this.secrets.add(each);
    if (this.secrets.size !== before) this.redactSecrets = redactor(this.secrets);
  }

  /** One for as long as the certificates stay the same. */
  private dispatcher(tls: Tls, proxyUrl: string | undefined): Dispatcher {
    const key = JSON.stringify(tls, (_name, value: unknown) => (Buffer.isBuffer(value) ? value.toString() : value));
    if (this.current?.key !== key) {
      if (this.current !== undefined) this.retired.push(this.current.dispatcher);
      this.current = { key, dispatcher: newDispatcher(tls, proxyUrl) };
    }
    return this.current.dispatcher;
  }
}

function newDispatcher(tls: Tls, proxyUrl: string | undefined): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_TIMEOUT_MS } as buildConnector.BuildOptions;
  // The deadlines are those of who asks.
  const limits = { headersTimeout: 0, bodyTimeout: 0 };
  if (proxyUrl) return new ProxyAgent({ uri: proxyUrl, requestTls: connect, ...limits });
  return new Agent({ connect: buildConnector(connect), ...limits });
}

function withoutPlugin(config: KubeConfig): KubeConfig {
  const copy = Object.create(config, {
    users: { value: config.users.map((user) => ({ ...user, exec: undefined })) },
  }) as KubeConfig;
  return copy;
}

function proxyAgent(config: KubeConfig, cluster: LoadedKubeconfig["cluster"], tls: Tls): unknown {
  const withAgents = config as unknown as { createAgent(cluster: unknown, options: unknown): unknown };
  return withAgents.createAgent(cluster, { ...tls });
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}
