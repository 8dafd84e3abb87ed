import assert from "node:assert/strict";
import {
  conditionsOf,
  jobSeen,
  refreshedConditions,
  warningOf,
  type JobSeen,
} from "../../../provider/deployment/conditions";
import { cluster, jobId, NEW, observation, observedJob, OLD, UNREACHABLE } from "../../rig/lifecycle/builders";

const NOON = "2026-01-15T12:00:00.000Z";
const LATER = "2026-01-15T12:30:00.000Z";
const MINUTE = 60_000;

const seen = (...minutes: number[]): JobSeen => ({
  restarts: { ages: minutes.map((each) => each * MINUTE), cause: "IllegalStateException: no such topic" },
});

/** JobFailing and JobUnstable. */
function statuses(of: JobSeen): string[] {
  return conditionsOf(undefined, of, NOON)
    .filter(({ type }) => type !== "ClusterUnreachable")
    .map(({ status }) => status);
}

describe("the conditions of a running deployment", () => {
  it("are three, each with all that a condition has", () => {
    assert.deepEqual(conditionsOf(undefined, seen(1, 2), NOON), [
      {
        type: "ClusterUnreachable",
        status: "False",
        reason: "ClusterReachable",
        message: "The cluster answered when it was last asked.",
        lastTransitionTime: NOON,
        lastUpdateTime: NOON,
      },
      {
        type: "JobFailing",
        status: "False",
        reason: "FewRestarts",
        message: "The job restarted fewer than 3 times within the last 10 minutes.",
        lastTransitionTime: NOON,
        lastUpdateTime: NOON,
      },
      {
        type: "JobUnstable",
        status: "False",
        reason: "FewRestarts",
        message: "The job restarted fewer than 3 times within the last 60 minutes.",
        lastTransitionTime: NOON,
        lastUpdateTime: NOON,
      },
    ]);
  });

  it("are JobFailing from three restarts within 10 minutes on, and JobUnstable with it", () => {
    assert.deepEqual(statuses(seen()), ["False", "False"]);
    assert.deepEqual(statuses(seen(1, 9)), ["False", "False"]);
    assert.deepEqual(statuses(seen(1, 5, 10)), ["True", "True"]);
  });

  it("are JobUnstable alone where the three are within 60 minutes", () => {
    assert.deepEqual(statuses(seen(1, 9, 11)), ["False", "True"]);
    assert.deepEqual(statuses(seen(20, 40, 60)), ["False", "True"]);
    assert.deepEqual(statuses(seen(20, 40, 61)), ["False", "False"]);
  });

  it("are Unknown where the cluster, or Flink, does not say", () => {
    assert.deepEqual(statuses({ unreachable: "connection refused" }), ["Unknown", "Unknown"]);
    assert.deepEqual(statuses({}), ["Unknown", "Unknown"]);
  });

  it("move the time of their last transition only when their status changes", () => {
    const before = conditionsOf(undefined, seen(1, 2), NOON);
    const after = conditionsOf(before, seen(11, 12, 13), LATER);
    assert.deepEqual(
      after.map(({ type, status, lastTransitionTime, lastUpdateTime }) => [
        type,
        status,
        lastTransitionTime,
        lastUpdateTime,
      ]),
      [
        ["ClusterUnreachable", "False", NOON, LATER],
        ["JobFailing", "False", NOON, LATER],
        ["JobUnstable", "True", LATER, LATER],
      ],
    );
  });

  it("stay the very same in a refresh that finds only that time has passed", () => {
    const before = conditionsOf(undefined, seen(1, 2, 3), NOON);
    assert.equal(refreshedConditions(before, seen(4, 5, 6), LATER), before);
    assert.equal(refreshedConditions(before, seen(1, 2, 3, 4, 5), LATER), before, "a count is no news either");
    assert.notEqual(refreshedConditions(before, seen(31, 32, 33), LATER), before);
  });

  it("give a line with the last failure for a job that is not well, and none for one that is", () => {
    const cause = "Its last failure: IllegalStateException: no such topic";
    assert.equal(
      warningOf(seen(1, 2, 3)),
      `JobFailing: The job restarted 3 or more times within the last 10 minutes. ${cause}`,
    );
    assert.equal(
      warningOf(seen(20, 30, 40)),
      `JobUnstable: The job restarted 3 or more times within the last 60 minutes. ${cause}`,
    );
    assert.equal(warningOf(seen(1, 2)), undefined);
    assert.equal(warningOf({ unreachable: "connection refused" }), undefined);
  });
});

describe("what an observation says of the active job", () => {
  const restarts = { ages: [MINUTE] };
  const old = jobId(OLD, 3);

  it("is what is said of it on whichever cluster it is", () => {
    const shown = cluster([observedJob({ restarts })]);
    assert.deepEqual(jobSeen(observation(shown), old, false), { restarts });
    assert.deepEqual(jobSeen(observation(UNREACHABLE, { target: shown }), old, false), { restarts });
  });

  it("is that it has not restarted, where it was started after the observation", () => {
    const started = jobId(NEW, 4);
    const none = { restarts: { ages: [] } };
    assert.deepEqual(jobSeen(observation(cluster([observedJob({ restarts })])), started, true), none);
    assert.deepEqual(jobSeen(observation(UNREACHABLE, { target: cluster() }), started, true), none);
  });

  it("is that its cluster does not answer", () => {
    assert.deepEqual(jobSeen(observation(UNREACHABLE), old, false), { unreachable: "connection refused" });
  });

  it("is nothing, where Flink does not know it", () => {
    assert.deepEqual(jobSeen(observation(cluster()), old, false), {});
  });
});
