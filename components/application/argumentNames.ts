import type { FlinkDeploymentArgs } from "../../provider/resources/args";
import { CLUSTER_ARGUMENTS } from "../../provider/resources/clusterArguments";

/** Those of the job, whose cluster is the application's own. The type has them all, and no other. */
const JOB_ARGUMENTS: Readonly<Record<Exclude<keyof FlinkDeploymentArgs, "cluster">, true>> = {
  state: true,
  artifact: true,
  parallelism: true,
  flinkConfiguration: true,
  upgradeStrategy: true,
  restoreStrategy: true,
  initialSavepointPath: true,
  savepointRedeployNonce: true,
  restartNonce: true,
  savepointTargetDirectory: true,
  savepointFormatType: true,
  maxSavepointCreationAttempts: true,
  maxJobCreationAttempts: true,
  jobFailureExpirationTime: true,
  jobSubmissionTimeout: true,
  timeouts: true,
  healthCheck: true,
  rollback: true,
  drain: true,
  forceCancellationOf: true,
  onDelete: true,
  deploymentTarget: true,
  savepointHistory: true,
  annotations: true,
  labels: true,
  displayName: true,
  maxEvents: true,
};

/** Every argument of a FlinkApplication that is not its own alone: of its job, and of its cluster. */
export const PART_ARGUMENTS: readonly string[] = [...Object.keys(JOB_ARGUMENTS), ...Object.keys(CLUSTER_ARGUMENTS)];
