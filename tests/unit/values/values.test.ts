import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { canonicalJson, sha256Hex } from "../../../provider/values/canonicalJson";
import { nearest } from "../../../provider/values/nearest";
import { shellWords } from "../../../provider/values/shellWords";
import { containsUnknown, isUnknown, UNKNOWN_VALUE } from "../../../provider/values/unknown";

describe("unknown values", () => {
  it("are the ones that Pulumi's SDK sends", () => {
    assert.equal(UNKNOWN_VALUE, (pulumi.runtime as unknown as { unknownValue: string }).unknownValue);
  });

  it("are recognised alone and at any depth", () => {
    assert.equal(isUnknown(UNKNOWN_VALUE), true);
    assert.equal(isUnknown("RUNNING"), false);
    assert.equal(containsUnknown({ a: [1, { b: UNKNOWN_VALUE }] }), true);
    assert.equal(containsUnknown({ a: [1, { b: null, c: undefined }] }), false);
  });
});

describe("canonical JSON", () => {
  it("does not depend on the order of keys and drops undefined", () => {
    assert.equal(
      canonicalJson({ b: 1, a: { d: [2, { f: 1, e: undefined }], c: "x" } }),
      '{"a":{"c":"x","d":[2,{"f":1}]},"b":1}',
    );
  });

  it("is the same for every order of the same keys, and reads back as the same value", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("has the known digest of the empty text", () => {
    assert.equal(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("the nearest right name", () => {
  it("is found through typing mistakes and wrong case", () => {
    assert.equal(nearest("paralelism", ["state", "parallelism"]), "parallelism");
    assert.equal(nearest("ENTRYCLASS", ["entryClass", "mainArgs"]), "entryClass");
  });

  it("is not made up where nothing is near", () => {
    assert.equal(nearest("replicas", ["state", "parallelism"]), undefined);
    assert.equal(nearest("x", []), undefined);
  });
});

describe("a line of arguments", () => {
  it("is split at white space, with quotes keeping words together", () => {
    assert.deepEqual(shellWords("--windowSize 10 --windowUnit minutes"), [
      "--windowSize",
      "10",
      "--windowUnit",
      "minutes",
    ]);
    assert.deepEqual(shellWords(`  --name "a b"\t--x='c "d"' e"f g"h `), ["--name", "a b", '--x=c "d"', "ef gh"]);
    assert.deepEqual(shellWords(`a "" ''`), ["a", "", ""]);
    assert.deepEqual(shellWords("  "), []);
  });

  it("takes a backslash as it is", () => {
    assert.deepEqual(shellWords(String.raw`--pattern \d+\s "C:\dir name"`), [
      "--pattern",
      String.raw`\d+\s`,
      String.raw`C:\dir name`,
    ]);
  });

  it("is refused when a quote is not closed, with its place", () => {
    assert.throws(() => shellWords(`--name "a b`), {
      code: "FLINK_INVALID_VALUE",
      message: /quote " at character 8 that is not closed/,
    });
    assert.throws(() => shellWords("it's"), /quote ' at character 3/);
  });
});
