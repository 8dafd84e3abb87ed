import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ApplicationCluster, SessionCluster, type FlinkClusterArgs } from "../../../../index";
import { declare, INCARNATION, type Made } from "../../../rig/declaredResources";

const ID = `orders-${INCARNATION.slice(0, 8)}`;
const PLAIN: FlinkClusterArgs = { flinkVersion: "1.20.0" };
const FULL: FlinkClusterArgs = {
  flinkVersion: "2.3.0",
  storage: {
    uri: "s3://bucket/flink",
    credentials: { accessKeyId: "id", secretAccessKey: pulumi.secret("swordfish") },
  },
  ingress: { host: "flink.example.org" },
  networkPolicy: { from: [{ namespaceSelector: { matchLabels: { name: "ingress" } } }] },
};

/** What a cluster named `orders` consists of, by its resources' names. */
async function childrenOf(args: FlinkClusterArgs, opts?: pulumi.ComponentResourceOptions, isDryRun = false) {
  const made = await declare(() => void new SessionCluster("orders", args, opts), { isDryRun });
  const child = (type: string, name: string): Record<string, unknown> => {
    const found = made.find((one) => one.type.endsWith(`:${type}`) && one.name === name);
    assert.ok(found, `${type} ${name} is missing`);
    return found.inputs;
  };
  return { made, child };
}

function listed(made: readonly Made[]): string[] {
  return made.map(({ type, name }) => `${type.split(":").slice(-2).join(":")} ${name}`).sort();
}

