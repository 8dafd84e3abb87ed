import { AccessError, FlinkRequestError } from "../../flink/errors";
import type { TransportOptions } from "../../flink/transport";
import type { KubernetesService } from "../../resources/args";
import { plainText } from "../../values/plainText";
import { KubernetesApi } from "./api";
import { configMapSchema, deploymentSchema, podSchema, type Pod, type Workload } from "./objects";
import { obstacleOf, type Obstacle } from "./podWords";

/** The label by which the objects of a cluster are found. */
const CLUSTER_LABEL = "flink.pulumi.com/cluster";
const COMPONENT_LABEL = "app.kubernetes.io/component";
const LOG_LINES = 15;
const MAX_LOG = 2_000;

/** A cluster of which the label is known. */
export type LabelledService = KubernetesService & { readonly cluster: string };

export function isLabelled(service: KubernetesService): service is LabelledService {
  return service.cluster !== undefined;
}

/** The Kubernetes objects that one cluster is made of. */
export class ClusterObjects {
  private readonly api: KubernetesApi;

  constructor(
    private readonly service: LabelledService,
    options: Omit<TransportOptions, "requestTimeoutMs"> = {},
  ) {
    this.api = new KubernetesApi(service, { requestTimeoutMs: 10_000, ...options });
  }

  /** What the cluster's pods wait for; words about the permission where they cannot be seen. */
  async obstacle(): Promise<Obstacle | undefined> {
    try {
      const [pods, workloads] = await Promise.all([this.pods(), this.workloads()]);
      const obstacle = obstacleOf(pods, workloads);
      return obstacle?.crashed === undefined ? obstacle : await this.withLog(obstacle, obstacle.crashed);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      return { words: `its pods cannot be seen: ${error.message}`, capacity: false, unseen: true };
    }
  }

  /** Whether nothing of the cluster runs, or could start again. Also where its namespace is gone. */
  async isGone(): Promise<boolean> {
    const [pods, workloads] = await Promise.all([this.pods(), this.workloads()]);
    return pods.length === 0 && workloads.length === 0;
  }

  /** The cluster's pods, or those of one component. */
  pods(component?: "jobmanager" | "taskmanager"): Promise<Pod[]> {
    const labels = component === undefined ? this.labels : { ...this.labels, [COMPONENT_LABEL]: component };
    return this.api.list("pods", labels, podSchema);
  }

  workloads(): Promise<Workload[]> {
    return this.api.list("deployments", this.labels, deploymentSchema);
  }

  /** Takes all pods away; the workloads stay. */
  async scaleToNothing(): Promise<void> {
    const workloads = await this.workloads();
    await Promise.all(
      workloads.map(({ metadata }) => this.api.patch("deployments", metadata.name, { spec: { replicas: 0 } })),
    );
  }

  /** Deletes what Flink's high availability has left. */
  async deleteHighAvailability(): Promise<number> {
    const labels = { app: this.service.cluster, "configmap-type": "high-availability" };
    const left = await this.api.list("configmaps", labels, configMapSchema);
    await Promise.all(left.map(({ metadata }) => this.api.delete("configmaps", metadata.name)));
    return left.length;
  }

  close(): Promise<void> {
    return this.api.close();
  }

  private get labels(): Record<string, string> {
    return { [CLUSTER_LABEL]: this.service.cluster };
  }

  private async withLog(obstacle: Obstacle, { pod, container }: { pod: string; container: string }): Promise<Obstacle> {
    try {
      const log = await this.api.logTail(pod, container, true, LOG_LINES);
      return { ...obstacle, words: `${obstacle.words}. Its log ends with:\n${plainText(log.trim(), MAX_LOG)}` };
    } catch (error) {
      // The log may be gone, or not be for everybody: what is known is said without it.
      if (error instanceof FlinkRequestError) return obstacle;
      throw error;
    }
  }
}
