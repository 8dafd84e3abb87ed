import { readdirSync } from "node:fs";
import * as path from "node:path";
import { obtain } from "./cache";
import { unpackDebianPackages } from "./debian";

/** With the libraries that a machine need not have. */
const PACKAGES = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "libseccomp2",
  "nftables",
  "libnftables1",
  "libnftnl11",
  "libmnl0",
  "libjansson4",
  "libxtables12",
];

/** containerd, runc, network plugins and nftables, unpacked. */
export interface ContainerRuntime {
  readonly directory: string;
  readonly runc: string;
  readonly networkPlugins: string;
  /** Variables with which its programs find each other and their libraries. */
  readonly environment: { readonly PATH: string; readonly LD_LIBRARY_PATH: string };
}

export async function obtainContainerRuntime(log: (line: string) => void): Promise<ContainerRuntime> {
  const home = await obtain("runtime", [PACKAGES, process.arch], async (folder) => {
    log("fetching containerd, runc and nftables from Debian's packages");
    await unpackDebianPackages(PACKAGES, path.join(folder, "root"));
  });
  const root = path.join(home, "root");
  const libraries = path.join(root, "usr", "lib");
  const architectures = readdirSync(libraries).filter((name) => name.endsWith("-linux-gnu"));
  return {
    directory: root,
    runc: path.join(root, "usr/sbin/runc"),
    networkPlugins: path.join(libraries, "cni"),
    environment: {
      PATH: [...["usr/sbin", "usr/bin"].map((name) => path.join(root, name)), process.env["PATH"] ?? ""].join(":"),
      LD_LIBRARY_PATH: architectures.map((name) => path.join(libraries, name)).join(":"),
    },
  };
}
