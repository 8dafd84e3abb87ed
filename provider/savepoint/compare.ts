import type { dynamic } from "@pulumi/pulumi";
import { leadsElsewhere } from "../deployment/jobSpecOf";
import { canonicalJson } from "../values/canonicalJson";
import { sourceOf, type SavepointInputs, type SavepointOutputs } from "./inputs";

/** What a savepoint is made of: a change of any takes another one. The job is not: what it is taken of is the past. */
const MADE_OF = ["triggers", "formatType", "targetDirectory", "adoptPath"] as const;

/** What is only recorded. */
const RECORDED = ["disposeOnDelete", "maxSavepointCreationAttempts", "timeouts"] as const;

type Compared = Partial<Pick<SavepointInputs, (typeof MADE_OF)[number] | (typeof RECORDED)[number]>>;

/**
 * Another savepoint is a replacement, the new one first. A job that has moved on, and another job, change nothing: they
 * count when the next savepoint is taken.
 */
export function diffSavepoint(olds: SavepointOutputs, news: SavepointInputs): dynamic.DiffResult {
  const differs = (name: keyof Compared): boolean =>
    canonicalJson([asked(olds, name)]) !== canonicalJson([asked(news, name)]);
  const replaces = MADE_OF.filter(differs);
  const { cluster } = sourceOf(news);
  // Without one, that of before still leads to the storage.
  const moved = cluster !== undefined && leadsElsewhere(olds.endpoint, cluster);
  return { changes: replaces.length > 0 || moved || RECORDED.some(differs), replaces, deleteBeforeReplace: false };
}

/** A format that is not asked for is Flink's own default. */
function asked(from: Compared, name: keyof Compared): unknown {
  return name === "formatType" ? (from.formatType ?? "CANONICAL") : from[name];
}
