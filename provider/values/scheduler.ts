/** Which keys say how a cluster's jobs come by their slots. */
export const SCHEDULER_KEYS = ["jobmanager.scheduler", "scheduler-mode"] as const;

/** Whether jobs run on as many slots as there are. */
export function isAdaptive(valueOf: (key: (typeof SCHEDULER_KEYS)[number]) => string | undefined): boolean {
  const [scheduler = "", mode = ""] = SCHEDULER_KEYS.map((key) => valueOf(key)?.toLowerCase());
  return scheduler.startsWith("adaptive") || mode === "reactive";
}
