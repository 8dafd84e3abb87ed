import { COUNTING_ENTRY_CLASS, OTHER_ENTRY_CLASS } from "../rig/countingJob";
import { FakeFlink, makeJar, type RunOutcome } from "../rig/fakeFlink";
import { describeContract } from "./contract";

const UNWRITABLE = "file:///unwritable";

for (const version of ["1.20.0", "2.3.0"] as const) {
  describeContract(`the contract, on the fake Flink ${version}`, async () => {
    const flink = await FakeFlink.start({ version, slots: 2 });
    flink.script.run = ({ programArgs }) => countingJob(programArgs);
    flink.script.savepoint = (job, _attempt, { directory }) => {
      if (directory === UNWRITABLE) return { fail: "An Exception occurred while triggering the checkpoint." };
      const args = job.submission?.programArgs ?? [];
      if (args.includes("--fail-savepoints")) return { fail: "Task declined.", thenStatus: "FAILED" };
      return args.includes("--fail-after-checkpoints") ? { completeButStopFails: "as asked for" } : "complete";
    };
    return {
      version,
      url: flink.url,
      jar: new Uint8Array(makeJar({ mainClass: COUNTING_ENTRY_CLASS, classes: [OTHER_ENTRY_CLASS] })),
      savepoints: "file:///savepoints",
      unwritable: UNWRITABLE,
      slots: 2,
      close: () => flink.close(),
    };
  });
}

/** What the counting job does with its main arguments. */
function countingJob(args: readonly string[]): RunOutcome {
  if (args.includes("--main-throws")) return { reject: "main throws, as asked for" };
  if (args.includes("--limit")) return { status: "FINISHED" };
  if (args.includes("--fail-after")) return { failsOverEvery: 2, exception: "as asked for" };
  const failAfter = args.indexOf("--fail-after-checkpoints");
  if (failAfter < 0) return "run";
  return { afterCheckpoints: Number(args[failAfter + 1]), thenStatus: "FAILED", exception: "as asked for" };
}
