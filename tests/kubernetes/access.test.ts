import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import type { KubernetesAccess } from "../../provider/resources/args";
import { buildCountingJob } from "../rig/countingJob";
import { CountingDeployment } from "../rig/deploymentScene";
import type { KubernetesClient } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { grant, kubeconfigOf, PORT_FORWARD_RULES, PROXY_RULE, type Rule } from "./deployer";
import { flinkObjects } from "./flinkObjects";
import { newNamespaceName, sharedCluster } from "./sharedCluster";

const MANAGER = "tests";
const VERSION = "2.3.0";

describe("a FlinkDeployment on a Service in Kubernetes", function () {
  this.timeout(300_000);

  let client: KubernetesClient;
  let namespace: string;
  let folder: string;
  let jar: string;
  let administrators: string;

  before(async () => {
    jar = await buildCountingJob();
    ({ kubeconfig: administrators } = await sharedCluster());
    ({ client, name: namespace } = await newNamespaceName("access"));
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-access-"));
    // Flink's user in the pods is another one.
    await fs.chmod(folder, 0o777);
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, MANAGER);
    for (const object of flinkObjects(namespace, VERSION, "FLINK_PROPERTIES", { folder })) {
      await client.create(object, MANAGER);
    }
    const overview = `/api/v1/namespaces/${namespace}/services/http:jobmanager:8081/proxy/overview`;
    const slots = async (): Promise<unknown> =>
      (JSON.parse(await client.text("GET", overview).catch(() => "{}")) as Record<string, unknown>)["slots-total"];
    await until("the TaskManager has registered its slots", async () => (await slots()) === 2, 120_000);
  });

  after(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await client.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  const ways: [KubernetesAccess, Rule[]][] = [
    ["proxy", [PROXY_RULE]],
    ["portForward", PORT_FORWARD_RULES],
  ];
  for (const [via, rules] of ways) {
    it(`lives its whole life through ${via} with the documented Role, without a count lost or doubled`, async () => {
      const output = path.join(folder, `counts-${via}`);
      await fs.mkdir(output);
      await fs.chmod(output, 0o777);
      const deployer = `deployer-${via.toLowerCase()}`;
      await grant(client, namespace, deployer, rules);
      const kubeconfig = await kubeconfigOf(client, namespace, deployer, administrators);
      const cluster = { kubernetes: { namespace, service: "jobmanager", kubeconfig, via } };
      const job = new CountingDeployment(jar, "", output);
      const first = await job.runs({ tag: "v1" }, { cluster });
      assert.equal(job.outputs.webInterfaceUrl, undefined);
      const second = await job.runs({ tag: "v2" }, { cluster });
      assert.notEqual(first, second);
      const suspended = await job.up({ tag: "v2" }, { cluster, state: "SUSPENDED" });
      assert.equal(suspended.status.state, "SUSPENDED");
      await job.runs({ tag: "v3" }, { cluster });
      assert.equal(job.outputs.jobs[0]?.restoredFrom, suspended.latestSavepoint);
      await job.endsContinuous("v1", "v2", "v3");
    });
  }
});
