import * as path from "node:path";
import { obtainGoPrograms, readGoModule } from "./goModule";

/** Kubernetes' programs, built here. */
export interface KubernetesBinaries {
  /** Every component in one: its first argument names it. */
  readonly kubernetes: string;
  /** What keeps a pod's namespaces. */
  readonly pause: string;
}

/** Kubernetes from Go's modules; the first build takes some minutes. */
export async function obtainKubernetesBinaries(log: (line: string) => void): Promise<KubernetesBinaries> {
  const module = await readGoModule("kubernetes", ["main.go", "pause/main.go"], "k8s.io/kubernetes");
  const [gitMajor = "", gitMinor = ""] = module.version.split(".");
  const stamps = { gitVersion: `v${module.version}`, gitMajor, gitMinor, gitTreeState: "clean" };
  const variables = Object.entries(stamps).map(([key, value]) => [`k8s.io/component-base/version.${key}`, value]);
  const home = await obtainGoPrograms(
    "binaries",
    module,
    `building Kubernetes ${module.version} with Go (once, about 5 minutes)`,
    log,
    Object.fromEntries(variables) as Record<string, string>,
  );
  return { kubernetes: path.join(home, "kubernetes"), pause: path.join(home, "pause") };
}
