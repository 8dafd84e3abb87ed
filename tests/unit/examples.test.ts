import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { repositoryRoot } from "../rig/repository";

/** As Pulumi itself reads a program that has no tsconfig.json: not strictly. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2020,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
  paths: { "pulumi-flink": [join(repositoryRoot, "bin", "index.d.ts")] },
};

describe("the examples", function () {
  this.timeout(120_000);

  it("are what Pulumi can read without a tsconfig.json", () => {
    const folder = join(repositoryRoot, "examples");
    const programs = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name, "index.ts"));
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram(programs, OPTIONS));
    assert.deepEqual(
      diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
      [],
    );
  });
});
