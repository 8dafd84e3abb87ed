import assert from "node:assert/strict";
import { checkFailures, hookError, PartialFailure } from "../../../provider/engine/failure";
import { EngineGoneError } from "../../../provider/engine/fence";

describe("failures as the engine shows them", () => {
  it("never name a property to the engine, which would print its value", () => {
    const shown = checkFailures([
      { property: "cluster.url", reason: "must be a URL" },
      { property: "", reason: "names are too long" },
    ]);
    assert.deepEqual(shown, [
      { property: "", reason: "cluster.url must be a URL" },
      { property: "", reason: "names are too long" },
    ]);
  });

  it("carry the chain of causes in the message, each cause once", () => {
    const root = new Error("connect ECONNREFUSED");
    const middle = new Error("the cluster cannot be reached: connect ECONNREFUSED", { cause: root });
    const top = new Error("nothing was stopped", { cause: middle });
    assert.equal(
      hookError(top).message,
      "nothing was stopped\nCaused by: the cluster cannot be reached: connect ECONNREFUSED",
    );
    assert.equal(hookError("a text").message, "a text");
  });

  it("show a stack for what is a bug and none for what users can act on", () => {
    const bug = new TypeError("x is not a function");
    assert.equal(hookError(bug).stack, bug.stack);
    const known = hookError(new EngineGoneError());
    assert.equal(`${String(known)}: ${known.stack}`, "FLINK_ENGINE_GONE: the resource's own error says more");
  });

  it("keep the outputs of a partial failure together with the serialized provider", () => {
    const failure = new PartialFailure(
      new Error("no savepoint\nnext: look"),
      "orders-1",
      { a: 1 },
      { __provider: "p", b: 2 },
    );
    assert.equal(failure.id, "orders-1");
    assert.deepEqual(failure.properties, { a: 1, __provider: "p" });
    assert.deepEqual(failure.reasons, ["no savepoint\n\t  next: look"]);
    assert.equal(failure.message, "no savepoint\nnext: look");
  });
});
