import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { createStack, pulumiCli, type RigStack } from "../rig/engine";
import { flinkImageName } from "../rig/kubernetes";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { installKubernetesProvider } from "../rig/kubernetesProvider/plugin";
import { newNamespaceName, sharedCluster } from "./sharedCluster";

const IMAGE = flinkImageName("1.20.0");
const RUNS = ["sleep", "infinity"];
const ENDS = ["bash", "-c", "echo it cannot run >&2; exit 3"];

/** What a program may change from one `up` to the next. */
interface Settings {
  namespace: string;
  data: string;
  command: string[];
  workingDir?: string | undefined;
  /** What the Deployment and the Service select: immutable in the first, mutable in the second. */
  app: string;
  /** Undefined: autonamed. */
  configName?: string;
  /** How long the Deployment may take. */
  patience?: string;
  /** How long a pod has to be ready before it counts. */
  minReadySeconds?: number;
}

/** Namespace, ConfigMap, Deployment and Service. */
function programOf(settings: Settings): PulumiFn {
  return async () => {
    const { kubeconfig } = await sharedCluster();
    const opts = { provider: new k8s.Provider("cluster", { kubeconfig }) };
    const space = new k8s.core.v1.Namespace("space", { metadata: { name: settings.namespace } }, opts);
    const namespace = space.metadata.name;
    const configMetadata = settings.configName === undefined ? { namespace } : { namespace, name: settings.configName };
    const configArgs = { metadata: configMetadata, data: { data: settings.data } };
    const config = new k8s.core.v1.ConfigMap("config", configArgs, opts);
    const labels = { app: settings.app };
    const container = {
      name: "main",
      image: IMAGE,
      args: settings.command,
      ...(settings.workingDir === undefined ? {} : { workingDir: settings.workingDir }),
      envFrom: [{ configMapRef: { name: config.metadata.name } }],
    };
    const pod = { terminationGracePeriodSeconds: 0, containers: [container] };
    const deployment = new k8s.apps.v1.Deployment(
      "server",
      {
        metadata: { namespace },
        spec: {
          selector: { matchLabels: labels },
          minReadySeconds: settings.minReadySeconds ?? 0,
          template: { metadata: { labels }, spec: pod },
        },
      },
      { ...opts, customTimeouts: { create: settings.patience ?? "2m", update: settings.patience ?? "2m" } },
    );
    const service = new k8s.core.v1.Service(
      "front",
      { metadata: { namespace }, spec: { selector: labels, ports: [{ port: 80 }] } },
      { ...opts, dependsOn: deployment },
    );
    return {
      config: config.metadata.name,
      deployment: deployment.metadata.name,
      service: service.metadata.name,
      clusterIP: service.spec.clusterIP,
    };
  };
}

