import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerOptions } from "node:https";
import { FlinkClient } from "../../../provider/flink/client";
import type { FlinkTls } from "../../../provider/flink/connection";
import { BadResponseError, ClusterTlsError, ClusterUnreachableError } from "../../../provider/flink/errors";
import { listen, type FakeServer } from "./fakeServer";

interface KeyPair {
  cert: string;
  key: string;
}

/** Certificates made by openssl in a directory of their own. */
class Authority {
  readonly ca: KeyPair;

  constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {
    this.ca = this.make("ca", ["-x509", "-days", "2"]);
  }

  issue(name: string, subjectAltName: string): KeyPair {
    const extensions = join(this.directory, `${this.name}-${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${subjectAltName}\n`);
    const file = (end: string) => join(this.directory, `${this.name}-${end}`);
    this.make(name, []);
    openssl(
      "x509",
      "-req",
      "-in",
      file(`${name}.pem`),
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      extensions,
      "-out",
      file(`${name}.crt`),
    );
    return { cert: readFileSync(file(`${name}.crt`), "utf8"), key: readFileSync(file(`${name}.key`), "utf8") };
  }

  private make(name: string, options: string[]): KeyPair {
    const [cert, key] = [`${name}.pem`, `${name}.key`].map((end) => join(this.directory, `${this.name}-${end}`)) as [
      string,
      string,
    ];
    openssl(
      "req",
      "-new",
      ...options,
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      `/CN=${this.name} ${name}`,
      "-keyout",
      key,
      "-out",
      cert,
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  }
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

describe("TLS to Flink", function () {
  this.timeout(30_000);
  let directory: string;
  let authority: Authority;
  let stranger: Authority;
  let good: KeyPair;
  let otherHost: KeyPair;
  let clientPair: KeyPair;
  let strangersPair: KeyPair;
  let server: FakeServer | undefined;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "pulumi-flink-tls-"));
    authority = new Authority(directory, "ours");
    stranger = new Authority(directory, "strangers");
    good = authority.issue("server", "IP:127.0.0.1");
    otherHost = authority.issue("other", "DNS:flink.example.org");
    clientPair = authority.issue("client", "DNS:client");
    strangersPair = stranger.issue("client", "DNS:client");
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function read(options: ServerOptions, tls: FlinkTls): Promise<unknown> {
    server = await listen((_request, response) => response.end("[]"), options);
    return readFrom(server.url, tls);
  }

  async function readFrom(url: string, tls: FlinkTls): Promise<unknown> {
    const client = new FlinkClient({ url, tls });
    try {
      return await client.clusterConfiguration();
    } finally {
      await client.close();
    }
  }

  function untrusted(words: RegExp): (error: unknown) => boolean {
    return (error) => {
      assert.ok(error instanceof ClusterTlsError, String(error));
      assert.equal(error.code, "FLINK_TLS_UNTRUSTED");
      assert.match(error.message, words);
      return true;
    };
  }

  it("trusts the authority it was given", async () => {
    assert.deepEqual(await read(good, { caCertificate: authority.ca.cert }), {});
  });

  it("does not trust an unknown authority, and says how to give it", async () => {
    await assert.rejects(read(good, {}), untrusted(/not trusted.*Nothing was sent.*tls\.caCertificate/));
  });

  it("does not trust another authority than the one it was given", async () => {
    await assert.rejects(read(good, { caCertificate: stranger.ca.cert }), untrusted(/tls\.caCertificate/));
  });

  it("does not trust a certificate of another host", async () => {
    await assert.rejects(read(otherHost, { caCertificate: authority.ca.cert }), untrusted(/another host name/));
  });

  it("accepts any certificate only when told so", async () => {
    assert.deepEqual(await read(otherHost, { insecureSkipVerify: true }), {});
  });

  describe("with client certificates", () => {
    const mutual = (): ServerOptions => ({
      ...good,
      ca: authority.ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const refused = (error: unknown) => {
      assert.ok(error instanceof ClusterTlsError || error instanceof ClusterUnreachableError);
      assert.match(error.message, /tls\.clientCertificate and tls\.clientKey/);
      return true;
    };

    it("shows its own", async () => {
      const tls = { caCertificate: authority.ca.cert, clientCertificate: clientPair.cert, clientKey: clientPair.key };
      assert.deepEqual(await read(mutual(), tls), {});
    });

    it("is refused without one", async () => {
      await assert.rejects(read(mutual(), { caCertificate: authority.ca.cert }), refused);
    });

    it("is refused with a stranger's", async () => {
      const tls = {
        caCertificate: authority.ca.cert,
        clientCertificate: strangersPair.cert,
        clientKey: strangersPair.key,
      };
      await assert.rejects(read(mutual(), tls), refused);
    });
  });

  it("says that a server does not speak TLS", async () => {
    server = await listen((_request, response) => response.end("[]"));
    await assert.rejects(readFrom(server.url.replace("http:", "https:"), {}), untrusted(/http: in the url/));
  });

  it("says that a server may speak TLS", async () => {
    server = await listen((_request, response) => response.end("[]"), good);
    await assert.rejects(
      readFrom(server.url.replace("https:", "http:"), {}),
      (error) => error instanceof ClusterUnreachableError || error instanceof BadResponseError,
    );
  });
});
