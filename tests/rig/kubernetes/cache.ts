import { createHash } from "node:crypto";
import * as path from "node:path";
import { cacheDirectory } from "../../../provider/local";
import { obtainCached } from "../../../provider/local/distribution";

/** What something in the cache is made from: another recipe makes another folder. */
export type Recipe = readonly (string | readonly string[])[];

/**
 * A folder of the cache that is made once from a recipe: `kubernetes/<what>-<hash>`.
 *
 * @param make fills the folder, which is put in its place when it is whole.
 */
export async function obtain(what: string, recipe: Recipe, make: (folder: string) => Promise<void>): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 12);
  return await obtainCached(path.join(cacheDirectory(), "kubernetes", `${what}-${hash}`), make);
}
