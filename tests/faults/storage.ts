import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { Pair } from "./lab";
import { CLUSTERS } from "./stack";

/** What is lost: savepoints only, or checkpoints too. */
export type Lost = "savepoints" | "all";

/** The folders that both clusters keep snapshots in. Lost, they can neither be read nor written. */
export class Storage {
  private readonly lost: string[] = [];

  constructor(private readonly pair: Pair) {}

  async lose(what: Lost): Promise<void> {
    const names = what === "all" ? ["savepoints", "checkpoints"] : ["savepoints"];
    for (const folder of CLUSTERS.flatMap((cluster) =>
      names.map((name) => path.join(this.pair[cluster].directory, name)),
    )) {
      await fs.mkdir(folder, { recursive: true });
      await fs.rename(folder, goneFolder(folder));
      // Flink would make the folder again.
      await fs.writeFile(folder, "");
      this.lost.push(folder);
    }
  }

  async bringBack(): Promise<void> {
    for (const folder of this.lost.splice(0)) {
      await fs.rm(folder);
      await fs.rename(goneFolder(folder), folder);
    }
  }
}

/** Where a folder is while it is lost. */
function goneFolder(folder: string): string {
  return `${folder}.gone`;
}
