import assert from "node:assert/strict";
import { plainText } from "../../../provider/values/plainText";
import { redactor } from "../../../provider/values/redact";

describe("taking secrets out of a text", () => {
  const cases: [title: string, secrets: string[], text: string, expected: string][] = [
    ["leaves the rest", ["sesame"], "open sesame, or sesame's door", "open ***, or ***'s door"],
    ["takes the longest first", ["sesame", "sesame-street"], "to sesame-street", "to ***"],
    ["knows JSON's spelling", ['a"b\\c\nd'], String.raw`{"x":"a\"b\\c\nd"}`, '{"x":"***"}'],
    ["knows an address's spelling", ["a b/c&d"], "?q=a%20b%2Fc%26d", "?q=***"],
    ["leaves what is too short to be told from words", ["it", "", "abc"], "it is abc", "it is abc"],
    ["takes patterns and replacements as they are", ["a.*b$&"], "a.*b$& axxb", "*** axxb"],
    [
      "knows the lines of a key",
      ["-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nshort\n-----END PRIVATE KEY-----\n"],
      "-----BEGIN PRIVATE KEY-----: MIGHAgEAMBMGByqGSM49, short",
      "-----BEGIN PRIVATE KEY-----: ***, short",
    ],
    ["is not stopped by half a character", ["\ud800abcd"], "\ud800abcd", "***"],
  ];
  for (const [title, secrets, text, expected] of cases) {
    it(title, () => assert.equal(redactor(secrets)(text), expected));
  }
});

describe("a text made plain", () => {
  it("loses control characters and keeps its lines", () => {
    assert.equal(plainText("a\u001b[0mb\r\n\tc\u0000\u202e", 100), "a\ufffd[0mb\n\tc\ufffd\ufffd");
  });

  it("keeps its beginning and its end where it is too long", () => {
    assert.equal(plainText("0123456789", 6), "012\n…\n789");
    assert.equal(plainText("012345", 6), "012345");
  });
});
