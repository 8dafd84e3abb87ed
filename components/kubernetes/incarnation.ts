import * as pulumi from "@pulumi/pulumi";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { Identity } from "../../provider/resources/identity";
import { canonicalJson } from "../../provider/values/canonicalJson";
import type { FlinkClusterArgs } from "./args";
import { filesOf, templatesOf } from "./content";
import { clusterIdOf } from "./names";
import type { Settled } from "./settle";
import type { ClusterSpec } from "./spec";

/** One life of a cluster, from one set of pods to the next. */
export interface Incarnation {
  readonly identity: Identity;
  /** The component's name when its identity was made. */
  readonly madeAs: pulumi.Output<string>;
  /** With what the names of all its objects begin. */
  readonly clusterId: pulumi.Output<string>;
}

/** The cluster's present incarnation: another one where it has to have other pods, unless they change in place. */
export function makeIncarnation(
  name: string,
  args: FlinkClusterArgs,
  settled: Settled,
  child: pulumi.CustomResourceOptions,
): Incarnation {
  const { spec } = settled;
  const identity = new Identity(
    `${name}-identity`,
    {
      keepers: keepersOf(args, settled),
      growing: { numberOfTaskManagers: spec.apply((known) => known.numberOfTaskManagers) },
      pinned: spec.apply(({ rollout }) => rollout === "IN_PLACE"),
      madeAs: name,
    },
    child,
  );
  // A component that is renamed by an alias keeps its pods, and what its high availability knows them by.
  const madeAs = identity.madeAs.apply((known = name) => known);
  const clusterId = pulumi.all([madeAs, identity.uid]).apply(([known, uid]) => clusterIdOf(known, uid));
  return { identity, madeAs, clusterId };
}

/** What another incarnation of the cluster is made for. Readable, so that a preview shows why. */
function keepersOf(args: FlinkClusterArgs, { spec, user, parts, keysHash }: Settled) {
  const of = (read: (known: ClusterSpec) => string) => spec.apply(read);
  const own = Object.entries(args.keepers ?? {}).map(([keeper, value]) => [`keepers.${keeper}`, value]);
  return {
    ...(Object.fromEntries(own) as NonNullable<FlinkClusterArgs["keepers"]>),
    flinkVersion: of((known) => known.flinkVersion),
    image: of((known) => known.image),
    resources: of(({ jobManager: { replicas, ...jobManager }, taskManager }) =>
      canonicalJson({ jobManager, taskManager }),
    ),
    slotsPerTaskManager: of((known) => String(known.slotsPerTaskManager)),
    flinkConfiguration: user.apply(canonicalJson),
    storage: of((known) => canonicalJson(known.storage ?? {})),
    highAvailability: of((known) => String(known.highAvailability)),
    namespace: pulumi.output(args.namespace).apply((namespace) => namespace ?? ""),
    // All that pods are made of, whatever it comes from: pods that change under the same incarnation would lose jobs.
    pods: pulumi.all([spec, user, parts, keysHash]).apply(([known, settings, podParts, hash]) => {
      const at = {
        name: "",
        clusterId: "",
        configMap: "",
        storageSecret: hash,
        serviceAccount: known.serviceAccountName ?? "",
      };
      return fingerprintOf({ templates: templatesOf(known, podParts, at), files: filesOf(known, settings, "") });
    }),
  };
}
