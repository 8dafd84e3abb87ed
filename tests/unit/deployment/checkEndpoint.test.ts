import assert from "node:assert/strict";
import { checkDeploymentInputs } from "../../../provider/deployment/checkInputs";
import { inputsWith, NO_ADDRESS, refuses } from "./inputsFixture";

describe("the cluster of a FlinkDeployment's arguments", () => {
  const tls = { clientCertificate: "cert", clientKey: "key" };
  refuses([
    [
      "a Service in Kubernetes without its name",
      { cluster: { kubernetes: { namespace: "n" } } },
      "cluster.kubernetes.service: is required",
    ],
    [
      "a namespace that Kubernetes would not take",
      { cluster: { kubernetes: { namespace: "Flink_1", service: "rest" } } },
      'cluster.kubernetes.namespace: must hold lower-case letters, digits and "-" alone, and begin and end with a letter or digit, but is "Flink_1"',
    ],
    [
      "a Service's name that is too long",
      { cluster: { kubernetes: { namespace: "n", service: "s".repeat(64) } } },
      "cluster.kubernetes.service: must have at most 63 characters, but has 64",
    ],
    [
      "a port of no Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", port: 70_000 } } },
      "cluster.kubernetes.port: must be at most 65535, but is 70000",
    ],
    [
      "an unknown way to a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", via: "portForwrd" } } },
      'cluster.kubernetes.via: is "portForwrd", which is not known; did you mean portForward?; allowed: proxy, portForward',
    ],
    [
      "an unknown key of a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s", ctx: "c" } } },
      "cluster.kubernetes.ctx: is not known here; the keys are namespace, service, port, scheme, via, kubeconfig, context, cluster, apiServer",
    ],
    [
      "both an address and a Service",
      { cluster: { url: "http://localhost:8081", kubernetes: { namespace: "n", service: "s" } } },
      "cluster: needs exactly one of url (an address) and kubernetes (a Service), and has both",
    ],
    ["neither an address nor a Service", { cluster: { fingerprint: "f" } }, NO_ADDRESS],
    [
      "a bearer token for a Service",
      { cluster: { kubernetes: { namespace: "n", service: "s" }, bearerToken: "t" } },
      "cluster.bearerToken: goes with url alone: to a Service in Kubernetes the kubeconfig opens the way; leave it out",
    ],
    ["no cluster for a running job", { cluster: undefined }, `cluster: is required while state is "RUNNING"`],
    ["a cluster without an address", { cluster: {} }, NO_ADDRESS],
    [
      "an address that is none",
      { cluster: { url: "localhost" } },
      "cluster.url: is not an address such as http://host:8081",
    ],
    [
      "an address of another scheme",
      { cluster: { url: "ftp://host" } },
      "cluster.url: must begin with http:// or https://, not ftp://",
    ],
    [
      "credentials inside the address",
      { cluster: { url: "https://user:hunter2@host" } },
      "cluster.url: must not hold credentials (user:password@): give them as basicAuth",
    ],
    [
      "an address with a query",
      { cluster: { url: "https://host/?token=hunter2" } },
      /^cluster\.url: must be a base address, without a query/,
    ],
    [
      "two ways to authenticate",
      { cluster: { url: "https://h", bearerToken: "hunter2", basicAuth: { username: "u", password: "hunter2" } } },
      "cluster.basicAuth: excludes cluster.bearerToken: give one of the two",
    ],
    [
      "an Authorization header beside a token",
      { cluster: { url: "https://h", bearerToken: "hunter2", headers: { authorization: "hunter2" } } },
      /^cluster\.headers\.authorization: is what bearerToken and basicAuth are sent in/,
    ],
    [
      "half of a user",
      { cluster: { url: "https://h", basicAuth: { username: "u" } } },
      "cluster.basicAuth.password: is required",
    ],
    [
      "a user name with a colon",
      { cluster: { url: "https://h", basicAuth: { username: "u:v", password: "hunter2" } } },
      "cluster.basicAuth.username: must not hold a colon",
    ],
    [
      "a client certificate without its key",
      { cluster: { url: "https://h", tls: { ...tls, clientKey: undefined } } },
      "cluster.tls.clientKey: is required with clientCertificate",
    ],
    [
      "a client key without its certificate",
      { cluster: { url: "https://h", tls: { ...tls, clientCertificate: undefined } } },
      "cluster.tls.clientCertificate: is required with clientKey",
    ],
    [
      "a token with a line break",
      { cluster: { url: "https://h", bearerToken: "hunter2\nX-A: b" } },
      /^cluster\.bearerToken: holds a line break/,
    ],
    [
      "a header value with a line break",
      { cluster: { url: "https://h", headers: { "X-A": "hunter2\r\nX-B: c" } } },
      /^cluster\.headers\["X-A"\]: holds a line break/,
    ],
    [
      "a header name with a line break",
      { cluster: { url: "https://h", headers: { "X-A\nB": "c" } } },
      /^cluster\.headers\["X-A\\nB"\]: is not a header name/,
    ],
  ]);

  describe("warn about", () => {
    const warningsOf = (cluster: Record<string, unknown>) => checkDeploymentInputs(inputsWith({ cluster })).warnings;

    it("credentials over plain http to another machine, without showing them", () => {
      for (const credentials of [
        { bearerToken: "hunter2" },
        { basicAuth: { username: "u", password: "hunter2" } },
        { headers: { "X-Token": "hunter2" } },
      ]) {
        const warnings = warningsOf({ url: "http://flink.example.org:8081", ...credentials });
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? "", /plain http to another machine \(flink\.example\.org:8081\)/);
        assert.doesNotMatch(warnings[0] ?? "", /hunter2/);
      }
    });

    it("nothing where they cannot be read on the way", () => {
      for (const url of ["http://localhost:1", "http://127.0.0.9", "http://[::1]:2", "https://flink.example.org"]) {
        assert.deepEqual(warningsOf({ url, bearerToken: "hunter2" }), []);
      }
      assert.deepEqual(warningsOf({ url: "http://flink.example.org" }), []);
    });

    it("TLS material that is not used", () => {
      assert.match(warningsOf({ url: "http://localhost", tls: {} }).join(), /cluster\.tls has no effect/);
    });
  });
});
