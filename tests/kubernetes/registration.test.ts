import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rememberPhase } from "../../provider/engine/phase";
import * as hooks from "../../provider/hooks/clusterRegistration";
import type { RegistrationInputs, RegistrationOutputs } from "../../provider/registration/inputs";
import { buildCountingJob } from "../rig/countingJob";
import { CountingDeployment } from "../rig/deploymentScene";
import { KubernetesClient } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { CLUSTER_RULES, grant, kubeconfigOf, PROXY_RULE, type Rule } from "./deployer";
import { flinkObjects, type FlinkExtras } from "./flinkObjects";
import { newNamespaceName, restrictedNamespace, sharedCluster } from "./sharedCluster";

const MANAGER = "tests";
const VERSION = "2.3.0";
const CLUSTER = "orders-01234567";
const DEPLOYER = "deployer";
const RULES = [PROXY_RULE, ...CLUSTER_RULES];

describe("the registration of a cluster in Kubernetes", function () {
  this.timeout(300_000);

  let client: KubernetesClient;
  let namespace: string;
  let kubeconfig: string;
  let incarnation: string;

  beforeEach(async () => {
    rememberPhase(false);
    ({ kubeconfig } = await sharedCluster());
    ({ client, name: namespace } = await newNamespaceName("registration"));
    incarnation = randomBytes(16).toString("hex");
    await client.create(restrictedNamespace(namespace), MANAGER);
  });

  afterEach(async () => {
    await removeNamespace();
    await client.close();
  });

  const space = () => ({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined });

  const removeNamespace = (): Promise<void> => client.delete(space(), "Background");

  async function flink(extras: FlinkExtras = {}): Promise<void> {
    for (const object of flinkObjects(namespace, VERSION, "FLINK_PROPERTIES", { cluster: CLUSTER, ...extras })) {
      await client.create(object, MANAGER);
    }
  }

  async function inputs(others: Partial<RegistrationInputs> = {}, config = kubeconfig): Promise<RegistrationInputs> {
    const kubernetes = { namespace, service: "jobmanager", cluster: CLUSTER, kubeconfig: config };
    const endpoint = { kubernetes, fingerprint: "f", incarnation };
    const given = { endpoint, clusterName: "orders", taskManagers: 1, slots: 2, ...others };
    const { inputs: checked, failures } = await hooks.check({}, given);
    assert.deepEqual(failures, []);
    return checked as RegistrationInputs;
  }

  async function register(others: Partial<RegistrationInputs> = {}, config = kubeconfig): Promise<RegistrationOutputs> {
    const { outs } = await hooks.create(await inputs({ clusterReadyTimeout: "3 min", ...others }, config));
    return JSON.parse(JSON.stringify(outs)) as RegistrationOutputs;
  }

  /** Why a registration is not made within a time that is too short for it to get there. */
  async function refused(clusterReadyTimeout: string, condition: (message: string) => boolean): Promise<string> {
    let message = "";
    await until(
      "Kubernetes has said what is wrong",
      async () => {
        const failure = await register({ clusterReadyTimeout }).catch((error: unknown) => error);
        assert.ok(failure instanceof Error, "it is ready");
        message = failure.message;
        return condition(message);
      },
      120_000,
    );
    return message;
  }

  const count = async (kind: string, apiVersion = "v1", labelSelector = ""): Promise<number> =>
    (await client.list({ apiVersion, kind, namespace }, { labelSelector })).length;

  it("names the image that cannot be pulled", async () => {
    await flink({ image: "localhost/flink:none" });
    const message = await refused("1 s", (said) => /ErrImage|ImagePull/.test(said));
    assert.match(
      message,
      /still waiting for pod (job|task)manager-\S+, container \S+: (ErrImagePull|ImagePullBackOff|ErrImageNeverPull)/,
    );
    assert.match(message, /localhost\/flink:none/);
    assert.match(message, /No job was touched\. Mend what Kubernetes says/);
  });

  it("says that no node has the memory, and the ways out", async () => {
    await flink({ memory: "4Ti" });
    const message = await refused("1 s", (said) => said.includes("Insufficient"));
    assert.match(message, /pod \S+ to be scheduled: .*Insufficient memory/);
    assert.match(message, /takes twice the capacity for a while: give it more, or set rollout: "IN_PLACE"/);
  });

  it("says which quota is exceeded", async () => {
    const spec = { hard: { "requests.memory": "1Mi" } };
    await client.create(
      { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "small", namespace }, spec },
      MANAGER,
    );
    await flink();
    const message = await refused("1 s", (said) => said.includes("quota"));
    assert.match(message, /pods of (job|task)manager, which Kubernetes refuses: .*exceeded quota: small/);
  });

  it("works with the documented Role and no more, and names what is missing where it is less", async () => {
    await flink();
    const granted = (rules: Rule[]): Promise<void> => grant(client, namespace, DEPLOYER, rules);
    await granted(RULES);
    const config = await kubeconfigOf(client, namespace, DEPLOYER, kubeconfig);
    const deployer = await KubernetesClient.connect(config);
    const podsAreListed = async (expected: boolean): Promise<void> => {
      const list = () => deployer.list({ apiVersion: "v1", kind: "Pod", namespace });
      const seen = () =>
        list().then(
          () => true,
          () => false,
        );
      await until("the Role is in force", async () => (await seen()) === expected);
    };
    try {
      await podsAreListed(true);
      const outs = await register({}, config);
      assert.equal(outs.runningVersion, VERSION);
      assert.match(String(outs.endpoint.kubernetes?.apiServer), /^https:/);

      await granted([]);
      await podsAreListed(false);
      await assert.rejects(register({}, config), (error: Error) => {
        const named = `needs "get" on "services/proxy" of the name "http:jobmanager:8081" in the namespace ${namespace}`;
        assert.ok(error.message.includes(named), error.message);
        assert.match(error.message, /User "system:serviceaccount:\S+:deployer" cannot get resource "services\/proxy"/);
        return true;
      });
      await assert.rejects(hooks.delete(incarnation, outs), { message: /does not say whether jobs run on it/ });

      await granted([PROXY_RULE]);
      await until(
        "the Role is in force",
        async () => (await register({}, config).catch(() => undefined)) !== undefined,
      );
      assert.equal(await count("Pod"), 2, "without a look at its pods it waits for Flink alone");

      await granted(RULES);
      await podsAreListed(true);
      await hooks.delete(incarnation, outs);
      assert.equal(await count("Pod", "v1", "component=jobmanager"), 0);
    } finally {
      await deployer.close();
    }
  });

  it("is not deleted while a job runs, then ends the cluster's pods and what high availability has kept of it", async () => {
    await flink();
    const outs = await register();
    const jar = await buildCountingJob();
    const cluster = { kubernetes: { namespace, service: "jobmanager", kubeconfig } };
    const job = new CountingDeployment(jar, "", "/tmp/counts");
    const { jobId } = await job.up({ tag: "v1" }, { cluster, onDelete: "CANCEL" });
    await assert.rejects(hooks.delete(incarnation, outs), (error: Error) => {
      assert.match(error.message, new RegExp(`at service ${namespace}/jobmanager is not deleted: a job runs on it`));
      assert.ok(jobId !== undefined && error.message.includes(jobId));
      return true;
    });
    assert.equal(await count("Pod"), 2);
    await job.remove();
    const labels = { app: CLUSTER, type: "flink-native-kubernetes", "configmap-type": "high-availability" };
    for (const name of [`${CLUSTER}-cluster-config-map`, `${CLUSTER}-job-config-map`]) {
      await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels } }, MANAGER);
    }
    const other = { name: "another-cluster", namespace, labels: { ...labels, app: "another" } };
    await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: other }, MANAGER);
    await hooks.delete(incarnation, outs);
    const left = await client.list(
      { apiVersion: "v1", kind: "ConfigMap", namespace },
      { labelSelector: `type=${labels.type}` },
    );
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      ["another-cluster"],
    );
    assert.equal(await count("Pod", "v1", "component=jobmanager"), 0);
    assert.equal(await count("Deployment", "apps/v1"), 2, "Pulumi deletes the workloads");
  });

  it("waits after a change of the pods alone until all are new", async () => {
    await flink();
    const olds = await register({ rolloutOf: "a" });
    const before = await podNames();
    const news = await inputs({ rolloutOf: "b", clusterReadyTimeout: "3 min" });
    const { changes, replaces } = await hooks.diff(incarnation, olds, news);
    assert.deepEqual([changes, replaces], [true, []]);
    const unchanged = await inputs({ rolloutOf: "a", clusterReadyTimeout: "3 min" });
    assert.equal((await hooks.diff(incarnation, olds, unchanged)).changes, false, "what it found out is no change");
    const template = { metadata: { annotations: { changed: "1" } } };
    for (const name of ["jobmanager", "taskmanager"]) {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      const body = JSON.stringify({ spec: { template } });
      await client.text("PATCH", path, { contentType: "application/merge-patch+json", body });
    }
    await hooks.update(incarnation, olds, news);
    const after = await podNames();
    assert.equal(after.length, 2);
    assert.deepEqual(
      after.filter((name) => before.includes(name)),
      [],
    );
  });

  it("is deleted when its namespace is gone, and only where that was on the API server that it was made on", async () => {
    await flink();
    const outs = await register();
    await removeNamespace();
    await until("the namespace is gone", async () => (await client.get(space())) === undefined, 120_000);
    const { kubernetes } = outs.endpoint;
    assert.ok(kubernetes !== undefined);
    const elsewhere = {
      ...outs.endpoint,
      kubernetes: { ...kubernetes, apiServer: "https://another" },
    } as typeof outs.endpoint;
    const there = { ...outs, endpoint: elsewhere };
    await assert.rejects(hooks.delete(incarnation, there), { message: /does not say whether jobs run on it/ });
    await hooks.delete(incarnation, outs);
  });

  async function podNames(): Promise<string[]> {
    const pods = await client.list({ apiVersion: "v1", kind: "Pod", namespace });
    return pods.filter(({ metadata }) => !("deletionTimestamp" in metadata)).map(({ metadata }) => metadata.name ?? "");
  }
});
