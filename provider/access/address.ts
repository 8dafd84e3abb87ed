import type { FlinkEndpoint } from "../resources/args";
import { isUnknown } from "../values/unknown";

/** Where a cluster is, for people. Never holds credentials. */
export function addressOf({ url, kubernetes }: FlinkEndpoint): string {
  return kubernetes === undefined ? url : `service ${kubernetes.namespace}/${kubernetes.service}`;
}

/** What the address is made of, each of which may be unknown in a preview. */
export function addressPartsOf({ url, kubernetes }: FlinkEndpoint): readonly unknown[] {
  if (kubernetes === undefined || isUnknown(kubernetes)) return [kubernetes ?? url];
  return [kubernetes.namespace, kubernetes.service];
}

/** How a cluster is found, without what opens it. */
export function wayTo(endpoint: FlinkEndpoint | undefined): unknown {
  if (endpoint?.kubernetes === undefined) return endpoint?.url;
  const { kubeconfig, ...way } = endpoint.kubernetes;
  return way;
}
