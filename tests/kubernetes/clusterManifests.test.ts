import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SessionCluster, type FlinkClusterArgs } from "../../index";
import { declare, withoutSecretMarks, type Made } from "../rig/declaredResources";
import type { KubernetesClient, KubernetesObject } from "../rig/kubernetes/client";
import { SUPPORTED_VERSIONS } from "../rig/flink";
import { newNamespaceName, restrictedNamespace } from "./sharedCluster";

const MANAGER = "tests";

/** All that a cluster can have. */
function everything(flinkVersion: string, namespace: string): FlinkClusterArgs {
  return {
    flinkVersion,
    namespace,
    numberOfTaskManagers: 2,
    slotsPerTaskManager: 2,
    resources: {
      jobManager: { cpu: 0.5, cpuLimit: "1500m", memory: "1600m", replicas: 2 },
      taskManager: { cpu: "250m", memory: "2Gi" },
    },
    // Without them two JobManagers are refused.
    localArtifacts: ["local:///opt/flink/usrlib/orders.jar"],
    flinkConfiguration: { "state.backend.type": "rocksdb", "execution.checkpointing.interval": "10 s" },
    storage: {
      uri: "s3://bucket/flink",
      credentials: { accessKeyId: "id", secretAccessKey: pulumi.secret("key") },
      endpoint: "http://s3.example.org:9000",
      region: "eu-1",
      pathStyleAccess: true,
    },
    logging: { log4jLoggers: { "": "WARN", "org.example": "DEBUG" } },
    kubernetes: {
      podTemplate: {
        metadata: { labels: { team: "payments" }, annotations: { note: "a" } },
        spec: {
          tolerations: [{ key: "flink", operator: "Exists" }],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
          ],
        },
      },
      taskManagerPodTemplate: {
        spec: { containers: [{ name: "flink-main-container", env: [{ name: "TZ", value: "UTC" }] }] },
      },
      labels: { team: "payments" },
      annotations: { note: "b" },
      envVars: [{ name: "TOKEN", value: pulumi.secret("token") }],
      envFrom: [{ configMapRef: { name: "settings", optional: true } }],
      volumes: [{ name: "scratch", source: { emptyDir: {} }, mountPath: "/scratch", subPath: "flink" }],
      serviceAccountAnnotations: { "example.org/role": "flink" },
      imagePullSecrets: ["registry"],
      imagePullPolicy: "IfNotPresent",
    },
    ingress: { host: "flink.example.org", className: "nginx", tlsSecretName: "tls", annotations: { note: "c" } },
    networkPolicy: { from: [{ namespaceSelector: { matchLabels: { name: "ingress" } } }] },
  };
}

/** A registered resource as the object that it stands for. */
function objectOf({ type, inputs }: Made): KubernetesObject {
  const [, apiVersion = "", kind = ""] = type.split(":");
  const fields = withoutSecretMarks(inputs) as Omit<KubernetesObject, "apiVersion" | "kind">;
  return { ...fields, apiVersion: apiVersion.replace(/^core\//, ""), kind } as KubernetesObject;
}

describe("the manifests of a cluster", function () {
  this.timeout(300_000);

  let client: KubernetesClient;
  let namespace: string;

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("manifests"));
    await client.create(restrictedNamespace(namespace), MANAGER);
  });

  afterEach(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await client.close();
  });

  const cases: [what: string, args: (namespace: string) => FlinkClusterArgs, kinds: number][] = [
    ...SUPPORTED_VERSIONS.map((version): (typeof cases)[number] => [
      `with all that it can have, of Flink ${version},`,
      (space) => everything(version, space),
      10,
    ]),
    [
      "with a volume and nothing else",
      (space) => ({
        flinkVersion: "1.17.2",
        namespace: space,
        storage: { uri: "file:///flink-data", volume: { claim: "flink" } },
      }),
      8,
    ],
  ];
  for (const [what, argsOf, kinds] of cases) {
    it(`${what} pass the API server's strict validation, and the pods its restricted standard`, async () => {
      const made = await declare(() => void new SessionCluster("orders", argsOf(namespace)));
      const manifests = made.filter(({ type }) => type.startsWith("kubernetes:")).map(objectOf);
      assert.equal(new Set(manifests.map(({ kind }) => kind)).size, kinds);
      for (const object of manifests) await client.apply(object, { fieldManager: MANAGER, dryRun: true });

      // Workloads are let pass whatever their pods are: those are what the standard is for.
      const account = manifests.find(({ kind }) => kind === "ServiceAccount");
      assert.ok(account);
      await client.apply(account, { fieldManager: MANAGER });
      for (const { spec, metadata } of manifests.filter(({ kind }) => kind === "Deployment")) {
        const { template } = spec as { template: { metadata: object; spec: object } };
        const name = metadata.name ?? "";
        const pod = {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { ...template.metadata, name, namespace },
          spec: template.spec,
        };
        await client.apply(pod, { fieldManager: MANAGER, dryRun: true });
      }
    });
  }
});
