import { setTimeout as delay } from "node:timers/promises";
import { untilInterrupted } from "../engine/interruption";
import { createResourceLog, type ResourceLog } from "../engine/log";
import type { FlinkClient } from "../flink/client";
import { ClusterUnreachableError } from "../flink/errors";
import { formatDuration, parseDuration } from "../values/duration";
import { apiServerOf } from "../access/kubernetes/kubeconfig";
import { isLabelled, type ClusterObjects } from "../access/kubernetes/clusterObjects";
import type { Obstacle } from "../access/kubernetes/podWords";
import type { FlinkEndpoint } from "../resources/args";
import { connect, kubernetesObjects } from "./connect";
import { ClusterNotReadyError } from "./errors";
import type { RegistrationInputs, RegistrationOutputs } from "./inputs";

const POLL_MS = 250;
/** An API server is asked less often: each look is three requests, and a pod takes seconds. */
const KUBERNETES_POLL_MS = 1_000;

/** Returns when the cluster is ready for jobs. Says on the way what it waits for. */
export function register(inputs: RegistrationInputs): Promise<RegistrationOutputs> {
  return untilInterrupted(async (signal) => {
    const log = createResourceLog(inputs.resourceUrn ?? "");
    const client = connect(inputs.endpoint, "program");
    const objects = kubernetesObjects(inputs.endpoint, "program");
    try {
      const runningVersion = await awaitReady(inputs, client, objects, log, signal);
      return { ...inputs, endpoint: await located(inputs.endpoint), runningVersion };
    } finally {
      await Promise.all([client.close(), objects?.close(), log.flush()]);
    }
  });
}

/** The endpoint with the API server that the cluster is on. */
async function located(endpoint: FlinkEndpoint): Promise<FlinkEndpoint> {
  if (endpoint.kubernetes === undefined || !isLabelled(endpoint.kubernetes)) return endpoint;
  return { ...endpoint, kubernetes: { ...endpoint.kubernetes, apiServer: await apiServerOf(endpoint.kubernetes) } };
}

async function awaitReady(
  inputs: RegistrationInputs,
  client: FlinkClient,
  objects: ClusterObjects | undefined,
  log: ResourceLog,
  signal: AbortSignal,
): Promise<string> {
  const timeoutMs = parseDuration(inputs.clusterReadyTimeout);
  const deadline = Date.now() + timeoutMs;
  let said = "";
  for (;;) {
    signal.throwIfAborted();
    const { version, missing, capacity } = await look(inputs, client, objects);
    if (missing === undefined) return version;
    if (missing !== said) log.progress(`waiting for ${missing}`);
    said = missing;
    if (Date.now() > deadline) {
      throw new ClusterNotReadyError(
        `The Flink cluster ${inputs.clusterName} was not ready after ${formatDuration(timeoutMs)} ` +
          `(clusterReadyTimeout): still waiting for ${asSentence(missing)}No job was touched. ${adviceFor(objects, capacity)}`,
      );
    }
    await delay(objects === undefined ? POLL_MS : KUBERNETES_POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Words of somebody else, which may have an end of their own, or several lines. */
function asSentence(words: string): string {
  return words.includes("\n") ? `${words}\n` : `${words.replace(/\.$/, "")}. `;
}

function adviceFor(objects: ClusterObjects | undefined, capacity: boolean): string {
  if (objects === undefined) {
    return "Look into the logs of its JobManager and TaskManagers, then run `pulumi up` again.";
  }
  if (!capacity) return "Mend what Kubernetes says, then run `pulumi up` again: it goes on from here.";
  return (
    "There is not enough room. While a cluster is replaced the old one stands beside the new one, which takes twice the " +
    'capacity for a while: give it more, or set rollout: "IN_PLACE" (the same pods are restarted), or bring the jobs to ' +
    'state: "SUSPENDED" in one `pulumi up` and back in the next.'
  );
}

interface Sight {
  readonly version: string;
  readonly missing: string | undefined;
  readonly capacity: boolean;
}

async function look(
  inputs: RegistrationInputs,
  client: FlinkClient,
  objects: ClusterObjects | undefined,
): Promise<Sight> {
  const obstacle = await obstacleIn(objects);
  if (obstacle !== undefined && obstacle.unseen !== true) {
    return { version: "", missing: obstacle.words, capacity: obstacle.capacity };
  }
  const { version, missing } = await lookAtFlink(inputs, client);
  const unseen = obstacle === undefined ? "" : ` (${obstacle.words})`;
  return { version, missing: missing === undefined ? undefined : missing + unseen, capacity: false };
}

async function obstacleIn(objects: ClusterObjects | undefined): Promise<Obstacle | undefined> {
  try {
    return await objects?.obstacle();
  } catch (error) {
    if (!(error instanceof ClusterUnreachableError)) throw error;
    return { words: error.message, capacity: false };
  }
}

async function lookAtFlink(
  { taskManagers, slots }: RegistrationInputs,
  client: FlinkClient,
): Promise<Omit<Sight, "capacity">> {
  try {
    const overview = await client.overview();
    const missing =
      overview.taskManagers < taskManagers
        ? `TaskManagers: ${overview.taskManagers} of ${taskManagers} registered`
        : overview.slotsTotal < slots
          ? `slots: ${overview.slotsTotal} of ${slots} registered`
          : undefined;
    return { version: overview.flinkVersion, missing };
  } catch (error) {
    if (!(error instanceof ClusterUnreachableError)) throw error;
    return { version: "", missing: "the JobManager's REST API to answer" };
  }
}
