/**
 * What a change of an argument does.
 *
 * - `job`: another job: an upgrade by `upgradeStrategy`.
 * - `placement`: another cluster: the job moves.
 * - `policy`: recorded; nothing restarts.
 */
export type ArgumentClass = "job" | "placement" | "policy";

/** Every argument and its class. An object whose keys differ in class is listed key by key. */
export const ARGUMENT_CLASSES = {
  // The address alone: a fingerprint, where there is one, identifies the cluster in its place.
  "cluster.url": "placement",
  "cluster.fingerprint": "placement",
  "cluster.incarnation": "placement",
  "cluster.processes": "policy",
  // Where a Service is, like an address. How it is reached is not.
  "cluster.kubernetes.namespace": "placement",
  "cluster.kubernetes.service": "placement",
  "cluster.kubernetes.port": "policy",
  "cluster.kubernetes.scheme": "policy",
  "cluster.kubernetes.via": "policy",
  "cluster.kubernetes.kubeconfig": "policy",
  "cluster.kubernetes.context": "policy",
  "cluster.kubernetes.cluster": "policy",
  "cluster.kubernetes.apiServer": "policy",
  "cluster.bearerToken": "policy",
  "cluster.basicAuth": "policy",
  "cluster.headers": "policy",
  "cluster.tls": "policy",
  state: "policy",
  // By the content of the jar, not by where it lies.
  "artifact.jar": "job",
  "artifact.jarUri": "job",
  "artifact.entryClass": "job",
  "artifact.mainArgs": "job",
  // By their content and their names in the jar.
  "artifact.additionalDependencies": "job",
  "artifact.httpHeaders": "policy",
  // A pin says what the content must be; the content itself is what counts.
  "artifact.sha256": "policy",
  parallelism: "job",
  flinkConfiguration: "job",
  upgradeStrategy: "policy",
  restoreStrategy: "policy",
  initialSavepointPath: "policy",
  savepointRedeployNonce: "job",
  restartNonce: "job",
  savepointTargetDirectory: "policy",
  savepointFormatType: "policy",
  maxSavepointCreationAttempts: "policy",
  maxJobCreationAttempts: "policy",
  jobFailureExpirationTime: "policy",
  jobSubmissionTimeout: "policy",
  timeouts: "policy",
  healthCheck: "policy",
  rollback: "policy",
  drain: "policy",
  forceCancellationOf: "policy",
  onDelete: "policy",
  savepointHistory: "policy",
  annotations: "job",
  labels: "policy",
  displayName: "policy",
  maxEvents: "policy",
} as const satisfies Record<string, ArgumentClass>;
