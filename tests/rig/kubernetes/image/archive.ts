import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { run } from "../commands";
import type { Layer } from "./layer";

/** An image to be packed. */
export interface Image {
  /** In full, such as `docker.io/library/flink:1.20.0`. */
  readonly name: string;
  /** From the bottom up. */
  readonly layers: readonly Layer[];
  /** How its containers are started: the `config` of an image's configuration. */
  readonly config: {
    readonly Entrypoint: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Env?: readonly string[];
    readonly User?: string;
    readonly WorkingDir?: string;
  };
}

const EPOCH = "1970-01-01T00:00:00Z";
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** Packs images into one archive, in the format of `docker save`; layers that several share are in it once. */
export async function packImages(images: readonly Image[], workshop: string, file: string): Promise<void> {
  const folder = await fs.mkdtemp(path.join(workshop, "archive-"));
  const layers = new Map(images.flatMap((image) => image.layers.map((layer) => [layer.sha256, layer.file] as const)));
  for (const [sha256, layer] of layers) await fs.link(layer, path.join(folder, layerName(sha256)));
  const manifest = [];
  for (const image of images) {
    const text = JSON.stringify(configurationOf(image));
    const config = `${createHash("sha256").update(text).digest("hex")}.json`;
    await fs.writeFile(path.join(folder, config), text);
    manifest.push({ Config: config, RepoTags: [image.name], Layers: image.layers.map((l) => layerName(l.sha256)) });
  }
  await fs.writeFile(path.join(folder, "manifest.json"), JSON.stringify(manifest));
  await run("tar", ["--create", "--file", file, "--directory", folder, ...(await fs.readdir(folder))]);
  await fs.rm(folder, { recursive: true });
}

function layerName(sha256: string): string {
  return `${sha256}.tar`;
}

function configurationOf({ layers, config }: Image): unknown {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    created: EPOCH,
    config,
    rootfs: { type: "layers", diff_ids: layers.map(({ sha256 }) => `sha256:${sha256}`) },
    history: layers.map(() => ({ created: EPOCH })),
  };
}
