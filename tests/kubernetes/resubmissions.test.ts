import assert from "node:assert/strict";
import { buildCountingJob } from "../rig/countingJob";
import { CountingDeployment } from "../rig/deploymentScene";
import type { KubernetesClient } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { flinkObjects } from "./flinkObjects";
import { newNamespaceName, restrictedNamespace, sharedCluster } from "./sharedCluster";

const MANAGER = "tests";
const TIMES = 50;
const METASPACE = "Status.JVM.Memory.Metaspace.Used";

describe("one Flink cluster to which a job is submitted again and again", function () {
  this.timeout(600_000);

  let client: KubernetesClient;
  let namespace: string;

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("again"));
    await client.create(restrictedNamespace(namespace), MANAGER);
    for (const object of flinkObjects(namespace, "2.3.0", "mounted config.yaml")) await client.create(object, MANAGER);
  });

  afterEach(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await client.close();
  });

  async function ask<T>(page: string): Promise<T> {
    const proxy = `/api/v1/namespaces/${namespace}/services/http:jobmanager:8081/proxy`;
    return JSON.parse(await client.text("GET", `${proxy}${page}`)) as T;
  }

  /** MiB of Metaspace that a process uses; a JVM that has just started does not tell at once. */
  async function metaspaceOf(process: string): Promise<number> {
    let used: string | undefined;
    await until(`${process} tells its Metaspace`, async () => {
      const [metric] = await ask<{ value: string }[]>(`/${process}/metrics?get=${METASPACE}`);
      used = metric?.value;
      return used !== undefined;
    });
    return Math.round(Number(used) / 2 ** 20);
  }

  it(`still brings it up after ${TIMES} upgrades, and its JVMs have not run out of Metaspace`, async () => {
    const { kubeconfig } = await sharedCluster();
    const slots = async (): Promise<number> =>
      (await ask<{ "slots-total": number }>("/overview").catch(() => ({ "slots-total": 0 })))["slots-total"];
    await until("the TaskManager has registered its slots", async () => (await slots()) === 2, 120_000);
    const { taskmanagers } = await ask<{ taskmanagers: { id: string }[] }>("/taskmanagers");
    const processes = ["jobmanager", `taskmanagers/${taskmanagers[0]?.id}`];

    const cluster = { kubernetes: { namespace, service: "jobmanager", kubeconfig } };
    // Nobody reads the counts: they stay in the pod.
    const job = new CountingDeployment(await buildCountingJob(), "", "/tmp/counts");
    const changes = {
      cluster,
      upgradeStrategy: { kind: "STATELESS" },
      restoreStrategy: { kind: "NONE" },
      onDelete: "CANCEL",
      timeouts: { running: "2 min", cancel: "2 min", unreachable: "1 min" },
    };
    await job.up({ tag: "v0" }, changes);
    const before = await Promise.all(processes.map(metaspaceOf));
    for (let time = 1; time <= TIMES; time += 1) await job.up({ tag: `v${time}` }, changes);
    const after = await Promise.all(processes.map(metaspaceOf));
    console.log(`      Metaspace of JobManager and TaskManager: ${before.join(", ")} -> ${after.join(", ")} MiB`);

    assert.equal(job.outputs.jobs.length > 1 && job.outputs.status.state, "RUNNING");
    const { jobs } = await ask<{ jobs: { id: string; status: string }[] }>("/jobs");
    const running = jobs.filter(({ status }) => status === "RUNNING");
    assert.deepEqual(
      running.map(({ id }) => id),
      [job.outputs.jobId],
    );
    await job.remove();
  });
});
