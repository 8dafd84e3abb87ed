import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment, SessionCluster } from "pulumi-flink";

const config = new pulumi.Config();

const namespace = new k8s.core.v1.Namespace("flink", {
  metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
});

const keys = new k8s.core.v1.Secret("storage-keys", {
  metadata: { namespace: namespace.metadata.name },
  stringData: {
    accessKeyId: config.require("accessKeyId"),
    secretAccessKey: config.requireSecret("secretAccessKey"),
  },
});

const cluster = new SessionCluster("shared", {
  namespace: namespace.metadata.name,
  flinkVersion: config.get("flinkVersion") ?? "1.20.0",
  slotsPerTaskManager: 2,
  resources: {
    jobManager: { cpu: 0.5, memory: "1Gi" },
    taskManager: { cpu: 0.5, memory: "1Gi" },
  },
  storage: {
    uri: config.require("storage"),
    endpoint: config.get("storageEndpoint"),
    pathStyleAccess: config.getBoolean("storagePathStyle"),
    credentials: { secretName: keys.metadata.name },
  },
});

// Another image, other resources or another configuration replace the cluster: each job moves by its own strategy.
for (const name of ["clicks", "orders"]) {
  new FlinkDeployment(name, {
    cluster,
    artifact: {
      jar: new pulumi.asset.FileAsset(config.require("jar")),
      entryClass: config.get("entryClass"),
      mainArgs: config.get("mainArgs"),
    },
    flinkConfiguration: { "execution.checkpointing.interval": "10 s" },
  });
}

export const endpoint = cluster.endpoint;
export const slots = cluster.slots;