describe("the test-only kubernetes provider under the real engine", function () {
  this.timeout(300_000);

  let client: KubernetesClient;
  let settings: Settings;
  let stack: RigStack;

  before(async function () {
    this.timeout(30 * 60_000);
    await pulumiCli();
  });

  beforeEach(async () => {
    const { client: newClient, name: namespace } = await newNamespaceName("pulumi");
    client = newClient;
    settings = { namespace, data: "1", command: RUNS, app: "one" };
    stack = await createStack({ program: programOf(settings), prepareHome: installKubernetesProvider });
  });

  afterEach(async () => {
    await stack.dispose();
    await client.delete(
      { apiVersion: "v1", kind: "Namespace", name: settings.namespace, namespace: undefined },
      "Background",
    );
    await client.close();
  });

  /** `up` with a part of the settings changed; returns what it did to a resource. */
  const up = (change: Partial<Settings> = {}) => {
    settings = { ...settings, ...change };
    return stack.up({ program: programOf(settings) });
  };

  /** `up` that has to succeed. */
  const succeed = async (change: Partial<Settings> = {}) => {
    const run = await up(change);
    assert.equal(run.failure, undefined);
    return run;
  };

  const output = async (name: string): Promise<string> => (await stack.outputs())[name]?.value as string;

  const live = (kind: string, name: string): Promise<KubernetesObject | undefined> =>
    client.get({ apiVersion: kind === "Deployment" ? "apps/v1" : "v1", kind, name, namespace: settings.namespace });

  it("creates, changes, replaces, finds what is gone, and destroys", async () => {
    const previewed = await stack.preview();
    assert.equal(previewed.failure, undefined);
    const created = await succeed();
    assert.equal(created.changes.create, 6);
    const deployment = await output("deployment");
    assert.match(deployment, /^server-[0-9a-f]{8}$/);
    assert.equal((await stack.exportState()).resource("server").id, `${settings.namespace}/${deployment}`);
    // Outputs that only the API server knows have come too, and `up` has waited for the pod.
    assert.match(await output("clusterIP"), /^10\.96\./);
    assert.equal((await live("Deployment", deployment))?.["status"] !== undefined, true);

    const again = await succeed();
    assert.deepEqual(again.changes, { same: 6 });

    const command = ["sleep", "1000000"];
    const updated = await succeed({ command });
    assert.deepEqual(updated.operations("server"), ["update"]);
    assert.equal(await output("deployment"), deployment);

    // The selector cannot be changed: a new Deployment beside the old one, which goes last.
    const replaced = await succeed({ app: "two" });
    assert.deepEqual(replaced.operations("server"), ["create-replacement", "replace", "delete-replaced"]);
    assert.deepEqual(replaced.operations("front"), ["update"]);
    assert.notEqual(await output("deployment"), deployment);
    assert.equal(await live("Deployment", deployment), undefined);

    const service = await output("service");
    await client.delete(
      { apiVersion: "v1", kind: "Service", name: service, namespace: settings.namespace },
      "Foreground",
    );
    const refreshed = await stack.refresh();
    assert.equal(refreshed.failure, undefined);
    assert.deepEqual(refreshed.operations("front"), ["delete"]);
    const mended = await succeed();
    assert.deepEqual(mended.operations("front"), ["create"]);

    const destroyed = await stack.destroy();
    assert.equal(destroyed.failure, undefined);
    const space = { apiVersion: "v1", kind: "Namespace", name: settings.namespace, namespace: undefined };
    assert.equal(await client.get(space), undefined, "destroy has not waited until the namespace was gone");
  });

  it("replaces a ConfigMap whose data changes: beside the old one, or after it where its name is fixed", async () => {
    await succeed();
    const autonamed = await output("config");
    const beside = await succeed({ data: "2" });
    assert.deepEqual(beside.operations("config"), ["create-replacement", "replace", "delete-replaced"]);
    assert.notEqual(await output("config"), autonamed);

    await succeed({ configName: "fixed" });
    const after = await succeed({ data: "3" });
    assert.deepEqual(after.operations("config").slice(0, 2), ["delete-replaced", "replace"]);
    assert.deepEqual((await live("ConfigMap", "fixed"))?.["data"], { data: "3" });
  });

  it("takes away what is no longer written, also of what a create wrote", async () => {
    await succeed({ workingDir: "/tmp" });
    const container = async (): Promise<Record<string, unknown>> => {
      const { template } = (await live("Deployment", await output("deployment")))?.["spec"] as {
        template: { spec: { containers: Record<string, unknown>[] } };
      };
      return template.spec.containers[0] ?? {};
    };
    assert.equal((await container())["workingDir"], "/tmp");
    await succeed({ workingDir: undefined });
    assert.equal((await container())["workingDir"], undefined);
  });

  it("does not take over an object that exists already", async () => {
    const metadata = { name: settings.namespace };
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata }, "somebody-else");
    const run = await up();
    assert.match(run.failure ?? "", /namespaces "pulumi-[0-9a-f]{8}" already exists/);
  });

  it("fails with what the pods say when a rollout does not end, and takes it up again", async () => {
    // Without a probe a pod is ready while its container runs, be it for an instant.
    const failed = await up({ command: ENDS, patience: "15s", minReadySeconds: 5 });
    assert.match(failed.failure ?? "", /timed out after 15 s: waiting: 0 of 1 replicas are available/);
    assert.match(failed.failure ?? "", /container main: (?:Error \(exit 3\)|CrashLoopBackOff)/);
    // It is in the state, marked: the next `up` waits for it again.
    assert.notDeepEqual((await stack.exportState()).resource("server").initErrors ?? [], []);
    const mended = await succeed({ command: RUNS, patience: "2m" });
    assert.deepEqual(mended.operations("server"), ["update"]);
  });

  it("refuses a field that Kubernetes does not know", async () => {
    const program: PulumiFn = async () => {
      const { kubeconfig } = await sharedCluster();
      const opts = { provider: new k8s.Provider("cluster", { kubeconfig, namespace: "default" }) };
      const spec = { ports: [{ port: 80 }], selektor: { app: "one" } };
      new k8s.core.v1.Service("misspelt", { spec }, opts);
    };
    const run = await stack.up({ program });
    assert.match(run.failure ?? "", /strict decoding error: unknown field "spec.selektor"/);
  });
});
