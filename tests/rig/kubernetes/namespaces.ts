import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../repository";

const SCRIPT = path.join(repositoryRoot, "tests/rig/kubernetes/namespaces.sh");

/** The node's address, in a network that leads nowhere. */
export const NODE_ADDRESS = "192.0.2.2";

/** What a command finds in its namespaces. */
export interface NamespaceOptions {
  /** A folder of its own. */
  readonly directory: string;
  /** A containerd root with images, which is not changed; undefined: none. */
  readonly images: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly stdio: StdioOptions;
}

/** Runs a command in namespaces of its own: when it ends, or `unshare` is killed, everything in them has ended. */
export function spawnInNamespaces(command: readonly string[], options: NamespaceOptions): ChildProcess {
  const namespaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"];
  return spawn("unshare", [...namespaces, "bash", SCRIPT, ...command], {
    stdio: options.stdio,
    env: {
      ...process.env,
      ...options.env,
      RUN: options.directory,
      IMAGES: options.images ?? "",
      NODE: NODE_ADDRESS,
    },
  });
}

/** The process in the namespaces, as this side numbers it: the one child of `unshare`. */
export function processInside(unshare: number): number | undefined {
  const child = readFileSync(`/proc/${unshare}/task/${unshare}/children`, "utf8").trim().split(" ")[0];
  return child === undefined || child === "" ? undefined : Number(child);
}
