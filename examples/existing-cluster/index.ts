import * as pulumi from "@pulumi/pulumi";
import { FlinkDeployment } from "pulumi-flink";

const config = new pulumi.Config();

const orders = new FlinkDeployment("orders", {
  cluster: {
    url: config.require("flinkUrl"),
    // pulumi config set --secret flinkToken …: it is never in plain text in the stack's state
    bearerToken: config.getSecret("flinkToken"),
  },
  artifact: {
    jar: new pulumi.asset.FileAsset(config.require("jar")),
    entryClass: config.get("entryClass"),
    mainArgs: config.get("mainArgs"),
  },
  parallelism: config.getNumber("parallelism") ?? 1,
  flinkConfiguration: { "execution.checkpointing.interval": "1 min" },
  savepointTargetDirectory: config.get("savepoints"),
  // A job that can take no savepoint is not upgraded until you say what is to become of its state.
  upgradeStrategy: { kind: "STATEFUL", fallback: "REFUSE" },
  timeouts: { running: "5 min" },
});

export const state = orders.status.state;
export const savepoints = orders.savepoints;
export const onDelete = orders.onDeletePlan;
