import * as fs from "node:fs/promises";
import * as path from "node:path";
import { repositoryRoot } from "../repository";
import { obtain } from "./cache";
import { run } from "./commands";

const MODULE = path.join(repositoryRoot, "tools", "kubernetes");
const HEARTBEAT_LINES = 250;

/** Kubernetes' programs, built here. */
export interface KubernetesBinaries {
  /** Every component in one: its first argument names it. */
  readonly kubernetes: string;
  /** What keeps a pod's namespaces. */
  readonly pause: string;
}

/** Kubernetes from Go's modules; the first build takes some minutes. */
export async function obtainKubernetesBinaries(log: (line: string) => void): Promise<KubernetesBinaries> {
  const sources = ["go.mod", "go.sum", "main.go", "pause/main.go"];
  const recipe = await Promise.all(sources.map((name) => fs.readFile(path.join(MODULE, name), "utf8")));
  const version = /^\tk8s\.io\/kubernetes v(\S+)$/m.exec(recipe[0] ?? "")?.[1];
  if (version === undefined) throw new Error(`${MODULE}/go.mod names no version of Kubernetes`);
  const home = await obtain("binaries", [...recipe, process.arch], async (folder) => {
    log(`building Kubernetes ${version} with Go (once, about 5 minutes)`);
    await build(version, folder, log);
  });
  return { kubernetes: path.join(home, "kubernetes"), pause: path.join(home, "pause") };
}

async function build(version: string, folder: string, log: (line: string) => void): Promise<void> {
  const [major, minor] = version.split(".");
  const stamps = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const variables = Object.entries(stamps).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  const args = ["go", "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", ["-s -w", ...variables].join(" ")];
  let lines = 0;
  // The machine has other things to do meanwhile.
  await run("nice", [...args, "-o", `${folder}/`, "./..."], {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
    onLine: () => {
      lines += 1;
      if (lines % HEARTBEAT_LINES === 0) log(`  ... ${lines} modules and packages fetched or compiled`);
    },
  });
}
