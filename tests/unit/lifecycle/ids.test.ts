import assert from "node:assert/strict";
import fc from "fast-check";
import {
  deriveJobId,
  deriveStopTriggerId,
  jobIdPrefix,
  newestFirst,
  nextGeneration,
  parseJobId,
} from "../../../provider/lifecycle/ids";
import { jobSpecDigest } from "../../../provider/lifecycle/jobSpec";
import { NEW, OLD, spec } from "../../rig/lifecycle/builders";

const DIGEST = jobSpecDigest(OLD);

describe("ids", () => {
  it("a job id is what Flink accepts, and says whose it is, which generation, attempt and specification", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xff }),
        (uid, generation, attempt) => {
          const id = deriveJobId(uid, { generation, attempt, digest: DIGEST });
          assert.match(id, /^[0-9a-f]{32}$/);
          assert.ok(id.startsWith(jobIdPrefix(uid)));
          assert.deepEqual(parseJobId(uid, id), { generation, attempt, digest: DIGEST.slice(0, 10) });
        },
      ),
      { seed: 1 },
    );
  });

  it("two deployments never take each other's jobs for their own", () => {
    assert.equal(parseJobId("another", deriveJobId("one", { generation: 1, attempt: 0, digest: DIGEST })), undefined);
    assert.equal(parseJobId("one", "not an id"), undefined);
  });

  it("a specification's digest does not depend on the order of its keys, and on everything else", () => {
    const reordered = Object.fromEntries(Object.entries(OLD).reverse()) as unknown as typeof OLD;
    assert.equal(jobSpecDigest(reordered), DIGEST);
    const others = [
      NEW,
      spec("old", { parallelism: 2 }),
      spec("old", { mainArgs: ["x"] }),
      spec("old", { entryClass: "a.B" }),
      spec("old", { restartNonce: 1 }),
      spec("old", { savepointRedeployNonce: 1 }),
      spec("old", { annotations: { a: "b" } }),
      spec("old", { flinkConfiguration: {} }),
    ];
    const digests = others.map(jobSpecDigest);
    assert.equal(new Set([...digests, DIGEST]).size, others.length + 1);
  });

  it("a stop's trigger is the same for the same attempt at the same job, and another for every other", () => {
    const ids = [1, 2].flatMap((generation) =>
      [0, 1, 2].map((attempt) => deriveStopTriggerId("uid", generation, attempt)),
    );
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(deriveStopTriggerId("uid", 1, 0), ids[0]);
    assert.match(ids[0] ?? "", /^[0-9a-f]{32}$/);
  });

  it("a generation is newer than those before it, also after the numbers have begun again", () => {
    assert.equal(nextGeneration(0xffff), 0);
    const history = [0xfffe, 0xffff, 0, 1].map((generation) => ({ generation, attempt: 0 }));
    assert.deepEqual([...history].sort(newestFirst), [...history].reverse());
    assert.ok(newestFirst({ generation: 3, attempt: 1 }, { generation: 3, attempt: 0 }) < 0);
    assert.ok(newestFirst({ generation: 4, attempt: 0 }, { generation: 3, attempt: 9 }) < 0);
  });
});
