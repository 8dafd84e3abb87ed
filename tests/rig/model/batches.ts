/** Many sequences, on all processors of this machine. */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { BatchAnswer } from "./batchProcess";
import { checkSequences, type Batch } from "./sequences";

/** Whatever processors there are, a seed stands for the same sequences. */
const BATCH_RUNS = 250;

/** Runs so many sequences: few in this process, more in as many processes as there are processors. */
export async function checkBatches({ seed, runs }: Batch): Promise<void> {
  if (runs <= BATCH_RUNS) return checkSequences({ seed, runs });
  const waiting = Array.from({ length: Math.ceil(runs / BATCH_RUNS) }, (_, index): Batch => {
    const left = runs - index * BATCH_RUNS;
    return { seed: seed + index, runs: Math.min(BATCH_RUNS, left) };
  });
  const processes = Array.from({ length: Math.min(availableParallelism(), waiting.length) }, () =>
    fork(join(__dirname, "batchProcess.js"), { execArgv: ["--enable-source-maps"] }),
  );
  try {
    await Promise.all(processes.map((child) => work(child, waiting)));
  } finally {
    for (const child of processes) child.kill("SIGKILL");
  }
}

/** One process, until nothing is waiting. */
async function work(child: ChildProcess, waiting: Batch[]): Promise<void> {
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    child.send(batch);
    const failure = await answerOf(child);
    if (failure !== undefined) assert.fail(failure);
  }
}

async function answerOf(child: ChildProcess): Promise<string | undefined> {
  const answered = new AbortController();
  const { signal } = answered;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([answer]: BatchAnswer[]) => answer?.failure),
      once(child, "exit", { signal }).then(([code]) => `a process that ran sequences ended by itself: ${String(code)}`),
    ]);
  } finally {
    answered.abort();
  }
}
