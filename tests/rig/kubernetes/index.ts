/** A real Kubernetes of one node for tests, in namespaces of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { run } from "./commands";
import { CLUSTER_PREFIX, clusterLayout } from "./layout";
import { prepareObjectStorage, type ObjectStorage } from "./objectStorage";
import { obtainKubernetes } from "./parts";
import { removeDeadClusters } from "./removal";
import type { SupervisorMessage, SupervisorSettings } from "./supervisor";

export { COUNTING_JOB_IN_IMAGE, flinkImageName } from "./image/flinkImage";
export { obtainKubernetes };
export type { ObjectStorage };

/** What another process finds a running cluster by. */
export interface ClusterLocation {
  readonly directory: string;
  /** A process in its namespaces. */
  readonly pid: number;
  readonly objectStorage: ObjectStorage;
}

/** A running cluster. */
export interface KubernetesCluster {
  readonly location: ClusterLocation;
  /** A file: the administrator's access, by a port of the loopback interface. */
  readonly kubeconfig: string;
  /** An S3 store that its pods reach, and nobody else. */
  readonly objectStorage: ObjectStorage;
  /** Runs a command in the node's namespaces; returns what it printed. */
  exec(command: string, ...args: string[]): Promise<string>;
  /** What the components have logged. */
  logs(): Promise<string>;
}

/** A cluster of this process. It ends with it, however it ends. */
export interface OwnKubernetesCluster extends KubernetesCluster {
  /** Ends it; nothing of it is left. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a cluster; returns when its node is ready. Several may run at once. */
export async function startKubernetes(): Promise<OwnKubernetesCluster> {
  const parts = await obtainKubernetes();
  await removeDeadClusters();
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), CLUSTER_PREFIX));
  const objectStorage = await prepareObjectStorage(directory);
  const supervisor = spawnSupervisor({ directory, objectStorage, ...parts });
  await fs.writeFile(clusterLayout(directory).supervisor, String(supervisor.pid));
  const stop = async (): Promise<void> => {
    if (supervisor.exitCode !== null || supervisor.signalCode !== null) return;
    supervisor.ref();
    supervisor.stdin?.end();
    await once(supervisor, "exit");
  };
  const message = await firstMessage(supervisor);
  if (message.kind === "failed") {
    await stop();
    throw new Error(`Kubernetes did not start: ${message.why}`);
  }
  return { ...joinKubernetes({ directory, pid: message.pid, objectStorage }), stop };
}

/** A cluster that another process has started, and keeps. */
export function joinKubernetes(location: ClusterLocation): KubernetesCluster {
  const { kubeconfig, logs } = clusterLayout(location.directory);
  const enter = ["--target", String(location.pid), "--mount", "--net", "--pid", "--ipc", "--uts"];
  return {
    location,
    kubeconfig,
    objectStorage: location.objectStorage,
    exec: (command, ...args) => run("nsenter", [...enter, command, ...args]),
    logs: async () => {
      const names = (await fs.readdir(logs)).sort();
      const texts = names.map(async (name) => `==> ${name}\n${await fs.readFile(path.join(logs, name), "utf8")}`);
      return (await Promise.all(texts)).join("\n");
    },
  };
}

function spawnSupervisor(settings: SupervisorSettings): ChildProcess {
  const supervisor = spawn(process.execPath, [path.join(__dirname, "supervisor.js"), JSON.stringify(settings)], {
    // Not in the terminal's group: Ctrl-C ends this process, and that ends the cluster in order.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  // The end of its standard input is what ends it: it must not keep this process.
  supervisor.unref();
  for (const stream of [supervisor.stdin, supervisor.stdout]) (stream as unknown as { unref(): void }).unref();
  return supervisor;
}

async function firstMessage(supervisor: ChildProcess): Promise<SupervisorMessage> {
  if (supervisor.stdout === null) throw new Error("the supervisor has no standard output");
  // Referenced only while somebody waits for it.
  const stream = supervisor.stdout as unknown as { ref(): void; unref(): void };
  stream.ref();
  try {
    for await (const line of createInterface({ input: supervisor.stdout })) {
      return JSON.parse(line) as SupervisorMessage;
    }
    return { kind: "failed", why: "its supervisor ended" };
  } finally {
    stream.unref();
  }
}
