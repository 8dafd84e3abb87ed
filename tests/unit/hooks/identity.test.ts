import assert from "node:assert/strict";
import * as hooks from "../../../provider/hooks/identity";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";

interface State {
  inputs: hooks.IdentityInputs;
  outputs: hooks.IdentityOutputs;
}

const A = { keepers: { image: "a" } };
const B = { keepers: { image: "b" } };

/** What the engine does with a resource that is there: check by its inputs, diff by its outputs. */
async function next(state: State, news: hooks.IdentityInputs): Promise<State & { replaced: boolean }> {
  const { inputs = {} } = await hooks.check(state.inputs, news);
  const { changes, replaces } = await hooks.diff("", state.outputs, inputs);
  assert.equal(changes, replaces?.length === 1);
  // Unchanged, it keeps its outputs, and takes the inputs.
  const outputs = changes === true ? (await hooks.create(inputs)).outs : state.outputs;
  return { inputs, outputs: outputs as hooks.IdentityOutputs, replaced: changes === true };
}

async function made(news: hooks.IdentityInputs): Promise<State> {
  const { inputs = {} } = await hooks.check({}, news);
  return { inputs, outputs: (await hooks.create(inputs)).outs as hooks.IdentityOutputs };
}

/** Which of several inputs, one after the other, replace it, and all epochs that there were. */
async function story(first: hooks.IdentityInputs, ...rest: hooks.IdentityInputs[]) {
  let state = await made(first);
  const replaced: boolean[] = [];
  const epochs = new Set([state.outputs.epoch]);
  for (const news of rest) {
    const then = await next(state, news);
    assert.equal(then.outputs.uid === state.outputs.uid, !then.replaced);
    replaced.push(then.replaced);
    epochs.add(then.outputs.epoch);
    state = then;
  }
  return { replaced, epochs: epochs.size };
}

describe("an Identity", () => {
  it("keeps the name that it was made under", async () => {
    const first = await made({ ...A, madeAs: "orders" });
    const renamed = await next(first, { ...A, madeAs: "shop" });
    assert.deepEqual([renamed.replaced, renamed.outputs.madeAs], [false, "orders"]);
    const another = await next(renamed, { ...B, madeAs: "shop" });
    assert.deepEqual([another.replaced, another.outputs.madeAs], [true, "shop"]);
  });

  it("is random, and its epoch is known from what it hangs on", async () => {
    const [one, other] = [await made(A), await made(A)];
    assert.match(one.outputs.uid, /^[0-9a-f]{32}$/);
    assert.notEqual(other.outputs.uid, one.outputs.uid);
    assert.match(one.outputs.epoch ?? "", /^[0-9a-f]{16}$/);
    assert.equal(other.outputs.epoch, one.outputs.epoch);
  });

  it("stays while its keepers do, and never comes back", async () => {
    assert.deepEqual(await story(A, A, B, B, A, B), { replaced: [false, true, false, true, true], epochs: 4 });
  });

  it("stays when a keeper is left out or comes anew, and compares with what was there last", async () => {
    const both = { keepers: { image: "a", job: "1" } };
    const other = { keepers: { image: "a", job: "2" } };
    assert.deepEqual(await story(A, both, A, both, A, other, other), {
      replaced: [false, false, false, false, true, false],
      epochs: 2,
    });
  });

  it("has the same next epoch in the preview and in the update", async () => {
    const state = await made(A);
    assert.equal((await next(state, B)).inputs.epoch, (await next(state, B)).inputs.epoch);
  });

  it("stays while numbers grow, and is replaced when one is smaller than it was last", async () => {
    const counts = (...values: number[]) => values.map((count) => ({ growing: { count } }));
    const [first = {}, ...rest] = counts(1, 3, 3, 2, 2, 4, 2);
    assert.deepEqual(await story(first, ...rest), { replaced: [false, false, true, false, false, true], epochs: 3 });
    assert.deepEqual((await story({}, { growing: { count: 1 } })).replaced, [false]);
  });

  it("stays while it is pinned, and is not replaced later for what changed meanwhile", async () => {
    const pinned = (count: number, keepers = B.keepers) => ({ keepers, growing: { count }, pinned: true });
    const rest = [pinned(5), pinned(2), { ...pinned(2), pinned: false }, { ...pinned(1), pinned: false }];
    assert.deepEqual(await story({ ...A, growing: { count: 3 } }, ...rest), {
      replaced: [false, false, false, true],
      epochs: 2,
    });
    assert.deepEqual((await story(A, pinned(1), A)).replaced, [false, true]);
  });

  it("is not known to stay while something that it hangs on is not known", async () => {
    const unknown = { keepers: { image: UNKNOWN_VALUE } };
    assert.equal((await made(unknown)).inputs.epoch, UNKNOWN_VALUE);
    const state = await made({ ...A, growing: { count: 2 } });
    const epochOf = async (news: unknown) => (await next(state, news as hooks.IdentityInputs)).inputs.epoch;
    assert.equal(await epochOf(unknown), UNKNOWN_VALUE);
    assert.equal(await epochOf({ ...A, growing: { count: UNKNOWN_VALUE } }), UNKNOWN_VALUE);
    assert.equal(await epochOf({ ...B, pinned: UNKNOWN_VALUE }), UNKNOWN_VALUE);
    assert.equal(await epochOf({ ...unknown, pinned: true }), state.inputs.epoch);
    assert.equal(await epochOf({ ...A, growing: { count: 2 }, pinned: UNKNOWN_VALUE }), state.inputs.epoch);
  });
});
