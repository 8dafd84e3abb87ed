import { readFileSync } from "node:fs";
import * as os from "node:os";
import { cacheDirectory } from "../../../provider/local";
import { runCommand } from "../../../provider/local/command";

/** What must be on PATH, and which package of Debian has it. */
const COMMANDS = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
  ip: "iproute2",
  openssl: "openssl",
  tar: "tar",
  "apt-get": "apt",
  "dpkg-deb": "dpkg",
} as const;

/** Why no Kubernetes can run on this machine, in one line; undefined when one can. */
export async function missingPrerequisite(): Promise<string | undefined> {
  const needs = (what: string): string => `The tests' Kubernetes ${what}.`;
  if (process.platform !== "linux") return needs("runs on Linux only");
  if (process.getuid?.() !== 0) return needs("needs root, for namespaces and mounts of its own");
  const lacking: string[] = [];
  for (const [command, debianPackage] of Object.entries(COMMANDS)) {
    if ((await runCommand(command, ["--version"])).exitCode === undefined) {
      lacking.push(`${command} (Debian package ${debianPackage})`);
    }
  }
  if (lacking.length > 0) return needs(`needs ${lacking.join(", ")} on PATH`);
  if (!readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n")) {
    return needs("needs the overlay file system, which this kernel lacks (modprobe overlay)");
  }
  for (const folder of [os.tmpdir(), cacheDirectory()]) {
    if (/^\/(var|run)\//.test(folder))
      return needs(`covers /var and /run: put ${folder} elsewhere (TMPDIR, XDG_CACHE_HOME)`);
  }
  const namespaces = ["--mount", "--pid", "--net", "--fork", "ip", "link", "add", "node0", "type", "veth"];
  const { exitCode, output } = await runCommand("unshare", namespaces);
  if (exitCode !== 0) return needs(`needs namespaces with a network of their own: ${output.split("\n")[0]}`);
  return undefined;
}
