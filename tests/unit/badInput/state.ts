import type { BadInput } from "./row";

/** What is wrong with where state is kept, and what is restored. */
export const STATE: BadInput[] = [
  {
    what: "a savepoint directory without a scheme",
    of: "FlinkDeployment",
    args: { savepointTargetDirectory: "/savepoints" },
    says: 'savepointTargetDirectory: must begin with the scheme of its storage, such as "s3://" or "file:///", but is "/savepoints"',
  },
  {
    what: "a savepoint directory without a scheme",
    of: "SessionCluster",
    args: { flinkConfiguration: { "execution.checkpointing.savepoint-dir": "/savepoints" } },
    says: 'flinkConfiguration["execution.checkpointing.savepoint-dir"]: must begin with the scheme of its storage, such as "s3://", but is "/savepoints"',
  },
  {
    what: "a savepoint directory without its third slash",
    of: "FlinkDeployment",
    args: { savepointTargetDirectory: "file://savepoints/orders" },
    says: 'savepointTargetDirectory: names the host "savepoints", which Flink refuses; a folder has three slashes: file:///savepoints/orders',
  },
  {
    what: "a savepoint directory where nothing can be written",
    of: "FlinkDeployment",
    args: { savepointTargetDirectory: "https://host/savepoints" },
    says: 'savepointTargetDirectory: begins with https:, where Flink can keep no snapshots; storage has a scheme such as "s3://", "hdfs://" or "file:///"',
  },
  {
    what: "a savepoint directory of a scheme that Flink does not know",
    of: "FlinkDeployment",
    args: { savepointTargetDirectory: "s4://bucket/savepoints" },
    says: "savepointTargetDirectory begins with s4:, which Flink knows only with a file system plugin of its own; did you mean s3:?",
    isWarning: true,
  },
  {
    what: "a checkpoint directory without a scheme",
    of: "FlinkDeployment",
    args: { flinkConfiguration: { "execution.checkpointing.dir": "/checkpoints" } },
    says: 'flinkConfiguration["execution.checkpointing.dir"]: must begin with the scheme of its storage, such as "s3://" or "file:///", but is "/checkpoints"',
  },
  {
    what: "an initial savepoint without a scheme",
    of: "FlinkDeployment",
    args: { initialSavepointPath: "savepoint-1" },
    says: 'initialSavepointPath: must begin with the scheme of its storage, such as "s3://" or "file:///", but is "savepoint-1"',
  },
  {
    what: "allowNonRestoredState where nothing is restored",
    of: "FlinkDeployment",
    args: { restoreStrategy: { kind: "NONE", allowNonRestoredState: true } },
    says: "restoreStrategy.allowNonRestoredState: has no meaning with kind NONE, which restores nothing; choose LATEST_STATE or LATEST_SAVEPOINT, or leave it out",
  },
  {
    what: "a redeploy nonce without a path",
    of: "FlinkDeployment",
    args: { savepointRedeployNonce: 2 },
    says: "savepointRedeployNonce: needs initialSavepointPath, the savepoint to start again from; to only restart, use restartNonce",
  },
];
