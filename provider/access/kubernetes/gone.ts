import { FlinkRequestError } from "../../flink/errors";
import type { KubernetesService } from "../../resources/args";
import { apiServerOf } from "./kubeconfig";
import { ClusterObjects, isLabelled } from "./clusterObjects";

/**
 * Whether Kubernetes says that nothing of the cluster is there any more. A cluster that no component has made has no
 * label to find its pods by, so nothing is said of it.
 */
export async function isKubernetesClusterGone(service: KubernetesService): Promise<boolean> {
  if (!isLabelled(service)) return false;
  const objects = new ClusterObjects(service);
  try {
    // On another API server nothing of it ever was.
    const same = service.apiServer === undefined || service.apiServer === (await apiServerOf(service));
    return same && (await objects.isGone());
  } catch (error) {
    if (error instanceof FlinkRequestError) return false;
    throw error;
  } finally {
    await objects.close();
  }
}
