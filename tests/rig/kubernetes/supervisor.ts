/**
 * What keeps a cluster, outside its namespaces: starts it, opens a port of the loopback interface to its API server,
 * and when standard input ends, however the process at its other end did, takes all of it away. Its argument is
 * {@link SupervisorSettings} as JSON; it says {@link SupervisorMessage}s on standard output, a line each.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { API_PORT, PODS, type ComponentSettings } from "./components";
import { configureContainerd } from "./containerd";
import { makeControlGroup } from "./controlGroup";
import { makeCredentials, writeKubeconfig } from "./credentials";
import type { InsideMessage } from "./inside";
import { clusterLayout, controlGroupOf } from "./layout";
import { processInside, spawnInNamespaces } from "./namespaces";
import type { ObjectStorage } from "./objectStorage";
import { removeCluster } from "./removal";
import type { ContainerRuntime } from "./runtime";
import { listenAndPass } from "./tunnel";

export interface SupervisorSettings {
  /** The cluster's folder, which is removed in the end. */
  readonly directory: string;
  readonly kubernetes: string;
  readonly objectStorageServer: string;
  readonly objectStorage: ObjectStorage;
  readonly runtime: ContainerRuntime;
  /** A containerd root with images. */
  readonly images: string;
}

export type SupervisorMessage =
  /** `pid`: a process in the namespaces. */
  { readonly kind: "ready"; readonly pid: number } | { readonly kind: "failed"; readonly why: string };

/** Starts what runs inside. */
async function start({ runtime, images, ...given }: SupervisorSettings): Promise<ChildProcess> {
  const { directory } = given;
  const { credentials: folder, innerKubeconfig, kubeconfig, socket } = clusterLayout(directory);
  const controlGroup = controlGroupOf(directory);
  const [credentials, port] = await Promise.all([
    makeCredentials(folder),
    openPort(socket),
    configureContainerd(directory, runtime, PODS),
    makeControlGroup(controlGroup),
  ]);
  await writeKubeconfig(innerKubeconfig, `https://127.0.0.1:${API_PORT}`, credentials);
  await writeKubeconfig(kubeconfig, `https://127.0.0.1:${port}`, credentials);
  const settings: ComponentSettings = {
    ...given,
    credentials,
    kubeconfig: innerKubeconfig,
    controlGroup: `/${controlGroup}`,
  };
  return spawnInNamespaces([process.execPath, path.join(__dirname, "inside.js"), JSON.stringify(settings)], {
    directory,
    images,
    env: runtime.environment,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** A free port of the loopback interface that leads to the API server. */
async function openPort(socket: string): Promise<number> {
  const server = await listenAndPass({ host: "127.0.0.1", port: 0 }, { path: socket });
  return (server.address() as AddressInfo).port;
}

/** Says what becomes of what runs inside. */
function report(unshare: ChildProcess): void {
  let complaints = "";
  unshare.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints = (complaints + text).slice(-2000)));
  unshare.once("exit", () => say({ kind: "failed", why: `the cluster's namespaces ended. ${complaints}` }));
  if (unshare.stdout === null) return;
  createInterface({ input: unshare.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as InsideMessage;
    const pid = unshare.pid === undefined ? undefined : processInside(unshare.pid);
    if (message.kind === "failed") say(message);
    else if (pid !== undefined) say({ kind: "ready", pid });
  });
}

function say(message: SupervisorMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function main(settings: SupervisorSettings): void {
  const starting = start(settings);
  starting.then(report, (error: unknown) => say({ kind: "failed", why: String(error) }));
  const takeDown = async (): Promise<void> => {
    const unshare = await starting.catch(() => undefined);
    if (unshare?.kill("SIGKILL") === true) await once(unshare, "exit");
    await removeCluster(settings.directory);
  };
  // Nobody may listen any more.
  process.stdout.on("error", () => undefined);
  process.stdin.once("close", () => void takeDown().finally(() => process.exit())).resume();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.stdin.destroy());
}

main(JSON.parse(process.argv[2] ?? "") as SupervisorSettings);