describe("the children of a SessionCluster", () => {
  it("are these, all under it", async () => {
    const { made } = await childrenOf(PLAIN);
    assert.deepEqual(listed(made), [
      "apps/v1:Deployment orders-jobmanager",
      "apps/v1:Deployment orders-taskmanager",
      "core/v1:ConfigMap orders-config",
      "core/v1:Service orders-jobmanager",
      "core/v1:Service orders-rest",
      "core/v1:ServiceAccount orders-account",
      "dynamic/flink:ClusterRegistration orders-registration",
      "dynamic/flink:Identity orders-identity",
      "index:SessionCluster orders",
      "networking.k8s.io/v1:NetworkPolicy orders-network",
      "policy/v1:PodDisruptionBudget orders-jobmanager",
      "policy/v1:PodDisruptionBudget orders-taskmanager",
      "pulumi:Stack project-stack",
    ]);
    const others = made.filter(({ type }) => !/SessionCluster$|:Stack$/.test(type));
    for (const { parent, name } of others) assert.match(parent, /flink:index:SessionCluster::orders$/, name);
  });

  it("are more of them with storage, keys and an ingress", async () => {
    const [{ made: plain }, { made: full }] = [await childrenOf(PLAIN), await childrenOf(FULL)];
    const before = new Set(listed(plain));
    assert.deepEqual(
      listed(full).filter((one) => !before.has(one)),
      [
        "core/v1:Secret orders-storage",
        "networking.k8s.io/v1:Ingress orders-ingress",
        "rbac.authorization.k8s.io/v1:Role orders-role",
        "rbac.authorization.k8s.io/v1:RoleBinding orders-role",
      ],
    );
  });

  it("are fewer where the user has a policy or an account, or may make no roles", async () => {
    const { made } = await childrenOf({
      ...FULL,
      networkPolicy: false,
      kubernetes: { serviceAccountName: "mine", rbac: false },
    });
    assert.deepEqual(
      listed(made).filter((one) => /NetworkPolicy|ServiceAccount|Role/.test(one)),
      [],
    );
  });

  it("are the same under an ApplicationCluster", async () => {
    const { made: session } = await childrenOf(FULL);
    const application = await declare(() => void new ApplicationCluster("orders", FULL));
    assert.deepEqual(
      listed(application),
      listed(session).map((one) => one.replace("SessionCluster", "ApplicationCluster")),
    );
  });

  it("carry name and incarnation in their physical names, within the namespace", async () => {
    const { made } = await childrenOf({ ...FULL, namespace: "flink" });
    const objects = made.filter(({ type }) => type.startsWith("kubernetes:"));
    for (const { inputs, type } of objects) {
      const { name, namespace, labels } = inputs["metadata"] as { name: string; namespace: string; labels: object };
      assert.ok(name.startsWith(ID), `${type}: ${name}`);
      assert.equal(namespace, "flink", type);
      const own = Object.entries(labels).filter(([label]) => label !== "app.kubernetes.io/component");
      assert.deepEqual(Object.fromEntries(own), {
        "app.kubernetes.io/name": "flink",
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/instance": "orders",
        "flink.pulumi.com/cluster": ID,
      });
    }
    assert.equal(objects.length, 13);
  });

  it("keep their physical names and labels when the component is renamed by an alias", async () => {
    const renamed = await declare(() => void new SessionCluster("shop", FULL), { madeAs: "orders" });
    const { made } = await childrenOf(FULL);
    const physical = (all: readonly Made[]) =>
      all.filter(({ type }) => type.startsWith("kubernetes:")).map(({ type, inputs }) => [type, inputs]);
    assert.deepEqual(physical(renamed), physical(made));
  });

  it("are protected as the cluster is", async () => {
    const { made } = await childrenOf(FULL, { protect: true });
    const open = made.filter(({ isProtected, type }) => !isProtected && type !== "pulumi:pulumi:Stack");
    assert.deepEqual(listed(open), []);
  });

  it("give the registration an endpoint that a preview can already compare", async () => {
    const { child } = await childrenOf({
      ...PLAIN,
      namespace: "flink",
      kubernetes: { via: "portForward", context: "c" },
    });
    assert.deepEqual(child("ClusterRegistration", "orders-registration")["endpoint"], {
      kubernetes: {
        namespace: "flink",
        service: `${ID}-rest`,
        scheme: "http",
        via: "portForward",
        context: "c",
        cluster: ID,
      },
      fingerprint: "e".repeat(16),
      incarnation: INCARNATION,
    });
  });

  it("wait for what the cluster waits for, and pods for all that guards them", async () => {
    const made = await declare(() => {
      const space = new k8s.core.v1.Namespace("space", { metadata: { name: "flink" } });
      new SessionCluster("orders", FULL, { dependsOn: space });
    });
    const waits = (one: Made | undefined, type: string, name: string): boolean =>
      one?.dependencies.some((urn) => urn.endsWith(`${type}::${name}`)) === true;
    const children = made.filter(({ parent }) => parent.includes("SessionCluster"));
    const isLate = ({ type }: Made) => /:Deployment$|:ClusterRegistration$/.test(type);
    for (const child of children.filter((one) => !isLate(one))) {
      assert.ok(waits(child, ":Namespace", "space"), `${child.type} ${child.name}`);
    }
    const deployment = children.find(({ type }) => type.endsWith(":Deployment"));
    const guards = children.filter(({ type }) =>
      /NetworkPolicy|RoleBinding|ServiceAccount|ConfigMap|Secret/.test(type),
    );
    assert.equal(guards.length, 5);
    for (const { type, name } of guards) assert.ok(waits(deployment, type, name), `${type} ${name}`);
    const registration = children.find(({ type }) => type.endsWith(":ClusterRegistration"));
    for (const { type, name } of children.filter(({ type }) => type.startsWith("kubernetes:"))) {
      assert.ok(waits(registration, type, name), `${type} ${name}`);
    }
  });

  it("take provider and transforms from the cluster, and the kubeconfig from the provider", async () => {
    const kubeconfig = pulumi.secret("apiVersion: v1");
    const made = await declare(() => {
      const provider = new k8s.Provider("there", { kubeconfig, context: "blue" });
      const touch: pulumi.ResourceTransform = ({ type, props, opts }) =>
        type === "kubernetes:core/v1:Service" ? { props: { ...props, touched: true }, opts } : undefined;
      new SessionCluster("orders", PLAIN, { providers: { kubernetes: provider }, transformations: [touch as never] });
    });
    const services = made.filter(({ type }) => type === "kubernetes:core/v1:Service");
    assert.deepEqual(
      services.map(({ inputs, provider }) => [inputs["touched"], provider.split("::").slice(-2, -1)[0]]),
      [
        [true, "there"],
        [true, "there"],
      ],
    );
    const registration = made.find(({ type }) => type.endsWith("ClusterRegistration"));
    const { kubernetes } = registration?.inputs["endpoint"] as { kubernetes: Record<string, unknown> };
    assert.equal(kubernetes["context"], "blue");
    assert.match(JSON.stringify(kubernetes["kubeconfig"]), /apiVersion: v1/);
  });
});
