import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { FlinkApplication } from "pulumi-flink";

const config = new pulumi.Config();

const namespace = new k8s.core.v1.Namespace("orders", {
  metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
});

const orders = new FlinkApplication("orders", {
  namespace: namespace.metadata.name,
  flinkVersion: config.get("flinkVersion") ?? "1.20.0",
  resources: {
    jobManager: { cpu: 0.5, memory: "1Gi" },
    taskManager: { cpu: 0.5, memory: "1Gi" },
  },
  // Checkpoints, savepoints and the data of high availability: a bucket of this stack, or one that is there.
  storage: {
    uri: config.require("storage"),
    endpoint: config.get("storageEndpoint"),
    pathStyleAccess: config.getBoolean("storagePathStyle"),
    credentials: {
      accessKeyId: config.require("accessKeyId"),
      secretAccessKey: config.requireSecret("secretAccessKey"),
    },
  },
  artifact: {
    jar: new pulumi.asset.FileAsset(config.require("jar")),
    entryClass: config.get("entryClass"),
    mainArgs: config.get("mainArgs"),
  },
  parallelism: config.getNumber("parallelism") ?? 1,
  flinkConfiguration: { "execution.checkpointing.interval": "10 s" },
  // pulumi config set state SUSPENDED: a savepoint, and no pods; RUNNING goes on from it.
  state: config.get("state") ?? "RUNNING",
});

export const state = orders.status.state;
export const latestSavepoint = orders.latestSavepoint;
export const onDelete = orders.onDeletePlan;
