import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { deploymentJsonSchema } from "../../../../components/manifest/jsonSchema";
import { repositoryRoot } from "../../../rig/repository";
import { application, example, session, type Changes } from "./documents";

const SHIPPED = "schemas/deployment.json";

describe("the JSON schema of Deployments", () => {
  const accepts = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(deploymentJsonSchema());

  /** Where it finds a document wrong. */
  const wrongAt = (document: unknown): string[] => {
    accepts(document);
    return (accepts.errors ?? []).map(({ instancePath }) => instancePath);
  };
  const of = (text: string): unknown => JSON.parse(text);

  it("that the package ships is made of the schema that documents are checked with", () => {
    const shipped = readFileSync(path.join(repositoryRoot, SHIPPED), "utf8");
    assert.deepEqual(JSON.parse(shipped), deploymentJsonSchema());
    const { files, exports } = JSON.parse(readFileSync(path.join(repositoryRoot, "package.json"), "utf8")) as {
      files: string[];
      exports: Record<string, unknown>;
    };
    assert.ok(files.includes("schemas"));
    assert.equal(exports[`./${SHIPPED}`], `./${SHIPPED}`);
  });

  for (const name of ["application-manager", "application-mode", "session-mode"]) {
    it(`accepts the example ${name}, as an editor reads it`, () => assert.deepEqual(wrongAt(parse(example(name))), []));
  }

  it("accepts words in upper and in lower case", () => {
    for (const state of ["RUNNING", "running", "CANCELED", "canceled", "CANCELLED", "suspended"]) {
      assert.deepEqual(wrongAt(of(session({ spec: { state } }))), []);
    }
  });

  const cases: [what: string, changes: Changes, at: string][] = [
    ["a key that is not known", { template: { paralelism: 1 } }, "/spec/template/spec"],
    ["a word that is not known", { spec: { state: "runing" } }, "/spec/state"],
    ["a number as a text", { template: { parallelism: "1" } }, "/spec/template/spec/parallelism"],
    ["a missing jar", { artifact: { jarUri: undefined } }, "/spec/template/spec/artifact"],
    [
      "a list that is none",
      { template: { kubernetes: { pods: { envVars: {} } } } },
      "/spec/template/spec/kubernetes/pods/envVars",
    ],
    ["another kind", { document: { kind: "SessionCluster" } }, "/kind"],
  ];
  for (const [what, changes, at] of cases) {
    it(`finds ${what}`, () => assert.deepEqual(wrongAt(of(application(changes))), [at]));
  }

  it("describes keys, for editors to show", () => {
    assert.match(JSON.stringify(deploymentJsonSchema()), /"description":"The job's parallelism\. Default: 1\."/);
  });

  it("knows nothing of values that are not known yet", () => {
    assert.doesNotMatch(JSON.stringify(deploymentJsonSchema()), /04da6b54/);
  });
});
