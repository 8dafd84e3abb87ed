import assert from "node:assert/strict";
import type { DeploymentInputs } from "../../../provider/deployment/inputs";
import { redactorOf } from "../../../provider/deployment/secrets";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";

function redacted(text: string, artifact: object): string {
  return redactorOf({ artifact: artifact as DeploymentInputs["artifact"] })(text);
}

describe("what is shown of a deployment", () => {
  const places: [where: string, artifact: (address: string) => object][] = [
    ["the jar's", (jarUri) => ({ jarUri })],
    ["a dependency's", (address) => ({ jarUri: "s3://jars/job.jar", additionalDependencies: ["file:///a", address] })],
  ];
  for (const [where, artifact] of places) {
    it(`has no signature of ${where} address, and no part of a signed one`, () => {
      const signed = artifact("https://jars.example.org/x.jar?signature=hunter2-7f");
      for (const text of [
        "GET https://jars.example.org/x.jar?signature=hunter2-7f failed",
        "the server repeats ?signature=hunter2-7f",
        "it is not at https://jars.example.org/x.jar",
      ]) {
        assert.doesNotMatch(redacted(text, signed), /hunter2|x\.jar/, text);
      }
    });

    it(`has ${where} address as it is where nothing is signed`, () => {
      const text = "it is not at https://jars.example.org/x.jar";
      assert.equal(redacted(text, artifact("https://jars.example.org/x.jar")), text);
    });
  }

  it("is shown though the addresses are not known yet", () => {
    assert.equal(redacted("a text", { jarUri: UNKNOWN_VALUE, additionalDependencies: UNKNOWN_VALUE }), "a text");
  });
});
