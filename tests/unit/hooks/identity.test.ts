import assert from "node:assert/strict";
import * as hooks from "../../../provider/hooks/identity";

/** What the engine does with a resource that is there: check by its inputs, diff by its outputs. */
async function next(
  state: { inputs: hooks.IdentityInputs; outputs: hooks.IdentityOutputs },
  news: hooks.IdentityInputs,
) {
  const { inputs = {} } = await hooks.check(state.inputs, news);
  const { changes, replaces } = await hooks.diff("", state.outputs, inputs);
  if (changes !== true) return { replaces, state: { inputs, outputs: state.outputs } };
  return { replaces, state: await made(news) };
}

async function made(news: hooks.IdentityInputs) {
  const { inputs = {} } = await hooks.check({}, news);
  return { inputs, outputs: (await hooks.create(inputs)).outs as hooks.IdentityOutputs };
}

describe("an Identity", () => {
  it("is random, and stays while its keepers do", async () => {
    const state = await made({ keepers: { a: "1" } });
    assert.match(state.outputs.uid, /^[0-9a-f]{32}$/);
    assert.notEqual((await made({ keepers: { a: "1" } })).outputs.uid, state.outputs.uid);
    assert.deepEqual((await next(state, { keepers: { a: "1" } })).replaces, []);
    assert.deepEqual((await next(state, { keepers: { a: "2" } })).replaces, ["keepers"]);
  });

  it("stays while numbers grow, and is replaced when one is smaller than it ever was", async () => {
    const one = await made({ growing: { count: 1 } });
    const three = await next(one, { growing: { count: 3 } });
    assert.deepEqual(three.replaces, []);
    const two = await next(three.state, { growing: { count: 2 } });
    assert.deepEqual(two.replaces, ["growing"]);
    assert.deepEqual((await next(two.state, { growing: { count: 2 } })).replaces, []);
    assert.deepEqual((await next(two.state, { growing: { count: 4 } })).replaces, []);
  });
});
