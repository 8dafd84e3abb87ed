import type { FlinkEndpoint } from "../resources/args";
import type { Duration } from "../values/duration";

/** The arguments of a cluster's registration after `check`. In a preview any value may be the unknown one. */
export interface RegistrationInputs {
  readonly endpoint: FlinkEndpoint;
  /** The cluster's name for people. */
  readonly clusterName: string;
  /** How many must be registered before the cluster is ready. */
  readonly taskManagers: number;
  /** Of all TaskManagers together. */
  readonly slots: number;
  readonly clusterReadyTimeout: Duration;
  /** Stands for the pods as they shall be: a change of it is waited for until all pods are new. */
  readonly rolloutOf?: string;
  /** Where the cluster's high availability keeps its files. */
  readonly highAvailabilityDirectory?: string;
  /** Jobs that may end with the cluster. */
  readonly forceCancellationOf: readonly string[];
  /** Where messages belong. */
  readonly resourceUrn?: string;
  /** Set by Pulumi: the provider's code. */
  readonly __provider?: string;
}

/** A registration as Pulumi's state keeps it. */
export interface RegistrationOutputs extends RegistrationInputs {
  /** As the cluster says. */
  readonly runningVersion: string;
}
