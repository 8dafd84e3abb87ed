import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import type { FlinkClusterArgs, FlinkStorage, StorageVolume } from "./args";

/** The arguments as far as they are known while the program runs: outputs are unknown values. */
export function knownNow(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return UNKNOWN_VALUE;
  if (pulumi.CustomResource.isInstance(value)) return UNKNOWN_VALUE;
  if (Array.isArray(value)) return value.map(knownNow);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, knownNow(inner)]));
}

/** Arguments that hold no secrets, or only such that everything depends on. */
export function commonArgs(args: FlinkClusterArgs): pulumi.Output<object> {
  const { flinkConfiguration, kubernetes, storage, clusterReadyTimeout, forceCancellationOf, keepers, ...rest } = args;
  const { podTemplate, jobManagerPodTemplate, taskManagerPodTemplate, envVars, envFrom, ...pods } = kubernetes ?? {};
  const { kubeconfig, context, ...options } = pods;
  const document: unknown = { ...rest, kubernetes: options, storage: storage && storageWithoutKeys(storage) };
  return pulumi.output(document) as pulumi.Output<object>;
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
