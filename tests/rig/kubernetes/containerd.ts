import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { ContainerRuntime } from "./runtime";

/** What a pod's namespaces are kept by. */
export const PAUSE_IMAGE = "localhost/pause:1";

/** containerd's places in a cluster's folder. */
export function containerdPaths(directory: string): {
  root: string;
  state: string;
  socket: string;
  configuration: string;
  network: string;
} {
  const at = (name: string): string => path.join(directory, "containerd", name);
  return {
    root: at("root"),
    state: at("state"),
    // Of the namespaces' own `/run`: a socket's path may not be long, and a home's may be.
    socket: "/run/containerd.sock",
    configuration: at("config.toml"),
    network: at("network"),
  };
}

/** Writes containerd's configuration, and that of the pods' network. */
export async function configureContainerd(directory: string, runtime: ContainerRuntime, pods: string): Promise<void> {
  const { root, state, socket, configuration, network } = containerdPaths(directory);
  await fs.mkdir(network, { recursive: true });
  const plugin = "io.containerd.grpc.v1.cri";
  const unused = ["aufs", "btrfs", "devmapper", "zfs"].map((name) => `io.containerd.snapshotter.v1.${name}`);
  const tracing = ["io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"];
  const lines = [
    "version = 2",
    `root = "${root}"`,
    `state = "${state}"`,
    "oom_score = 0",
    `disabled_plugins = ${JSON.stringify([...unused, ...tracing, "io.containerd.internal.v1.opt"])}`,
    "[grpc]",
    `  address = "${socket}"`,
    `[plugins."${plugin}"]`,
    `  sandbox_image = "${PAUSE_IMAGE}"`,
    "  restrict_oom_score_adj = true",
    `[plugins."${plugin}".containerd.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `[plugins."${plugin}".containerd.runtimes.runc.options]`,
    `  BinaryName = "${runtime.runc}"`,
    "  SystemdCgroup = false",
    `[plugins."${plugin}".cni]`,
    `  bin_dir = "${runtime.networkPlugins}"`,
    `  conf_dir = "${network}"`,
  ];
  await fs.writeFile(configuration, `${lines.join("\n")}\n`);
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: pods }]],
    routes: [{ dst: "0.0.0.0/0" }],
    dataDir: path.join(directory, "addresses"),
  };
  const plugins = [{ type: "ptp", ipMasq: false, ipam }];
  await fs.writeFile(
    path.join(network, "pods.conflist"),
    JSON.stringify({ cniVersion: "0.4.0", name: "pods", plugins }),
  );
}
