import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { repositoryRoot } from "../rig/repository";

/** Every code that the sources name. */
function codesInSources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .flatMap(
      (entry) =>
        readFileSync(path.join(entry.parentPath, entry.name), "utf8").match(/(?<=")FLINK_[A-Z0-9_]+(?=")/g) ?? [],
    );
}

describe("the table of errors", () => {
  it("holds every code that the package can give, and no other", () => {
    const table = readFileSync(path.join(repositoryRoot, "docs", "errors.md"), "utf8");
    const documented = new Set(table.match(/(?<=^\| `)FLINK_[A-Z0-9_]+(?=`)/gm));
    const given = ["components", "provider"].flatMap((folder) => codesInSources(path.join(repositoryRoot, folder)));
    assert.deepEqual([...documented].sort(), [...new Set(given)].sort());
  });
});
