import { AccessError, type FailedRequest } from "../../flink/errors";

/** No kubeconfig can be had that leads to the cluster. */
export class KubeconfigError extends AccessError {
  readonly code = "FLINK_KUBECONFIG";
}

/** The kubeconfig's user has no credentials now: its plugin failed, say. */
export class KubernetesCredentialsError extends AccessError {
  readonly code = "FLINK_KUBERNETES_CREDENTIALS";
}

/** The API server does not let the kubeconfig's user do what is needed. */
export class KubernetesForbiddenError extends AccessError {
  readonly code = "FLINK_KUBERNETES_FORBIDDEN";

  constructor(
    request: FailedRequest,
    /** What a role has to allow: verbs, resource and, where it has one, the resource's name. */
    readonly permission: Permission,
    words: string,
    credentialsUsed: string,
  ) {
    const { verbs, resource, name, namespace } = permission;
    super(
      request,
      `Kubernetes refused: ${words}. Nothing was changed by this request. What is used here (${credentialsUsed}) needs ` +
        `${verbs.map((verb) => `"${verb}"`).join(" and ")} on ${JSON.stringify(resource)}` +
        `${name === undefined ? "" : ` of the name ${JSON.stringify(name)}`} in the namespace ${namespace}: ` +
        "docs/kubernetes-access.md has the whole Role",
    );
  }
}

/** One line of a Role. */
export interface Permission {
  readonly verbs: readonly string[];
  readonly resource: string;
  readonly name?: string;
  readonly namespace: string;
}
