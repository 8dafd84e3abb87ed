import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { connectionOf } from "../../../provider/access/connection";
import { kubernetesClient } from "../../../provider/access/kubernetes/kubeconfig";
import { FlinkClient } from "../../../provider/flink/client";
import type { FlinkRequestError } from "../../../provider/flink/errors";
import type { KubernetesService } from "../../../provider/resources/args";
import { flinkError, type FakeServer, type Replies } from "../flink/fakeServer";
import { fakeApiServer, kubeconfigOf, NAMESPACE, PROXY, SERVICE, status, type KubeconfigUser } from "./fakeApiServer";

const OVERVIEW = { taskmanagers: 1, "slots-total": 2, "slots-available": 2, "flink-version": "2.3.0" };
const JOB = "a".repeat(32);

describe("a Flink behind a Kubernetes API server", () => {
  let server: FakeServer;
  let folder: string;
  const clients: FlinkClient[] = [];

  before(async function () {
    // Loading the client takes seconds on a machine that is busy.
    this.timeout(60_000);
    await kubernetesClient();
  });

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-kubeconfig-"));
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await server.close();
    await fs.rm(folder, { recursive: true });
  });

  async function given(replies: Replies): Promise<void> {
    server = await fakeApiServer(replies);
  }

  function clientOf(changes: Partial<KubernetesService> = {}, user?: KubeconfigUser): FlinkClient {
    const kubeconfig = kubeconfigOf(server.url, user);
    const kubernetes = { namespace: NAMESPACE, service: SERVICE, kubeconfig, ...changes };
    const client = new FlinkClient(connectionOf({ kubernetes }), {
      requestTimeoutMs: 5_000,
      credentialsUsed: "the program's kubeconfig",
    });
    clients.push(client);
    return client;
  }

  /** An exec plugin that gives the tokens of its file, one a call. */
  async function plugin(script: string): Promise<KubeconfigUser> {
    const file = path.join(folder, "plugin.sh");
    await fs.writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return { exec: { apiVersion: "client.authentication.k8s.io/v1", command: file, interactiveMode: "Never" } };
  }

  function credential(token: string, expires?: string): string {
    const status = { token, ...(expires === undefined ? {} : { expirationTimestamp: expires }) };
    return `echo '${JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status })}'`;
  }

  async function failure(action: Promise<unknown>): Promise<FlinkRequestError & { code: string }> {
    return action.then(
      () => assert.fail("it succeeded"),
      (error: unknown) => error as FlinkRequestError & { code: string },
    );
  }

  const authorizations = () => server.seen.map(({ headers }) => headers.authorization);

  it("is asked through the service proxy, with the kubeconfig's token", async () => {
    await given({ [`GET ${PROXY}/overview`]: { body: OVERVIEW } });
    assert.equal((await clientOf().overview()).slotsTotal, 2);
    assert.deepEqual(authorizations(), ["Bearer token-of-tests"]);
  });

  it("is asked at the port and with the scheme that are given", async () => {
    const proxy = PROXY.replace("http:", "https:").replace("8081", "9999");
    await given({ [`GET ${proxy}/overview`]: { body: OVERVIEW } });
    assert.equal((await clientOf({ port: 9999, scheme: "https" }).overview()).slotsTotal, 2);
  });

  it("takes the kubeconfig from a file, and another context of it", async () => {
    await given({ [`GET ${PROXY}/overview`]: { body: OVERVIEW } });
    const file = path.join(folder, "config");
    await fs.writeFile(file, kubeconfigOf(server.url));
    await clientOf({ kubeconfig: file, context: "tests" }).overview();
    const other = await failure(clientOf({ kubeconfig: file, context: "staging" }).overview());
    assert.equal(other.code, "FLINK_KUBECONFIG");
    assert.match(
      other.message,
      /the file of kubernetes\.kubeconfig has no context "staging"; it has tests\. Nothing was/,
    );
    const missing = await failure(clientOf({ kubeconfig: path.join(folder, "none") }).overview());
    assert.match(missing.message, /the file of kubernetes\.kubeconfig cannot be read \(ENOENT\)/);
  });

  it("shows nothing of a kubeconfig that cannot be read", async () => {
    await given({});
    const error = await failure(clientOf({ kubeconfig: "users: [\n  token: hunter2" }).overview());
    assert.equal(error.code, "FLINK_KUBECONFIG");
    assert.match(error.message, /the given kubeconfig cannot be read; it is no kubeconfig/);
    assert.doesNotMatch(error.message, /hunter2/);
  });

  it("never takes the API server's own 404 for a job that is missing", async () => {
    const route = `GET ${PROXY}/jobs/${JOB}`;
    await given({ [route]: status(404, 'services "http:orders-rest:8081" not found') });
    const error = await failure(clientOf().job(JOB));
    assert.equal(error.code, "FLINK_CLUSTER_UNREACHABLE");
    assert.match(
      error.message,
      /^Flink at service flink\/orders-rest cannot be reached: Kubernetes answered 404: services/,
    );
  });

  it("passes on Flink's own 404", async () => {
    const body = flinkError(`org.apache.flink.runtime.rest.NotFoundException: Job ${JOB} not found`);
    await given({ [`GET ${PROXY}/jobs/${JOB}`]: { status: 404, body } });
    assert.equal((await failure(clientOf().job(JOB))).code, "FLINK_JOB_NOT_FOUND");
  });

  it("is unreachable while its Service has no endpoints, and knows that nothing was carried out", async () => {
    const message = 'no endpoints available for service "http:orders-rest:8081"';
    await given({
      [`GET ${PROXY}/overview`]: status(503, message),
      [`PATCH ${PROXY}/jobs/${JOB}?mode=cancel`]: status(503, message),
    });
    const read = await failure(clientOf().overview());
    assert.equal(read.code, "FLINK_CLUSTER_UNREACHABLE");
    assert.match(read.message, /no endpoints available for service/);
    assert.equal(server.seen.length, 3, "a read is repeated");
    const cancel = await failure(clientOf().cancel(JOB));
    assert.equal((cancel as unknown as { outcomeUnknown: boolean }).outcomeUnknown, false);
  });

  it("does not know the outcome of a change whose connection the API server lost", async () => {
    await given({ [`PATCH ${PROXY}/jobs/${JOB}?mode=cancel`]: status(502, "error trying to reach service: EOF") });
    const error = await failure(clientOf().cancel(JOB));
    assert.equal((error as unknown as { outcomeUnknown: boolean }).outcomeUnknown, true);
  });

  it("names the verb and the resource that a 403 is about", async () => {
    const message =
      'services "http:orders-rest:8081" is forbidden: User "u" cannot create resource "services/proxy" in API group ""';
    await given({ [`POST ${PROXY}/jobs/${JOB}/stop`]: status(403, message) });
    const stop = {
      triggerId: "b".repeat(32),
      targetDirectory: undefined,
      formatType: "CANONICAL",
      drain: false,
    } as const;
    const error = await failure(clientOf().stopWithSavepoint(JOB, stop));
    assert.equal(error.code, "FLINK_KUBERNETES_FORBIDDEN");
    assert.match(
      error.message,
      /needs "create" on "services\/proxy" of the name "http:orders-rest:8081" in the namespace flink: docs/,
    );
    assert.match(error.message, /What is used here \(the program's kubeconfig\)/);
  });

  it("asks an exec plugin once, and again for a token that was refused", async () => {
    let accepted = "one";
    await given({
      [`GET ${PROXY}/overview`]: ({ headers }) =>
        headers.authorization === `Bearer ${accepted}` ? { body: OVERVIEW } : status(401, "Unauthorized"),
    });
    const counter = path.join(folder, "calls");
    const user = await plugin(
      `echo x >> ${counter}; if [ $(wc -l < ${counter}) = 1 ]; then ${credential("one")}; else ${credential("two")}; fi`,
    );
    const client = clientOf({}, user);
    await client.overview();
    await client.overview();
    assert.equal((await fs.readFile(counter, "utf8")).length, 2, "called once");
    accepted = "two";
    await client.overview();
    assert.deepEqual(authorizations(), ["Bearer one", "Bearer one", "Bearer one", "Bearer two"]);
    accepted = "three";
    const error = await failure(client.overview());
    assert.equal(error.code, "FLINK_UNAUTHORIZED");
    assert.match(error.message, /refused the request with 401 \(Kubernetes: Unauthorized\).*the program's kubeconfig/);
  });

  it("asks an exec plugin again when its token has ended", async () => {
    await given({ [`GET ${PROXY}/overview`]: { body: OVERVIEW } });
    const counter = path.join(folder, "calls");
    const user = await plugin(`echo x >> ${counter}; ${credential("past", "2020-01-01T00:00:00Z")}`);
    const client = clientOf({}, user);
    await client.overview();
    await client.overview();
    assert.equal((await fs.readFile(counter, "utf8")).length, 4, "called twice");
  });

  it("says in the plugin's words why there are no credentials, and shows none", async () => {
    await given({});
    const failing = await failure(clientOf({}, await plugin("echo 'run: cloud login' >&2; exit 3")).overview());
    assert.equal(failing.code, "FLINK_KUBERNETES_CREDENTIALS");
    assert.match(
      failing.message,
      /context "tests"\): the kubeconfig's exec plugin ".*plugin\.sh" ended with 3: run: cloud login/,
    );
    const silent = await failure(clientOf({}, await plugin("echo token-in-clear")).overview());
    assert.match(silent.message, /printed no ExecCredential/);
    assert.doesNotMatch(silent.message, /token-in-clear/);
    const missing = await failure(clientOf({}, { exec: { command: path.join(folder, "none") } }).overview());
    assert.match(missing.message, /cannot be run: spawn .*ENOENT/);
    assert.deepEqual(server.seen, []);
  });

  it("refuses a proxy-url that it cannot follow", async () => {
    await given({});
    const config = JSON.parse(kubeconfigOf(server.url)) as { clusters: { cluster: Record<string, string> }[] };
    for (const { cluster } of config.clusters) cluster["proxy-url"] = "socks5://user:hunter2@localhost:1080";
    const error = await failure(clientOf({ kubeconfig: JSON.stringify(config) }).overview());
    assert.equal(error.code, "FLINK_KUBECONFIG");
    assert.match(error.message, /proxy-url has a scheme that is not supported/);
    assert.doesNotMatch(error.message, /hunter2/);
  });

  it("says that it is the API server which does not answer", async () => {
    await given({});
    const client = clientOf();
    await server.close();
    const error = await failure(client.overview());
    assert.equal(error.code, "FLINK_CLUSTER_UNREACHABLE");
    assert.match(error.message, /the Kubernetes API server does not answer: connect ECONNREFUSED/);
    await given({});
  });

  it("takes the token out of what a proxy repeats", async () => {
    const body = flinkError("you sent Bearer token-of-tests");
    await given({ [`GET ${PROXY}/overview`]: { status: 500, body } });
    const error = await failure(clientOf().overview());
    assert.doesNotMatch(error.message, /token-of-tests/);
  });
});
