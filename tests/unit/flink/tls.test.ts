import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { ServerOptions } from "node:https";
import { FlinkClient } from "../../../provider/flink/client";
import type { FlinkTls } from "../../../provider/flink/connection";
import { BadResponseError, ClusterTlsError, ClusterUnreachableError } from "../../../provider/flink/errors";
import { Authority, type KeyPair } from "../../rig/certificates";
import { listen, type FakeServer } from "./fakeServer";

describe("TLS to Flink", function () {
  this.timeout(30_000);
  let directory: string;
  let authority: Authority;
  let stranger: Authority;
  let good: KeyPair;
  let otherHost: KeyPair;
  let expired: KeyPair;
  let clientPair: KeyPair;
  let strangersPair: KeyPair;
  let server: FakeServer | undefined;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "pulumi-flink-tls-"));
    authority = new Authority(directory, "ours");
    stranger = new Authority(directory, "strangers");
    good = authority.issue("server", "IP:127.0.0.1");
    otherHost = authority.issue("other", "DNS:flink.example.org");
    expired = authority.issue("expired", "IP:127.0.0.1", -1);
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

  it("does not trust a certificate that has expired, naming the address and what to do", async () => {
    await assert.rejects(
      read(expired, { caCertificate: authority.ca.cert }),
      untrusted(
        /^The certificate of 127\.0\.0\.1:\d+ is not trusted: .*expired.*Nothing was sent\. Renew the certificate/,
      ),
    );
  });

  it("is not switched off by Node's variable", async () => {
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await assert.rejects(read(good, {}), untrusted(/not trusted/));
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
  });

  it("sends no credentials to a server that it does not trust", async () => {
    let requests = 0;
    server = await listen((_request, response) => {
      requests++;
      response.end("[]");
    }, good);
    const client = new FlinkClient({ url: server.url, headers: { Authorization: "Bearer sesame" } });
    await assert.rejects(client.cancel("ff"), untrusted(/Nothing was sent/));
    await client.close();
    assert.equal(requests, 0);
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

  it("says of a key that has a passphrase, or belongs to another certificate, that it cannot be used", () => {
    const locked = generateKeyPairSync("ec", {
      namedCurve: "prime256v1",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "sesame" },
    }).privateKey;
    for (const [clientKey, words] of [
      [locked, /tls\.clientKey has a passphrase.*openssl pkey/],
      [strangersPair.key, /tls\.clientCertificate and tls\.clientKey are not a certificate in PEM and its private key/],
    ] as const) {
      assert.throws(
        () => new FlinkClient({ url: "https://host", tls: { clientCertificate: clientPair.cert, clientKey } }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "FLINK_INVALID_CONNECTION");
          assert.match(error.message, words);
          assert.match(error.message, /host/);
          for (const line of clientKey.split("\n").slice(1, -2)) assert.ok(!inspect(error).includes(line));
          return true;
        },
      );
    }
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
