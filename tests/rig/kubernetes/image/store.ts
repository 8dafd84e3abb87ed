import { once } from "node:events";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { SUPPORTED_VERSIONS } from "../../flink";
import type { KubernetesBinaries } from "../binaries";
import { obtain } from "../cache";
import { run } from "../commands";
import { configureContainerd, containerdPaths, PAUSE_IMAGE } from "../containerd";
import { spawnInNamespaces } from "../namespaces";
import type { ContainerRuntime } from "../runtime";
import { packImages, type Image } from "./archive";
import { flinkImageRecipe, makeFlinkImage, packEntrypoint } from "./flinkImage";
import { obtainJavaLayer } from "./javaLayer";
import { packLayer, type Layer } from "./layer";

const IMPORT = [
  'containerd --config "$CONFIGURATION" >"$LOG" 2>&1 & daemon=$!',
  'for attempt in $(seq 300); do kill -0 $daemon; ctr --address "$SOCKET" version >/dev/null 2>&1 && break; sleep 0.1; done',
  'ctr --address "$SOCKET" --namespace k8s.io images import --snapshotter overlayfs "$ARCHIVE"',
  // Its databases have to be whole.
  "kill $daemon; wait $daemon || true",
].join("\n");

/** A containerd root that has the images of Flink (and what each pod needs) in it, unpacked. */
export async function obtainImages(
  binaries: KubernetesBinaries,
  runtime: ContainerRuntime,
  log: (line: string) => void,
): Promise<string> {
  const java = await obtainJavaLayer(log);
  const recipe = [java.sha256, SUPPORTED_VERSIONS, await flinkImageRecipe(), binaries.pause, runtime.directory];
  const home = await obtain("images", recipe, async (folder) => {
    log(`making the images of Flink ${SUPPORTED_VERSIONS.join(" and ")}`);
    const workshop = await fs.mkdtemp(path.join(folder, "workshop-"));
    const archive = path.join(workshop, "images.tar");
    await packImages(await makeImages(java, binaries, workshop), workshop, archive);
    await importImages(archive, workshop, runtime);
    await fs.rename(containerdPaths(workshop).root, path.join(folder, "root"));
    await fs.rm(workshop, { recursive: true });
  });
  return path.join(home, "root");
}

async function makeImages(java: Layer, binaries: KubernetesBinaries, workshop: string): Promise<Image[]> {
  const pause: Image = {
    name: PAUSE_IMAGE,
    layers: [await packLayer(path.dirname(binaries.pause), ["pause"], 0, path.join(workshop, "pause.tar"))],
    config: { Entrypoint: ["/pause"] },
  };
  const below = [java, await packEntrypoint(workshop)];
  return [pause, ...(await Promise.all(SUPPORTED_VERSIONS.map((version) => makeFlinkImage(version, below, workshop))))];
}

async function importImages(archive: string, directory: string, runtime: ContainerRuntime): Promise<void> {
  await configureContainerd(directory, runtime, "10.244.0.0/24");
  const { configuration, socket } = containerdPaths(directory);
  const output = path.join(directory, "import.log");
  const file = await fs.open(output, "w");
  const LOG = path.join(directory, "containerd.log");
  const unshare = spawnInNamespaces(["bash", "-euc", IMPORT], {
    directory,
    images: undefined,
    env: { ...runtime.environment, CONFIGURATION: configuration, SOCKET: socket, ARCHIVE: archive, LOG },
    stdio: ["ignore", file.fd, file.fd],
  });
  const [code] = (await once(unshare, "exit")) as [number | null];
  await file.close();
  if (code !== 0) throw new Error(`importing the images failed:\n${await run("tail", ["-n", "8", output, LOG])}`);
}
