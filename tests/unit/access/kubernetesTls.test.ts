import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { connectionOf } from "../../../provider/access/connection";
import { kubernetesClient } from "../../../provider/access/kubernetes/kubeconfig";
import { FlinkClient } from "../../../provider/flink/client";
import { Authority, type KeyPair } from "../../rig/certificates";
import { listen, type FakeServer } from "../flink/fakeServer";
import { kubeconfigOf, NAMESPACE, PROXY, SERVICE, type KubeconfigUser } from "./fakeApiServer";

const OVERVIEW = { taskmanagers: 1, "slots-total": 2, "slots-available": 2, "flink-version": "2.3.0" };

describe("TLS to the API server of a kubeconfig", function () {
  this.timeout(60_000);
  let directory: string;
  let authority: Authority;
  let administrator: KeyPair;
  let server: FakeServer;
  let proxy: ForwardProxy | undefined;
  /** Who came, by the common names of their certificates. */
  let guests: string[];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "pulumi-flink-kubernetes-tls-"));
    authority = new Authority(directory, "kubernetes");
    administrator = authority.issue("administrator", "DNS:administrator");
    await kubernetesClient();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  beforeEach(async () => {
    guests = [];
    const pair = authority.issue("apiserver", "DNS:kubernetes.example.org");
    server = await listen(
      (incoming, outgoing) => {
        const { subject } = (incoming.socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate>;
        guests.push(String(subject?.CN ?? "nobody"));
        outgoing.end(JSON.stringify(incoming.url === `${PROXY}/overview` ? OVERVIEW : {}));
      },
      { ...pair, ca: authority.ca.cert, requestCert: true, rejectUnauthorized: false },
    );
  });
  afterEach(async () => {
    await server.close();
    await proxy?.close();
    proxy = undefined;
  });

  const base64 = (pem: string): string => Buffer.from(pem).toString("base64");

  async function overview(cluster: Record<string, unknown>, user?: KubeconfigUser): Promise<unknown> {
    const config = JSON.parse(kubeconfigOf(server.url, user)) as { clusters: { cluster: Record<string, unknown> }[] };
    for (const each of config.clusters) Object.assign(each.cluster, cluster);
    const kubernetes = { namespace: NAMESPACE, service: SERVICE, kubeconfig: JSON.stringify(config) };
    const client = new FlinkClient(connectionOf({ kubernetes }), { requestTimeoutMs: 5_000 });
    try {
      return await client.overview();
    } finally {
      await client.close();
    }
  }

  const trusted = () => ({
    "certificate-authority-data": base64(authority.ca.cert),
    "tls-server-name": "kubernetes.example.org",
  });

  it("shows the user's client certificate", async () => {
    await overview(trusted(), {
      "client-certificate-data": base64(administrator.cert),
      "client-key-data": base64(administrator.key),
    });
    assert.deepEqual(guests, ["kubernetes administrator"]);
  });

  it("refuses an authority that the kubeconfig does not name, and says where it belongs", async () => {
    await assert.rejects(overview({ "tls-server-name": "kubernetes.example.org" }), /certificate-authority-data/);
    assert.deepEqual(guests, []);
  });

  it("refuses another host name, unless the kubeconfig gives it as tls-server-name", async () => {
    const { "tls-server-name": _, ...byAddress } = trusted();
    await assert.rejects(overview(byAddress), /another host name/);
    assert.deepEqual(guests, []);
    await overview(trusted());
    assert.deepEqual(guests, ["nobody"]);
  });

  it("goes through the kubeconfig's proxy-url, which sees no more than the address", async () => {
    proxy = await ForwardProxy.start();
    await overview({ ...trusted(), "proxy-url": proxy.url });
    assert.deepEqual(guests, ["nobody"]);
    assert.deepEqual(proxy.asked, [`CONNECT ${server.host}`]);
  });
});

/** A proxy on loopback that passes bytes on. */
class ForwardProxy {
  readonly asked: string[] = [];
  private readonly sockets: Socket[] = [];

  private constructor(private readonly server: Server) {
    server.on("connect", ({ method, url = "" }, client: Socket) => {
      this.asked.push(`${method} ${url}`);
      const [host = "", port] = url.split(":");
      const target = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        client.pipe(target).pipe(client);
      });
      this.sockets.push(client, target);
      for (const socket of [client, target]) socket.on("error", () => undefined);
    });
  }

  static async start(): Promise<ForwardProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ForwardProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}
