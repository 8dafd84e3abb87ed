export { ApplicationCluster } from "./components/applicationCluster";
export {
  DeploymentManifest,
  type DeploymentManifestArgs,
  type DeploymentTarget,
  type SessionClusterReference,
} from "./components/deploymentManifest";
export { FlinkApplication, type FlinkApplicationArgs, type JobUpgrade } from "./components/flinkApplication";
export type {
  ExtraVolume,
  FlinkClusterArgs,
  FlinkClusterResources,
  FlinkIngress,
  FlinkKubernetesOptions,
  FlinkLogging,
  FlinkNetworkPolicy,
  FlinkProcessResources,
  FlinkStorage,
  JobManagerResources,
  StorageKeys,
  StorageKeysSecret,
  StorageVolume,
  VolumeSource,
} from "./components/kubernetes/args";
export { InvalidClusterError } from "./components/kubernetes/errors";
export { LocalCluster, type LocalClusterArgs } from "./components/localCluster";
export { InvalidDeploymentError } from "./components/manifest/errors";
export type { DeploymentIssue } from "./components/manifest/findings";
export { parseDeployment, parseDeployments } from "./components/manifest/parse";
export type {
  DocumentApplicationArgs,
  DocumentJobArgs,
  DocumentProcessResources,
  ParseDeploymentOptions,
  ParseDeploymentsOptions,
  ParsedApplication,
  ParsedDeployment,
  ParsedSessionDeployment,
} from "./components/manifest/parsed";
export { SessionCluster } from "./components/sessionCluster";
export type { InputFailure } from "./provider/checks/issues";
export { PulumiFlinkError } from "./provider/errors";
export { FlinkDeployment } from "./provider/resources/flinkDeployment";
export { Savepoint, type SavepointArgs, type SavepointTimeouts } from "./provider/resources/savepoint";
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
  HealthCheck,
  InputsOf,
  KubernetesAccess,
  KubernetesScheme,
  KubernetesService,
  LocalProcesses,
  OnDelete,
  RestoreStrategy,
  RestoreStrategyKind,
  SavepointFormatType,
  SavepointHistory,
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
export type { DeploymentState, EventReason, SnapshotOrigin } from "./provider/lifecycle/model";
export { InvalidStackConfigurationError } from "./provider/values/invalidStackConfigurationError";
