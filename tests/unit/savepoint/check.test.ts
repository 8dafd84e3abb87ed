import assert from "node:assert/strict";
import { checkSavepoint } from "../../../provider/savepoint/check";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";

const JOB = "0".repeat(32);
const cluster = { url: "http://localhost:8081" };
const deployment = { cluster, jobId: JOB };

function failuresOf(news: Record<string, unknown>): string[] {
  return checkSavepoint(news).failures.map(({ property, reason }) => `${property}: ${reason}`);
}

describe("the arguments of a Savepoint", () => {
  it("have their defaults filled in", () => {
    assert.deepEqual(checkSavepoint({ deployment, formatType: "native" }).inputs, {
      deployment,
      formatType: "NATIVE",
      disposeOnDelete: false,
      maxSavepointCreationAttempts: 4,
      timeouts: { running: "5 min", unreachable: "1 min" },
    });
  });

  it("are accepted in each of their forms", () => {
    for (const news of [
      { deployment },
      // A deployment that is on no cluster, and runs nothing: there may be a savepoint of before.
      { deployment: { cluster: {}, jobId: null } },
      { deployment: UNKNOWN_VALUE },
      { deployment: { cluster: UNKNOWN_VALUE, jobId: UNKNOWN_VALUE } },
      { cluster, jobId: JOB.toUpperCase(), triggers: { release: 7, night: true } },
      { cluster, jobId: UNKNOWN_VALUE, triggers: ["a", UNKNOWN_VALUE] },
      { cluster: UNKNOWN_VALUE, jobId: JOB, triggers: UNKNOWN_VALUE },
      { adoptPath: "s3://bucket/savepoint-1" },
      { adoptPath: UNKNOWN_VALUE },
      { adoptPath: "s3://bucket/savepoint-1", cluster, disposeOnDelete: true },
      { adoptPath: "s3://bucket/savepoint-1", deployment, disposeOnDelete: true },
    ]) {
      assert.deepEqual(failuresOf(news), [], JSON.stringify(news));
    }
  });

  for (const [title, news, failure] of [
    [
      "nothing that a savepoint could be taken of",
      {},
      /^deployment: is required, or cluster and jobId, unless adoptPath/,
    ],
    ["a cluster without a job", { cluster }, /^jobId: is required with cluster/],
    ["a job without a cluster", { jobId: JOB }, /^cluster: is required with jobId/],
    ["a cluster beside a deployment", { deployment, cluster }, /^cluster: excludes deployment/],
    ["a job beside a deployment", { deployment, jobId: JOB }, /^jobId: excludes deployment/],
    ["a job that is none", { cluster, jobId: "top-speed" }, /^jobId: must be the id of a job: 32 hexadecimal digits/],
    [
      "a cluster without an address",
      { cluster: { bearerToken: "hunter2" }, jobId: JOB },
      /^cluster: needs exactly one of url/,
    ],
    ["an adopted path without a scheme", { adoptPath: "/savepoints/1" }, /^adoptPath: must begin with the scheme/],
    [
      "triggers of an adopted path",
      { adoptPath: "s3://b/1", triggers: [1] },
      /^triggers: has no meaning with adoptPath/,
    ],
    ["a format of an adopted path", { adoptPath: "s3://b/1", formatType: "NATIVE" }, /^formatType: has no meaning/],
    [
      "a directory for an adopted path",
      { adoptPath: "s3://b/1", targetDirectory: "s3://b" },
      /^targetDirectory: has no/,
    ],
    ["a job beside an adopted path", { adoptPath: "s3://b/1", cluster, jobId: JOB }, /^jobId: has no meaning/],
    [
      "a disposal that nobody could do",
      { adoptPath: "s3://b/1", disposeOnDelete: true },
      /^disposeOnDelete: needs deployment or cluster/,
    ],
    [
      "a directory without a scheme",
      { deployment, targetDirectory: "savepoints" },
      /^targetDirectory: must begin with the scheme/,
    ],
    ["an unknown format", { deployment, formatType: "NATIV" }, /^formatType: is "NATIV".*did you mean NATIVE\?/],
    ["triggers that are one value", { deployment, triggers: "now" }, /^triggers: must be a map or a list/],
    [
      "triggers that hold a map",
      { deployment, triggers: { a: { b: 1 } } },
      /^triggers: must hold strings, numbers and booleans only, but holds an object/,
    ],
    [
      "no attempts",
      { deployment, maxSavepointCreationAttempts: 0 },
      /^maxSavepointCreationAttempts: must be at least 1/,
    ],
    [
      "a timeout of zero",
      { deployment, timeouts: { savepoint: "0 s" } },
      /^timeouts\.savepoint: must be longer than zero/,
    ],
    [
      "a mistyped timeout",
      { deployment, timeouts: { runing: "1 s" } },
      /^timeouts\.runing: is not known here; did you mean running\?/,
    ],
    ["a mistyped argument", { deployment, trigger: [1] }, /^trigger: is not known here; did you mean triggers\?/],
    [
      "disposal that is neither on nor off",
      { deployment, disposeOnDelete: "yes" },
      /^disposeOnDelete: must be true or false/,
    ],
  ] as const) {
    it(`refuse ${title}`, () => {
      const failures = failuresOf(news);
      assert.equal(failures.length, 1, failures.join("\n"));
      assert.match(failures[0] ?? "", failure);
      assert.doesNotMatch(failures[0] ?? "", /hunter2/);
    });
  }

  it("are all refused at once", () => {
    assert.equal(failuresOf({ triggers: 1, formatType: "X", targetDirectory: "y", colour: 1 }).length, 5);
  });
});
