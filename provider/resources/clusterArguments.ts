/**
 * What of a FlinkApplication's arguments is its cluster's: known here, so that one configuration of a stack can hold the
 * defaults of jobs and of clusters.
 */
export const CLUSTER_ARGUMENTS = {
  flinkVersion: true,
  image: true,
  flinkImageRegistry: true,
  flinkImageRepository: true,
  flinkImageTag: true,
  numberOfTaskManagers: true,
  slotsPerTaskManager: true,
  resources: true,
  storage: true,
  highAvailability: true,
  logging: true,
  kubernetes: true,
  ingress: true,
  networkPolicy: true,
  namespace: true,
  rollout: true,
  clusterReadyTimeout: true,
} as const;
