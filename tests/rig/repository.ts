import { readFileSync } from "node:fs";
import * as path from "node:path";

/** The checkout that these tests were compiled from, wherever the compiled files lie in it. */
export const repositoryRoot: string = findUp(__dirname);

function findUp(directory: string): string {
  const manifest = path.join(directory, "package.json");
  try {
    const { name } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string };
    if (name === "pulumi-flink") return directory;
  } catch {
    // no package here: look further up
  }
  const parent = path.dirname(directory);
  if (parent === directory) throw new Error("the tests do not lie in a checkout of pulumi-flink");
  return findUp(parent);
}
