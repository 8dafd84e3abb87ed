import type { JobSpec } from "../lifecycle/jobSpec";
import { wayTo } from "../access/address";
import type { FlinkEndpoint } from "../resources/args";
import { canonicalJson } from "../values/canonicalJson";
import { containsUnknown } from "../values/unknown";
import type { DeploymentInputs } from "./inputs";

/** The arguments of class `job`, with the jar's content in place of where it lies. The inputs must be known. */
export function jobSpecOf(inputs: DeploymentInputs, artifactSha256: string): JobSpec {
  const { artifact, restartNonce, savepointRedeployNonce } = inputs;
  return {
    artifactSha256,
    ...(artifact.entryClass === undefined ? {} : { entryClass: artifact.entryClass }),
    mainArgs: artifact.mainArgs,
    parallelism: inputs.parallelism,
    flinkConfiguration: inputs.flinkConfiguration,
    ...(restartNonce === undefined ? {} : { restartNonce }),
    ...(savepointRedeployNonce === undefined ? {} : { savepointRedeployNonce }),
    annotations: inputs.annotations,
  };
}

/**
 * What tells the cluster of these inputs from others, or undefined where there is none. Credentials are no part of it.
 * It is the fingerprint (with the incarnation) where the endpoint carries one, else the address or the Service.
 */
export function placementOf(inputs: Pick<DeploymentInputs, "cluster">): string | undefined {
  const { cluster } = inputs;
  const fingerprint = cluster?.fingerprint;
  const incarnation = cluster?.incarnation;
  if (fingerprint !== undefined || incarnation !== undefined) return canonicalJson({ fingerprint, incarnation });
  if (cluster === undefined) return undefined;
  if (cluster.kubernetes !== undefined) {
    const { namespace, service } = cluster.kubernetes;
    return canonicalJson({ namespace, service });
  }
  // "http://host:80/" and "http://host" are one address.
  return new URL(cluster.url).href.replace(/\/+$/, "");
}

/** Whether an endpoint is another cluster than before, or the same at another place, or may be. Credentials do not count. */
export function leadsElsewhere(before: FlinkEndpoint | undefined, now: FlinkEndpoint | undefined): boolean {
  return (
    containsUnknown(now) ||
    placementOf({ cluster: before }) !== placementOf({ cluster: now }) ||
    canonicalJson(wayTo(before)) !== canonicalJson(wayTo(now))
  );
}
