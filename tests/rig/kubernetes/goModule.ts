import * as fs from "node:fs/promises";
import * as path from "node:path";
import { repositoryRoot } from "../repository";
import { obtain, type Recipe } from "./cache";
import { run } from "./commands";

const HEARTBEAT_LINES = 250;

/** A Go module of ours, whose programs are built here. */
export interface GoModule {
  readonly folder: string;
  /** All that its programs are made from. */
  readonly recipe: Recipe;
  /** Of the dependency that matters, without the `v`. */
  readonly version: string;
}

/**
 * A module in `tools/`.
 *
 * @param sources its files, beside go.mod and go.sum.
 * @param dependency the one that gives the programs their version.
 */
export async function readGoModule(name: string, sources: readonly string[], dependency: string): Promise<GoModule> {
  const folder = path.join(repositoryRoot, "tools", name);
  const files = ["go.mod", "go.sum", ...sources];
  const texts = await Promise.all(files.map((file) => fs.readFile(path.join(folder, file), "utf8")));
  const words = texts[0]?.split(/\s+/) ?? [];
  const version = words.includes(dependency) ? words[words.indexOf(dependency) + 1] : undefined;
  if (version === undefined) throw new Error(`${folder}/go.mod names no version of ${dependency}`);
  return { folder, recipe: [...texts, process.arch], version: version.replace(/^v/, "") };
}

/**
 * Builds all programs of a module, once for each content of it.
 *
 * @param what their name in the cache.
 * @param variables of Go, that are set when the programs are linked.
 * @returns the folder with the programs.
 */
export async function obtainGoPrograms(
  what: string,
  { folder, recipe }: GoModule,
  announcement: string,
  log: (line: string) => void,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await obtain(what, recipe, async (target) => {
    log(announcement);
    const linked = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
    const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", ["-s -w", ...linked].join(" ")];
    let lines = 0;
    // The machine has other things to do meanwhile.
    await run("nice", ["go", "build", ...flags, "-o", `${target}/`, "./..."], {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
      onLine: () => {
        lines += 1;
        if (lines % HEARTBEAT_LINES === 0) log(`  ... ${lines} modules and packages fetched or compiled`);
      },
    });
  });
}
