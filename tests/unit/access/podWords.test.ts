import assert from "node:assert/strict";
import { podSchema, deploymentSchema, type Pod, type Workload } from "../../../provider/access/kubernetes/objects";
import { obstacleOf } from "../../../provider/access/kubernetes/podWords";

function pod(status: object, metadata: object = {}): Pod {
  const main = { name: "flink-main-container" };
  return podSchema.parse({ metadata: { name: "jm-1", ...metadata }, spec: { containers: [main] }, status });
}

function workload(status: object, replicas = 1): Workload {
  return deploymentSchema.parse({ metadata: { name: "jm", generation: 2 }, spec: { replicas }, status });
}

const waiting = (reason: string, message?: string, lastState = {}) =>
  pod({ containerStatuses: [{ name: "flink-main-container", state: { waiting: { reason, message } }, lastState }] });

const RUNS = pod({ containerStatuses: [{ name: "flink-main-container", state: {} }] });
const COMPLETE = workload({ observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 });

describe("what a cluster's pods wait for", () => {
  const rows: [title: string, pods: Pod[], workloads: Workload[], words: RegExp | undefined, capacity: boolean][] = [
    ["nothing when all are there and new", [RUNS], [COMPLETE], undefined, false],
    [
      "room on a node",
      [pod({ conditions: [{ type: "PodScheduled", status: "False", message: "0/1 nodes: Insufficient memory." }] })],
      [],
      /^pod jm-1 to be scheduled: 0\/1 nodes: Insufficient memory\.$/,
      true,
    ],
    [
      "an image",
      [waiting("ImagePullBackOff", 'Back-off pulling image "flink:none"')],
      [],
      /^pod jm-1, container flink-main-container: ImagePullBackOff: Back-off pulling image "flink:none"$/,
      false,
    ],
    [
      "a container that ends again and again",
      [waiting("CrashLoopBackOff", "back-off 10s", { terminated: { exitCode: 137, reason: "OOMKilled" } })],
      [],
      /CrashLoopBackOff: back-off 10s; it ended with 137 \(OOMKilled\)$/,
      true,
    ],
    [
      "a quota",
      [],
      [workload({ conditions: [{ type: "ReplicaFailure", status: "True", message: "exceeded quota: q" }] })],
      /^pods of jm, which Kubernetes refuses: exceeded quota: q$/,
      true,
    ],
    [
      "a rollout that Kubernetes has not begun",
      [RUNS],
      [workload({ observedGeneration: 1 })],
      /^jm: 0 of 1 pods/,
      false,
    ],
    [
      "old pods that still go",
      [RUNS],
      [workload({ observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1 })],
      /^jm: 1 old pods are still there$/,
      false,
    ],
    ["a workload of no pods", [], [workload({ observedGeneration: 2 }, 0)], /^jm: it is scaled to 0/, false],
    [
      "what does not pass by itself, before what does",
      [waiting("ContainerCreating"), waiting("ErrImagePull", "no such image")],
      [],
      /ErrImagePull: no such image/,
      false,
    ],
    [
      "nothing of a pod that is going",
      [pod({ conditions: [{ type: "PodScheduled", status: "False" }] }, { deletionTimestamp: "x" })],
      [COMPLETE],
      undefined,
      false,
    ],
  ];
  for (const [title, pods, workloads, words, capacity] of rows) {
    it(`is ${title}`, () => {
      const obstacle = obstacleOf(pods, workloads);
      if (words === undefined) assert.equal(obstacle, undefined);
      else assert.match(obstacle?.words ?? "", words);
      assert.equal(obstacle?.capacity ?? false, capacity);
    });
  }

  it("is looked for in the log where the container said nothing at its end", () => {
    const crashed = { pod: "jm-1", container: "flink-main-container" };
    assert.deepEqual(
      obstacleOf([waiting("CrashLoopBackOff", "m", { terminated: { exitCode: 1 } })], [])?.crashed,
      crashed,
    );
    const said = waiting("CrashLoopBackOff", "m", { terminated: { exitCode: 1, message: "no memory" } });
    assert.equal(obstacleOf([said], [])?.crashed, undefined);
  });
});
