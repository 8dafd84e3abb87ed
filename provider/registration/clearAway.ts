import { setTimeout as delay } from "node:timers/promises";
import type { ClusterObjects } from "../access/kubernetes/clusterObjects";
import type { Pod } from "../access/kubernetes/objects";
import { interrupted } from "../engine/interruption";
import type { ResourceLog } from "../engine/log";
import type { FlinkClient } from "../flink/client";
import { ClusterUnreachableError, FlinkRequestError } from "../flink/errors";
import { connect, kubernetesObjects } from "./connect";
import type { RegistrationOutputs } from "./inputs";

const POLL_MS = 500;
/** Flink removes its data within seconds. */
const SHUT_DOWN_MS = 30_000;
/** Kubernetes' own grace period, and as long again. */
const PODS_END_MS = 60_000;

/**
 * Removes what high availability keeps of a cluster in Kubernetes, before its workloads are deleted: it outlives them,
 * and nothing else would ever remove it. Checkpoints and savepoints stay. What cannot be removed is left, and said.
 */
export async function clearAway(olds: RegistrationOutputs, log: ResourceLog): Promise<void> {
  const { endpoint, clusterName } = olds;
  const objects = kubernetesObjects(endpoint, "state");
  const { kubernetes } = endpoint;
  if (objects === undefined || kubernetes === undefined) return;
  const client = connect(endpoint, "state");
  try {
    log.progress("ending the cluster, so that nothing of its high availability stays");
    if (!(await shutDown(client, objects))) sayWhatIsLeft(olds, log);
    // Its JobManager is started again by Kubernetes, and would write anew what is deleted.
    await objects.scaleToNothing();
    await until(PODS_END_MS, async () => (await objects.pods("jobmanager")).length === 0);
    await objects.deleteHighAvailability();
  } catch (error) {
    if (!(error instanceof FlinkRequestError)) throw error;
    const { namespace, cluster } = kubernetes;
    log.warn(
      `What Flink's high availability keeps of ${clusterName} may be left: ${error.message} Nothing uses it any more. To ` +
        `remove it: kubectl --namespace ${namespace} delete configmaps -l app=${cluster},configmap-type=high-availability`,
    );
  } finally {
    await Promise.all([client.close(), objects.close()]);
  }
}

/** Files of high availability can be reached by Flink alone, and it does not answer. */
export function sayWhatIsLeft({ clusterName, highAvailabilityDirectory }: RegistrationOutputs, log: ResourceLog): void {
  if (highAvailabilityDirectory === undefined) return;
  log.warn(
    `What ${clusterName}'s high availability has kept in ${highAvailabilityDirectory} may be left, for its JobManager ` +
      "does not answer. Nothing uses it any more: that folder can be deleted.",
  );
}

/**
 * Flink removes its high-availability data itself when it is told to end.
 *
 * @returns false: it does not answer.
 */
async function shutDown(client: FlinkClient, objects: ClusterObjects): Promise<boolean> {
  const before = livesOf(await objects.pods("jobmanager"));
  try {
    await client.shutDown();
  } catch (error) {
    if (error instanceof ClusterUnreachableError) return false;
    throw error;
  }
  await until(
    SHUT_DOWN_MS,
    async () => livesOf(await objects.pods("jobmanager")) !== before || !(await answers(client)),
  );
  return true;
}

/** Changes with every container that is started or ends. */
function livesOf(pods: readonly Pod[]): string {
  return pods
    .flatMap(({ metadata, status }) =>
      (status.containerStatuses ?? []).map(
        ({ name, restartCount, state }) =>
          `${metadata.name}/${name}/${restartCount ?? 0}/${state?.terminated === undefined ? "" : "ended"}`,
      ),
    )
    .sort()
    .join();
}

async function answers(client: FlinkClient): Promise<boolean> {
  try {
    await client.overview();
    return true;
  } catch (error) {
    if (error instanceof ClusterUnreachableError) return false;
    throw error;
  }
}

/** Waits for a condition; after the limit goes on without it. */
async function until(limitMs: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  const signal = interrupted();
  while (!(await condition()) && Date.now() < deadline) {
    signal.throwIfAborted();
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
