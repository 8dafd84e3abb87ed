import type { InputFailure } from "../../provider/checks/issues";
import { isAdaptive, SCHEDULER_KEYS } from "../../provider/values/scheduler";
import { isUnknown } from "../../provider/values/unknown";

/** What a job is to run on. Any value may be the unknown one. */
export interface PlannedSlots {
  readonly parallelism: unknown;
  /** As it is given; undefined: as many as the parallelism needs. */
  readonly numberOfTaskManagers: unknown;
  readonly slotsPerTaskManager: number;
  readonly flinkConfiguration: unknown;
}

/** A job that would wait for slots in vain. */
export function checkSlots(planned: PlannedSlots): InputFailure[] {
  const { parallelism, numberOfTaskManagers, slotsPerTaskManager, flinkConfiguration } = planned;
  // What is wrong by itself is said already.
  if (!isCount(parallelism) || !isCount(numberOfTaskManagers) || !isCount(slotsPerTaskManager)) return [];
  const slots = numberOfTaskManagers * slotsPerTaskManager;
  if (parallelism <= slots || mayRunOnFewer(flinkConfiguration)) return [];
  const wanted = Math.ceil(parallelism / slotsPerTaskManager);
  return [
    {
      property: "parallelism",
      reason:
        `is ${parallelism}, but numberOfTaskManagers times slotsPerTaskManager is ${slots}: the job would wait for slots in ` +
        `vain. Raise numberOfTaskManagers to ${wanted}, or leave it out: then there are as many as the job needs`,
    },
  ];
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

const RUNTIME_MODE = "execution.runtime-mode";

/** An adaptive scheduler takes the slots that there are; a batch job's tasks run one after another. */
function mayRunOnFewer(configuration: unknown): boolean {
  if (configuration === undefined) return false;
  // What is not known yet may say so.
  if (typeof configuration !== "object" || configuration === null) return true;
  const values = configuration as Readonly<Record<string, unknown>>;
  const valueOf = (key: string): string => {
    const value = values[key];
    return typeof value === "string" ? value.toLowerCase() : "";
  };
  return (
    [...SCHEDULER_KEYS, RUNTIME_MODE].some((key) => isUnknown(values[key])) ||
    isAdaptive(valueOf) ||
    ["batch", "automatic"].includes(valueOf(RUNTIME_MODE))
  );
}
