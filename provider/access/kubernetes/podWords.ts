import { plainText } from "../../values/plainText";
import type { ContainerStatus, Pod, Workload } from "./objects";

/** What stands between a cluster's objects and a cluster that runs, in Kubernetes' own words. */
export interface Obstacle {
  readonly words: string;
  /** Whether it is about capacity: there is not enough of it, or a quota. */
  readonly capacity: boolean;
  /** Whether it is only that nothing can be seen. */
  readonly unseen?: boolean;
  /** The container whose log may say more. */
  readonly crashed?: { readonly pod: string; readonly container: string };
}

const MAX_WORDS = 1_500;
/** Waiting reasons of a container that is on its way. */
const ON_ITS_WAY = ["ContainerCreating", "PodInitializing"];

/** The first thing that a cluster's pods wait for; undefined where all of them run as their workloads want. */
export function obstacleOf(pods: readonly Pod[], workloads: readonly Workload[]): Obstacle | undefined {
  const found = [...workloads.map(refusedPods), ...pods.map(podObstacle), ...workloads.map(rollout)];
  const real = found.filter((obstacle) => obstacle !== undefined);
  // What will not pass by itself first.
  return real.find(({ passing }) => !passing) ?? real[0];
}

type Ranked = Obstacle & { readonly passing: boolean };

/** Kubernetes does not let a workload have its pods: a quota, an admission rule. */
function refusedPods({ metadata, status }: Workload): Ranked | undefined {
  const failure = status?.conditions?.find(({ type, status: value }) => type === "ReplicaFailure" && value === "True");
  if (failure === undefined) return undefined;
  const message = failure.message ?? failure.reason ?? "";
  return {
    words: plainText(`pods of ${metadata.name}, which Kubernetes refuses: ${message}`, MAX_WORDS),
    capacity: /exceeded quota/.test(message),
    passing: false,
  };
}

function podObstacle(pod: Pod): Ranked | undefined {
  const { metadata, status } = pod;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const unscheduled = status.conditions?.find(
    ({ type, status: value }) => type === "PodScheduled" && value === "False",
  );
  if (unscheduled !== undefined) {
    return {
      words: plainText(
        `pod ${metadata.name} to be scheduled: ${unscheduled.message ?? unscheduled.reason ?? ""}`,
        MAX_WORDS,
      ),
      capacity: true,
      passing: false,
    };
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return containers
    .map((container) => containerObstacle(metadata.name, container))
    .find((found) => found !== undefined);
}

function containerObstacle(pod: string, { name, state, lastState }: ContainerStatus): Ranked | undefined {
  const { waiting } = state ?? {};
  if (waiting === undefined) return undefined;
  const reason = waiting.reason ?? "waiting";
  const last = lastState?.terminated;
  const ended =
    last === undefined
      ? ""
      : `; it ended with ${last.exitCode ?? "no code"}${last.reason === undefined ? "" : ` (${last.reason})`}` +
        (last.message === undefined ? "" : `: ${last.message.trim()}`);
  const message = waiting.message === undefined ? "" : `: ${waiting.message}`;
  return {
    words: plainText(`pod ${pod}, container ${name}: ${reason}${message}${ended}`, MAX_WORDS),
    capacity: last?.reason === "OOMKilled",
    passing: ON_ITS_WAY.includes(reason),
    ...(reason === "CrashLoopBackOff" && last?.message === undefined ? { crashed: { pod, container: name } } : {}),
  };
}

/** A workload whose pods are not yet those of its newest template, or not all there. */
function rollout({ metadata, spec, status }: Workload): Ranked | undefined {
  const wanted = spec.replicas ?? 1;
  const { observedGeneration = 0, updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {};
  const waits = (words: string): Ranked => ({ words: `${metadata.name}: ${words}`, capacity: false, passing: true });
  if (wanted === 0)
    return waits("it is scaled to 0, by hand or by a destroy that was cut off; `pulumi refresh` sees it");
  if (observedGeneration < (metadata.generation ?? 0) || updatedReplicas < wanted) {
    return waits(`${updatedReplicas} of ${wanted} pods are new`);
  }
  if (replicas > wanted) return waits(`${replicas - wanted} old pods are still there`);
  return availableReplicas < wanted ? waits(`${availableReplicas} of ${wanted} pods are ready`) : undefined;
}
