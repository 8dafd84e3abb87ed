import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openAsBlob } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { FormData } from "undici";
import { exampleJar, SUPPORTED_VERSIONS } from "../rig/flink";
import { ApiError, type KubernetesClient, type KubernetesObject } from "../rig/kubernetes/client";
import { until } from "../rig/until";
import { flinkObjects, type ConfigurationWay } from "./flinkObjects";
import { newNamespaceName, restrictedNamespace, sharedCluster } from "./sharedCluster";

const MANAGER = "tests";
const RIG = path.join(__dirname, "../rig/kubernetes");

describe("the tests' Kubernetes", function () {
  this.timeout(300_000);

  let client: KubernetesClient;
  let namespace: string;

  beforeEach(async () => {
    ({ client, name: namespace } = await newNamespaceName("cluster"));
    await client.create(restrictedNamespace(namespace), MANAGER);
  });

  afterEach(async () => {
    await client.delete({ apiVersion: "v1", kind: "Namespace", name: namespace, namespace: undefined }, "Background");
    await client.close();
  });

  it("has one node, and it is ready", async () => {
    const nodes = await client.list({ apiVersion: "v1", kind: "Node", namespace: undefined });
    assert.deepEqual(
      nodes.map((node) => conditionsOf(node).find(({ type }) => type === "Ready")?.status),
      ["True"],
    );
  });

  it("refuses a pod that violates the restricted standard where that is asked for", async () => {
    const container = { name: "shell", image: "flink:1.20.0", command: ["sleep", "1"] };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "loose", namespace },
      spec: { containers: [container] },
    };
    await assert.rejects(client.create(pod, MANAGER), (error: ApiError) => {
      assert.equal(error.reason, "Forbidden");
      assert.match(error.message, /violates PodSecurity "restricted/);
      return true;
    });
  });

  const ways: Record<(typeof SUPPORTED_VERSIONS)[number], ConfigurationWay> = {
    "1.20.0": "FLINK_PROPERTIES",
    "2.3.0": "mounted config.yaml",
  };
  for (const version of SUPPORTED_VERSIONS) {
    const way = ways[version];
    it(`runs Flink ${version}, set up by ${way}, and reaches it through the API server`, async () => {
      for (const object of flinkObjects(namespace, version, way)) await client.create(object, MANAGER);
      const flink = `/api/v1/namespaces/${namespace}/services/http:jobmanager:8081/proxy`;
      const ask = async (page: string): Promise<Record<string, unknown>> =>
        JSON.parse(await client.text("GET", `${flink}${page}`)) as Record<string, unknown>;
      const slots = async (): Promise<unknown> => (await ask("/overview").catch(notYet))["slots-total"];
      await until("the TaskManager has registered its slots", async () => (await slots()) === 2, 120_000);

      const jar = new FormData();
      jar.append("jarfile", await openAsBlob(await exampleJar(version)), "job.jar");
      const uploaded = await client.text("POST", `${flink}/jars/upload`, { body: jar });
      const { filename } = JSON.parse(uploaded) as { filename: string };
      const started = await client.text("POST", `${flink}/jars/${path.basename(filename)}/run`, { body: "{}" });
      const { jobid } = JSON.parse(started) as { jobid: string };
      await until("the job runs", async () => (await ask(`/jobs/${jobid}/status`))["status"] === "RUNNING", 60_000);
      assert.equal((await ask("/config"))["flink-version"], version);
    });
  }

  it("is entered from outside, and has network, processes and settings of its own", async () => {
    const machine = await sysctls();
    const cluster = await sharedCluster();
    assert.match(await cluster.exec("ps", "axo", "args"), /kube-apiserver/);
    assert.notEqual(await cluster.exec("readlink", "/proc/self/ns/net"), await fs.readlink("/proc/self/ns/net"));
    assert.equal(await cluster.exec("cat", "/proc/sys/net/ipv4/ip_forward"), "1");
    // The kubelet would have set them.
    assert.deepEqual(machine, await sysctls());
    assert.notEqual(await cluster.exec("cat", "/proc/sys/kernel/panic_on_oops"), machine[0]);
  });

  it("runs beside others, and leaves nothing when the process that started it is killed", async () => {
    const { kubeconfig: first } = await sharedCluster();
    const start = `require(${JSON.stringify(RIG)}).startKubernetes().then((it) => console.log(it.kubeconfig))`;
    const tests = spawn(process.execPath, ["-e", `setInterval(() => {}, 1000); ${start}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(tests.stdout, "data")) as [Buffer];
    const kubeconfig = line.toString().trim();
    assert.notEqual(kubeconfig, first);
    const directory = path.dirname(kubeconfig);
    const controlGroups = await controlGroupsOf(directory);
    assert.ok(controlGroups.length > 0 && (await processesThatName(directory)).length > 0);

    tests.kill("SIGKILL");
    await until("its processes have ended", async () => (await processesThatName(directory)).length === 0);
    await until("its folder is gone", () => Promise.resolve(!existsSync(directory)));
    assert.deepEqual(await controlGroupsOf(directory), []);
    assert.doesNotMatch(await fs.readFile("/proc/mounts", "utf8"), new RegExp(directory));
    assert.equal((await client.list({ apiVersion: "v1", kind: "Node", namespace: undefined })).length, 1);
  });
});

function conditionsOf(object: KubernetesObject): { type: string; status: string }[] {
  return (object["status"] as { conditions: { type: string; status: string }[] }).conditions;
}

function notYet(error: unknown): Record<string, unknown> {
  // No pod behind the service yet, or its port not open.
  if (error instanceof ApiError && error.status === 503) return {};
  throw error;
}

/** What a kubelet sets where it is let. */
async function sysctls(): Promise<string[]> {
  const names = ["kernel/panic_on_oops", "kernel/panic", "vm/overcommit_memory", "net/ipv4/ip_forward"];
  const values = await Promise.all(names.map((name) => fs.readFile(`/proc/sys/${name}`, "utf8")));
  return values.map((value) => value.trim());
}

async function controlGroupsOf(directory: string): Promise<string[]> {
  const hierarchies = ["", ...(await fs.readdir("/sys/fs/cgroup"))];
  const groups = hierarchies.map((name) => path.join("/sys/fs/cgroup", name, path.basename(directory)));
  return groups.filter((group) => existsSync(group));
}

async function processesThatName(directory: string): Promise<string[]> {
  const pids = (await fs.readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = pids.map((pid) => fs.readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(commands)).filter((command) => command.includes(directory));
}
