import * as pulumi from "@pulumi/pulumi";
import type * as k8s from "@pulumi/kubernetes";
import { ClusterRegistration } from "../../provider/resources/clusterRegistration";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { accessOf } from "./access";
import type { FlinkClusterArgs } from "./args";
import { isOn, type FlatConfiguration } from "./configuration";
import type { Incarnation } from "./incarnation";
import { ROLES, type Role } from "./names";
import { replicasOf } from "./objects";
import type { Settled } from "./settle";
import type { ClusterSpec } from "./spec";
import { directoriesOf } from "./storage";
import type { JsonObject } from "./strategicMerge";

/** What is registered. */
interface Registered {
  readonly name: string;
  readonly args: FlinkClusterArgs;
  readonly settled: Settled;
  readonly incarnation: Incarnation;
  /** The Service of REST. */
  readonly rest: k8s.core.v1.Service;
  readonly templates: pulumi.Output<Record<Role, JsonObject>>;
}

/** How many slots all TaskManagers have together. */
export function slotsOf({ numberOfTaskManagers, slotsPerTaskManager }: ClusterSpec): number {
  return numberOfTaskManagers * slotsPerTaskManager;
}

/** Waits until the cluster is ready for jobs, and guards its deletion. */
export function registerCluster(
  component: pulumi.ComponentResource,
  { name, args, settled, incarnation, rest, templates }: Registered,
  opts: pulumi.CustomResourceOptions,
): ClusterRegistration {
  const { spec, user } = settled;
  const { identity, clusterId } = incarnation;
  const access = accessOf(component, args.kubernetes);
  return new ClusterRegistration(
    `${name}-registration`,
    {
      endpoint: {
        kubernetes: {
          namespace: rest.metadata.namespace,
          service: rest.metadata.name,
          scheme: pulumi.unsecret(user.apply(schemeOf)),
          via: args.kubernetes?.via,
          kubeconfig: access.kubeconfig,
          context: access.context,
          cluster: clusterId,
        },
        fingerprint: identity.epoch,
        incarnation: identity.uid,
      },
      clusterName: name,
      taskManagers: spec.apply((known) => known.numberOfTaskManagers),
      slots: spec.apply(slotsOf),
      rolloutOf: pulumi.unsecret(
        pulumi
          .all([templates, spec])
          .apply(([both, known]) => fingerprintOf({ both, replicas: ROLES.map((role) => replicasOf(known, role)) })),
      ),
      highAvailabilityDirectory: pulumi
        .all([spec, clusterId])
        .apply(([known, id]) => highAvailabilityDirectoryOf(known, id)),
      clusterReadyTimeout: args.clusterReadyTimeout,
      forceCancellationOf: args.forceCancellationOf,
    },
    opts,
  );
}

/** Flink makes a folder of each cluster's id. */
function highAvailabilityDirectoryOf(
  { storage, highAvailability }: ClusterSpec,
  clusterId: string,
): string | undefined {
  return highAvailability && storage !== undefined
    ? `${directoriesOf(storage).highAvailability}/${clusterId}`
    : undefined;
}

function schemeOf(user: FlatConfiguration): "http" | "https" {
  return isOn(user["security.ssl.rest.enabled"]) ? "https" : "http";
}
