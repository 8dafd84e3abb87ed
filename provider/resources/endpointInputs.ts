import * as pulumi from "@pulumi/pulumi";
import type { FlinkCluster, FlinkEndpoint, InputsOf } from "./args";
import { isPlain, secretly } from "./plainInputs";

/** Every field that an endpoint of either kind may have. */
type Fields<T> = { readonly [K in T extends unknown ? keyof T : never]?: pulumi.Output<unknown> };

type ClusterArgument = pulumi.Input<InputsOf<FlinkEndpoint>> | FlinkCluster;
type Inputs = Record<string, pulumi.Input<unknown>>;

/**
 * The endpoint field by field: of an Output whose address is not known yet, a preview would otherwise see nothing, not
 * even the fingerprint that tells whether the cluster is another one. Credentials are secrets, whoever gave them.
 */
export function endpointInputs(cluster: ClusterArgument): Inputs {
  // A key that is none of an endpoint's is refused by the check, not dropped here.
  return { ...(isPlain(cluster) && !isCluster(cluster) ? cluster : {}), ...knownEndpointInputs(cluster) };
}

/** As {@link endpointInputs}, without keys that are none of an endpoint's. */
export function knownEndpointInputs(cluster: ClusterArgument): Inputs {
  const endpoint = pulumi.output(isCluster(cluster) ? cluster.endpoint : cluster) as Fields<FlinkEndpoint>;
  const service = isPlain(cluster) && !isCluster(cluster) ? cluster.kubernetes : endpoint.kubernetes;
  return {
    url: endpoint.url,
    bearerToken: secretly(endpoint.bearerToken),
    basicAuth: secretly(endpoint.basicAuth),
    headers: secretly(endpoint.headers),
    tls: secretly(endpoint.tls),
    fingerprint: endpoint.fingerprint,
    incarnation: endpoint.incarnation,
    processes: endpoint.processes,
    kubernetes: serviceInputs(service),
  };
}

/** The Service with its kubeconfig as a secret. */
function serviceInputs(service: pulumi.Input<unknown>): pulumi.Input<unknown> {
  const withSecret = (known: unknown): unknown => {
    if (typeof known !== "object" || known === null || !("kubeconfig" in known)) return known;
    return { ...known, kubeconfig: secretly(known.kubeconfig) };
  };
  return pulumi.Output.isInstance(service) || service instanceof Promise
    ? pulumi.output(service).apply(withSecret)
    : withSecret(service);
}

function isCluster(cluster: ClusterArgument): cluster is FlinkCluster {
  return typeof cluster === "object" && "endpoint" in cluster;
}
