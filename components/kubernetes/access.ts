import * as pulumi from "@pulumi/pulumi";
import type { FlinkKubernetesOptions } from "./args";

/** Whose credentials reach the API server. */
export interface KubernetesAccess {
  readonly kubeconfig: pulumi.Input<string> | undefined;
  readonly context: pulumi.Input<string> | undefined;
}

/**
 * The arguments', else what the Kubernetes provider was given, else the stack's, else the environment's. Kubeconfig and
 * context come from one source: the one's context says nothing about the other's kubeconfig.
 */
export function accessOf(component: pulumi.ComponentResource, options: FlinkKubernetesOptions = {}): KubernetesAccess {
  const { kubeconfig, context } = options;
  if (kubeconfig !== undefined) return { kubeconfig: pulumi.secret(kubeconfig), context };
  const provider = component.getProvider("kubernetes:core/v1:Service") as Partial<KubernetesAccess> | undefined;
  const stack = new pulumi.Config("kubernetes");
  const found: KubernetesAccess =
    provider === undefined
      ? { kubeconfig: stack.getSecret("kubeconfig"), context: stack.get("context") }
      : { kubeconfig: provider.kubeconfig, context: provider.context };
  return {
    kubeconfig: found.kubeconfig === undefined ? undefined : pulumi.secret(found.kubeconfig),
    context: context ?? found.context,
  };
}
