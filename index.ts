export { LocalCluster, type LocalClusterArgs } from "./components/localCluster";
export { PulumiFlinkError } from "./provider/errors";
export { FlinkDeployment } from "./provider/resources/flinkDeployment";
export type {
  Artifact,
  BasicAuth,
  ClaimMode,
  DeploymentTimeouts,
  DesiredState,
  Duration,
  FlinkCluster,
  FlinkDeploymentArgs,
  FlinkEndpoint,
  FlinkEndpointTls,
  FlinkKubernetesEndpoint,
  FlinkUrlEndpoint,
  KubernetesAccess,
  KubernetesScheme,
  KubernetesService,
  LocalProcesses,
  OnDelete,
  RestoreStrategy,
  RestoreStrategyKind,
  SavepointFormatType,
  UpgradeFallback,
  UpgradeStrategy,
  UpgradeStrategyKind,
} from "./provider/resources/args";
export type {
  DeploymentCondition,
  DeploymentStatus,
  EventRecord,
  JobRecord,
  SavepointRecord,
} from "./provider/deployment/outputs";
export type { DeploymentState } from "./provider/lifecycle/model";
