import * as pulumi from "@pulumi/pulumi";
import { fingerprintOf } from "../../provider/resources/fingerprint";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import type { FlinkClusterArgs, FlinkStorage, StorageVolume } from "./args";
import { checkCluster, podPartsOf, specOf, type ClusterCheck } from "./check";
import type { FlatConfiguration } from "./configuration";
import { InvalidClusterError } from "./errors";
import type { ClusterSpec, PodParts } from "./spec";

/** The arguments once they are known, each group apart, so that a secret in one makes nothing else a secret. */
export interface Settled {
  readonly spec: pulumi.Output<ClusterSpec>;
  readonly user: pulumi.Output<FlatConfiguration>;
  readonly parts: pulumi.Output<PodParts>;
  /** What the keys of the storage hash to; undefined: there are none. */
  readonly keysHash: pulumi.Output<string> | undefined;
}

/**
 * Checks the arguments: what is known at once, all else when it is known.
 *
 * @param type - the component's, for people.
 * @throws InvalidClusterError
 */
export function settle(
  component: pulumi.ComponentResource,
  type: string,
  name: string,
  args: FlinkClusterArgs,
): Settled {
  const accept = (check: ClusterCheck) => {
    if (check.failures.length > 0) throw new InvalidClusterError(type, name, check.failures);
    return check.args;
  };
  // All that is wrong with what is known at once; outputs are looked at when they are known.
  accept(checkCluster(name, knownNow(args)));
  const part = (known: object) =>
    accept(
      checkCluster(name, {
        flinkVersion: UNKNOWN_VALUE,
        ...(args.storage && { storage: { uri: UNKNOWN_VALUE } }),
        ...known,
      }),
    );
  const { podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom } = args.kubernetes ?? {};
  const keys = storageKeys(args);
  return {
    spec: commonArgs(args).apply((known) => {
      const check = checkCluster(name, known);
      for (const warning of check.warnings) void pulumi.log.warn(warning, component);
      return specOf(accept(check));
    }),
    user: pulumi
      .all([args.flinkConfiguration, args.flinkVersion])
      .apply(([flinkConfiguration, flinkVersion]) => part({ flinkConfiguration, flinkVersion }).flinkConfiguration),
    parts: pulumi
      .output({ podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom } as object)
      .apply((kubernetes) => podPartsOf(part({ kubernetes }))),
    keysHash: keys && pulumi.unsecret(pulumi.output(keys).apply((known) => fingerprintOf({ keys: known }))),
  };
}

/** The arguments as far as they are known while the program runs: outputs are unknown values. */
export function knownNow(args: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, known(value)]));
}

function known(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return UNKNOWN_VALUE;
  if (pulumi.CustomResource.isInstance(value)) return UNKNOWN_VALUE;
  if (Array.isArray(value)) return value.map(known);
  return typeof value === "object" && value !== null ? knownNow(value) : value;
}

/** Arguments that hold no secrets, or only such that everything depends on. */
function commonArgs(args: FlinkClusterArgs): pulumi.Output<object> {
  const { flinkConfiguration, kubernetes, storage, clusterReadyTimeout, forceCancellationOf, keepers, ...rest } = args;
  const { podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom, ...pods } = kubernetes ?? {};
  const { kubeconfig, context, ...options } = pods;
  const document: unknown = {
    ...rest,
    keepers: namesOnly(keepers),
    kubernetes: options,
    storage: storage && storageWithoutKeys(storage),
  };
  return pulumi.output(document) as pulumi.Output<object>;
}

/** Keepers, which may be secrets, by their names. */
function namesOnly(keepers: FlinkClusterArgs["keepers"] = {}): Record<string, string> {
  const given = Object.entries(keepers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name]) => [name, name]));
}

/** The two keys of a storage whose Secret is to be made. */
export function storageKeys({ storage }: FlinkClusterArgs) {
  const { credentials } = storage ?? {};
  return credentials !== undefined && "secretAccessKey" in credentials ? credentials : undefined;
}

function storageWithoutKeys(storage: FlinkStorage): object {
  const { credentials, volume, ...rest } = storage;
  return {
    ...rest,
    ...(credentials !== undefined && "secretName" in credentials ? { credentials } : {}),
    ...(volume === undefined ? {} : { volume: plainVolume(volume) }),
  };
}

/** A claim by its name, and by what its resource says. */
function plainVolume({ claim, ...rest }: StorageVolume): object {
  if (!pulumi.CustomResource.isInstance(claim)) return claim === undefined ? rest : { ...rest, claim };
  const resource = claim;
  return { ...rest, claim: resource.metadata.name, accessModes: resource.spec.accessModes };
}
