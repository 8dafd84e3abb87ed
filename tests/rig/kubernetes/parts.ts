import { obtainKubernetesBinaries } from "./binaries";
import { obtainImages } from "./image/store";
import { missingPrerequisite } from "./prerequisites";
import { obtainContainerRuntime } from "./runtime";
import type { SupervisorSettings } from "./supervisor";

/** What every cluster is made of, in the cache. */
export type KubernetesParts = Omit<SupervisorSettings, "directory">;

/**
 * Everything that a cluster is made of; the first time on a machine this takes minutes.
 *
 * @throws Error that says in one line what this machine lacks.
 */
export async function obtainKubernetes(log: (line: string) => void = console.error): Promise<KubernetesParts> {
  const missing = await missingPrerequisite();
  if (missing !== undefined) throw new Error(missing);
  const binaries = await obtainKubernetesBinaries(log);
  const runtime = await obtainContainerRuntime(log);
  return { kubernetes: binaries.kubernetes, runtime, images: await obtainImages(binaries, runtime, log) };
}
