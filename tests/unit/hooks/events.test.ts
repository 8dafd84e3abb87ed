import assert from "node:assert/strict";
import { start, useRig, type Running } from "./fixture";

describe("the event log of a FlinkDeployment", () => {
  const rig = useRig();

  /** The reasons of what is new in the log since the last time, oldest first. */
  function fresh({ stack }: Running, before: number): string[] {
    const { events } = stack.outputs;
    return events
      .slice(0, events.length - before)
      .map(({ reason }) => reason)
      .reverse();
  }

  it("has each step of a deployment's life with its reason, oldest to newest", async () => {
    const running = await start(rig, { maxEvents: 1_000 });
    const { flink, stack, program } = running;
    const story: [what: string, act: () => Promise<unknown>, reasons: string[]][] = [
      [
        "a job that changed",
        () => stack.up(program({ parallelism: 2 })),
        ["SpecChanged", "Snapshot", "JobStatusChanged", "Submit", "JobStatusChanged"],
      ],
      [
        "a suspension",
        () => stack.up(program({ parallelism: 2, state: "SUSPENDED" })),
        ["Snapshot", "JobStatusChanged", "Suspended"],
      ],
      ["a resumption", () => stack.up(program({ parallelism: 2 })), ["Submit", "JobStatusChanged"]],
      [
        "a job that failed",
        async () => {
          flink.activeJobs()[0]?.checkpoint();
          flink.activeJobs()[0]?.end("FAILED", "out of memory");
          await stack.up(program({ parallelism: 2 }));
        },
        ["RecoverDeployment", "Snapshot", "JobStatusChanged", "Submit", "JobStatusChanged"],
      ],
      [
        "a cancellation",
        async () => {
          flink.activeJobs()[0]?.checkpoint();
          await stack.up(program({ parallelism: 2, state: "CANCELLED" }));
        },
        ["Snapshot", "JobStatusChanged", "Cancelled"],
      ],
      [
        "a policy that changed",
        () => stack.up(program({ parallelism: 2, state: "CANCELLED", displayName: "Orders" })),
        ["SpecChanged"],
      ],
    ];
    for (const [what, act, reasons] of story) {
      const before = stack.outputs.events.length;
      await act();
      assert.deepEqual(fresh(running, before), reasons, what);
    }
  });

  it("names what changed, and no value of it", async () => {
    const { stack, program, flink } = await start(rig);
    const other = await rig.flink({ storage: flink.storage });
    await stack.up(
      program({ cluster: { url: other.url }, flinkConfiguration: { password: "hunter2" }, annotations: { a: "b" } }),
    );
    const { message = "" } = stack.outputs.events.find(({ reason }) => reason === "SpecChanged") ?? {};
    assert.equal(message, `changed: flinkConfiguration, annotations, the cluster (${flink.url} to ${other.url})`);
    assert.doesNotMatch(JSON.stringify(stack.outputs.events), /hunter2/);
  });

  it("tells why a job was brought back, or what it was missed", async () => {
    const { stack, program, flink } = await start(rig);
    flink.activeJobs()[0]?.checkpoint();
    flink.activeJobs()[0]?.end("FAILED", "out of memory");
    await stack.up(program());
    const recovered = stack.outputs.events.find(({ reason }) => reason === "RecoverDeployment");
    assert.match(recovered?.message ?? "", /is FAILED: .*out of memory; it is started again/);
    const jobId = stack.outputs.jobId ?? "none";
    flink.restartJobManager({ highAvailability: false });
    await stack.refresh();
    const [newest] = stack.outputs.events;
    assert.deepEqual([newest?.reason, newest?.message], ["Missing", `Flink does not know job ${jobId} any more`]);
    const told = stack.outputs.events.length;
    await stack.refresh();
    assert.equal(stack.outputs.events.length, told, "told once");
  });

  it("tells of a rollback, and of the failure that led to it", async () => {
    const { stack, program, flink } = await start(rig, { maxJobCreationAttempts: 1 });
    flink.script.run = ({ parallelism }) =>
      parallelism === 2 ? { status: "FAILED", exception: "no such topic" } : "run";
    await stack.failingUp(program({ parallelism: 2 }));
    const reasons = stack.outputs.events.map(({ reason }) => reason);
    assert.deepEqual(reasons.slice(0, 4), ["TransitionFailed", "JobStatusChanged", "Submit", "Rollback"]);
  });

  it("has at most maxEvents entries, the newest", async () => {
    const { stack, program } = await start(rig, { maxEvents: 3 });
    for (const restartNonce of [1, 2, 3]) await stack.up(program({ restartNonce }));
    assert.equal(stack.outputs.events.length, 3);
    assert.equal(stack.outputs.events[0]?.reason, "JobStatusChanged");
  });
});
