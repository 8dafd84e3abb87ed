const UNITS: Record<string, number> = { ms: 1, s: 1000, sec: 1000, min: 60_000, m: 60_000, h: 3_600_000 };

/** A duration as Flink's configuration spells it; undefined for none, and for 0. */
export function durationMs(text: string | undefined): number | undefined {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text ?? "");
  if (match === null) return undefined;
  return Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase() || "ms"] ?? 1) || undefined;
}
