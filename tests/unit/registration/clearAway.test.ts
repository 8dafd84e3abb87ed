import assert from "node:assert/strict";
import * as hooks from "../../../provider/hooks/clusterRegistration";
import { rememberPhase } from "../../../provider/engine/phase";
import { fakeApiServer, kubeconfigOf, NAMESPACE, PROXY, SERVICE, status } from "../access/fakeApiServer";
import type { FakeServer, Replies } from "../flink/fakeServer";

const incarnation = "1".repeat(32);
const CLUSTER = "orders-11111111";
const DIRECTORY = `s3://bucket/flink/high-availability/${CLUSTER}`;

describe("what is cleared away when a cluster in Kubernetes is deleted", () => {
  let server: FakeServer;
  let lines: string[];
  const { log, warn } = console;

  beforeEach(() => {
    rememberPhase(false);
    lines = [];
    console.log = console.warn = (text: unknown) => void lines.push(String(text));
  });

  afterEach(async () => {
    console.log = log;
    console.warn = warn;
    delete process.env["PULUMI_FLINK_ABANDON_JOBS"];
    await server.close();
  });

  async function remove(replies: Replies): Promise<void> {
    server = await fakeApiServer(replies);
    const kubernetes = {
      namespace: NAMESPACE,
      service: SERVICE,
      cluster: CLUSTER,
      kubeconfig: kubeconfigOf(server.url),
    };
    await hooks.delete(incarnation, {
      endpoint: { kubernetes, fingerprint: "f", incarnation },
      clusterName: "orders",
      taskManagers: 1,
      slots: 1,
      clusterReadyTimeout: "5 min",
      highAvailabilityDirectory: DIRECTORY,
      forceCancellationOf: [],
      runningVersion: "2.3.0",
    });
  }

  const listOf = (collection: string, labels: string, ...items: object[]): Replies => {
    const group = collection === "deployments" ? "/apis/apps/v1" : "/api/v1";
    const page = `GET ${group}/namespaces/${NAMESPACE}/${collection}?labelSelector=${encodeURIComponent(labels)}`;
    return { [page]: { body: { items } } };
  };
  const label = `flink.pulumi.com/cluster=${CLUSTER}`;
  const jobManagers = `${label},app.kubernetes.io/component=jobmanager`;
  const workload = { metadata: { name: `${CLUSTER}-jobmanager` }, spec: { replicas: 1 }, status: {} };

  it("says which files of high availability are left by a cluster that is gone", async () => {
    await remove({ ...listOf("pods", label), ...listOf("deployments", label) });
    assert.match(lines.join("\n"), /nothing is left to guard/);
    assert.match(lines.join("\n"), new RegExp(`What orders's high availability has kept in ${DIRECTORY} may be left`));
  });

  it("says so too of one that does not answer and is given up, and deletes what is in Kubernetes", async () => {
    process.env["PULUMI_FLINK_ABANDON_JOBS"] = incarnation;
    const map = { metadata: { name: `${CLUSTER}-cluster-config-map` } };
    const unavailable = status(503, "no endpoints available for service");
    const done = { body: {} };
    await remove({
      ...listOf("pods", label),
      ...listOf("pods", jobManagers),
      ...listOf("deployments", label, workload),
      ...listOf("configmaps", `app=${CLUSTER},configmap-type=high-availability`, map),
      [`GET ${PROXY}/jobs/overview`]: unavailable,
      [`DELETE ${PROXY}/cluster`]: unavailable,
      [`PATCH /apis/apps/v1/namespaces/${NAMESPACE}/deployments/${workload.metadata.name}`]: done,
      [`DELETE /api/v1/namespaces/${NAMESPACE}/configmaps/${map.metadata.name}`]: done,
    });
    assert.match(lines.join("\n"), new RegExp(`kept in ${DIRECTORY} may be left, for its JobManager does not answer`));
    assert.ok(server.seen.some(({ method, url }) => method === "DELETE" && url.endsWith(map.metadata.name)));
  });

  it("says nothing of files when Flink itself has removed them", async () => {
    await remove({
      ...listOf("pods", label),
      ...listOf("pods", jobManagers),
      ...listOf("deployments", label, workload),
      ...listOf("configmaps", `app=${CLUSTER},configmap-type=high-availability`),
      [`GET ${PROXY}/jobs/overview`]: { body: { jobs: [] } },
      [`GET ${PROXY}/overview`]: status(503, "no endpoints available for service"),
      [`DELETE ${PROXY}/cluster`]: { body: {} },
      [`PATCH /apis/apps/v1/namespaces/${NAMESPACE}/deployments/${workload.metadata.name}`]: { body: {} },
    });
    assert.doesNotMatch(lines.join("\n"), /may be left/);
  });
});
