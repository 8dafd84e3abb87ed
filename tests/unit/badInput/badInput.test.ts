import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PAGE, withTable } from "./document";
import { found } from "./find";
import { BAD_INPUT } from "./table";

describe("bad input", () => {
  for (const row of BAD_INPUT) {
    it(`${row.what}, to a ${row.of}, is ${row.isWarning === true ? "warned of" : "refused"} with what would be right`, async () => {
      assert.deepEqual(await found(row), [row.says]);
    });
  }

  it("stands in docs/errors.md as it is said", () => {
    const page = readFileSync(PAGE, "utf8");
    assert.equal(page, withTable(page), "run `npm run docs:errors`");
  });
});
