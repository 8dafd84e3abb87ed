import { formatDuration } from "../values/duration";
import { mayBeSameSnapshot } from "../values/snapshotPath";
import { clusterOf, type ExecutionContext } from "./execution";
import type { DisposalPort, DisposalResult } from "./ports";
import { beyondLimits, useOf } from "./snapshotHistory";
import type { Step } from "./steps";
import { pollUntil, whileUnreachable, type WaitContext } from "./waiting";

/** How long one disposal may take: it deletes all files of a savepoint. */
const DISPOSAL_TIMEOUT_MS = 600_000;
/** How often a disposal is begun that a JobManager forgets. */
const MAX_BEGUN = 3;

/** What came of a disposal. */
export type Disposal =
  | { readonly kind: "disposed" }
  /** It had been gone before. */
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly reason: string };

/** Disposes of one savepoint. Repeating it does no harm: one that is gone is fine. */
export async function disposeOf(context: WaitContext, port: DisposalPort, path: string): Promise<Disposal> {
  for (let begun = 1; ; begun += 1) {
    const disposalId = await whileUnreachable(context, () => port.beginDisposal(path));
    const result = await pollUntil(context, DISPOSAL_TIMEOUT_MS, async (waited) => {
      const seen = await port.disposalResult(disposalId);
      if (seen.kind === "inProgress") {
        context.reporter.progress(`disposing of savepoint ${path} (${formatDuration(waited)})`);
        return undefined;
      }
      return seen;
    });
    if (result?.kind !== "unknown" || begun === MAX_BEGUN) return disposalOf(result);
  }
}

function disposalOf(result: DisposalResult | undefined): Disposal {
  switch (result?.kind) {
    case "completed":
      return { kind: "disposed" };
    case "missing":
    case "failed":
      return result;
    case "unknown":
      return { kind: "failed", reason: "Flink forgot the disposal (its JobManager may have restarted)" };
    case "inProgress":
    case undefined:
      return { kind: "failed", reason: `it was still in progress after ${formatDuration(DISPOSAL_TIMEOUT_MS)}` };
  }
}

type DisposeStep = Extract<Step, { kind: "dispose" }>;

/** What a dispose step has come to. */
export interface DisposeOutcome {
  readonly disposed: readonly string[];
  readonly failures: readonly string[];
}

/**
 * Carries out a dispose step. Savepoints that stay behind do no harm: a transition that has reached its end never fails
 * for them, and the next one tries again.
 */
export async function executeDispose(context: ExecutionContext, step: DisposeStep): Promise<DisposeOutcome> {
  const disposed: string[] = [];
  const failures: string[] = [];
  try {
    const port = clusterOf(context, step.where);
    const needed = (await whileUnreachable(context, () => port.neededSnapshots())).map(({ path }) => path);
    for (const { path } of stillBeyond(context, step)) {
      if (needed.some((each) => mayBeSameSnapshot(each, path))) continue;
      const result = await disposeOf(context, port, path);
      if (result.kind === "failed") failures.push(`${path}: ${result.reason}`);
      else {
        disposed.push(path);
        context.ledger.disposed(path);
      }
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
  if (failures.length > 0) {
    const message = `Savepoints that nothing needs any more could not be disposed of: ${failures.join("; ")}`;
    context.reporter.warn(`${message}. The next transition tries again.`);
    context.ledger.note({ kind: "note", reason: "CleanupFailed", message });
  }
  return { disposed, failures };
}

/** The plan foresaw what the transition would leave: what is needed after all stays. */
function stillBeyond({ ledger, desired, clock }: ExecutionContext, step: DisposeStep): DisposeStep["snapshots"] {
  const { policy } = desired;
  const { record } = ledger;
  const beyond = beyondLimits(record.snapshots, useOf(record, policy), policy.savepointHistory, clock.now());
  return step.snapshots.filter(({ path }) => beyond.some((snapshot) => snapshot.path === path));
}
