import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { run } from "../commands";

/** A part of an image's file system: a tar archive, named by what is in it. */
export interface Layer {
  readonly file: string;
  readonly sha256: string;
}

/** How files are put into a layer. */
export const LAYER_OPTIONS = ["--numeric-owner", "--sort=name"];

/**
 * Packs entries of a folder.
 *
 * @param owner user and group of everything in it.
 */
export async function packLayer(
  folder: string,
  entries: readonly string[],
  owner: number,
  file: string,
): Promise<Layer> {
  const options = [`--owner=${owner}`, `--group=${owner}`, ...LAYER_OPTIONS];
  await run("tar", ["--create", "--file", file, "--directory", folder, ...options, ...entries]);
  return { file, sha256: await sha256OfFile(file) };
}

/** A layer that was packed before. */
export async function readLayer(file: string): Promise<Layer> {
  return { file, sha256: await sha256OfFile(file) };
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
