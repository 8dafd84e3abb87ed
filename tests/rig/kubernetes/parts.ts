import { obtainKubernetesBinaries } from "./binaries";
import { obtainImages } from "./image/store";
import { obtainObjectStorageServer } from "./objectStorage";
import { missingPrerequisite } from "./prerequisites";
import { obtainContainerRuntime } from "./runtime";
import type { SupervisorSettings } from "./supervisor";

/** What every cluster is made of, in the cache. */
export type KubernetesParts = Omit<SupervisorSettings, "directory" | "objectStorage">;

/**
 * Everything that a cluster is made of; the first time on a machine this takes minutes.
 *
 * @throws Error that says in one line what this machine lacks.
 */
export async function obtainKubernetes(log: (line: string) => void = console.error): Promise<KubernetesParts> {
  const missing = await missingPrerequisite();
  if (missing !== undefined) throw new Error(missing);
  const binaries = await obtainKubernetesBinaries(log);
  const objectStorageServer = await obtainObjectStorageServer(log);
  const runtime = await obtainContainerRuntime(log);
  const images = await obtainImages(binaries, runtime, log);
  return { kubernetes: binaries.kubernetes, objectStorageServer, runtime, images };
}
