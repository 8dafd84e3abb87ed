import { z } from "zod";
import { rememberCredentials } from "../access/credentials";
import { checkSchema } from "../checks/checkSchema";
import type { InputFailure } from "../checks/issues";
import {
  choice,
  describe,
  duration,
  fail,
  flag,
  hexadecimal,
  leaf,
  orUnknown,
  storagePath,
  text,
  wholeNumber,
} from "../checks/leaves";
import { identityOf } from "../deployment/desired";
import { clusterRules, type RuleFindings } from "../deployment/rules";
import { endpointSchema } from "../deployment/schema";
import { containsUnknown, isUnknown } from "../values/unknown";
import { rememberHeld } from "./held";
import { sourceOf, type SavepointInputs, type Triggers } from "./inputs";

const timeouts = z.strictObject({
  savepoint: duration("positive").optional(),
  running: duration("positive").default("5 min"),
  unreachable: duration("positive").default("1 min"),
});

const shape = {
  deployment: orUnknown(z.object({ cluster: endpointSchema.optional(), jobId: text().optional() })).optional(),
  cluster: endpointSchema.optional(),
  jobId: hexadecimal(32, "the id of a job").optional(),
  triggers: triggersSchema().optional(),
  formatType: choice(["CANONICAL", "NATIVE"]).optional(),
  targetDirectory: storagePath().optional(),
  adoptPath: storagePath().optional(),
  disposeOnDelete: flag().default(false),
  maxSavepointCreationAttempts: wholeNumber(1).default(4),
  timeouts: orUnknown(timeouts).default({ running: "5 min", unreachable: "1 min" }),
};

const schema = z.strictObject({
  ...shape,
  uid: text().optional(),
  markedSecrets: z.custom<SavepointInputs["markedSecrets"]>().optional(),
  resourceUrn: text().optional(),
  __provider: text().optional(),
});

/** The names that users may write at a path. */
function namesAt([first]: readonly string[]): readonly string[] {
  return first === "timeouts" ? Object.keys(timeouts.shape) : Object.keys(shape);
}

function triggersSchema(): z.ZodType<Triggers> {
  return leaf((value) => {
    if (typeof value !== "object" || value === null) {
      fail(`must be a map or a list of strings, numbers or booleans, not ${describe(value)}`);
    }
    for (const each of Object.values(value) as unknown[]) {
      if (typeof each === "object") fail(`must hold strings, numbers and booleans only, but holds ${describe(each)}`);
    }
    return value as Triggers;
  });
}

/** The arguments of a Savepoint with their defaults, and all that is wrong with them. */
export function checkSavepoint(news: Record<string, unknown>): {
  inputs: SavepointInputs;
  failures: InputFailure[];
  warnings: string[];
} {
  const { inputs, wrong } = checkSchema<SavepointInputs>(schema, namesAt, withoutEmptyCluster(news));
  const findings: RuleFindings = { failures: [], warnings: [] };
  sourceRules(inputs, findings);
  adoptionRules(inputs, findings);
  const failures = [...wrong, ...findings.failures];
  if (failures.length === 0) remember(inputs);
  return { inputs, failures, warnings: findings.warnings };
}

/** A deployment that is on no cluster has an endpoint without any field. */
function withoutEmptyCluster(news: Record<string, unknown>): Record<string, unknown> {
  const { deployment } = news;
  if (typeof deployment !== "object" || deployment === null || !("cluster" in deployment)) return news;
  const { cluster, ...others } = deployment;
  const isEmpty = typeof cluster === "object" && cluster !== null && Object.keys(cluster).length === 0;
  return isEmpty ? { ...news, deployment: others } : news;
}

function sourceRules(
  { deployment, cluster, jobId, adoptPath, disposeOnDelete }: SavepointInputs,
  findings: RuleFindings,
): void {
  const { failures } = findings;
  if (deployment !== undefined) {
    for (const [property, value] of Object.entries({ cluster, jobId })) {
      if (value !== undefined) {
        failures.push({ property, reason: "excludes deployment, which says where its job is: give one of the two" });
      }
    }
    return;
  }
  if (cluster !== undefined && !isUnknown(cluster)) clusterRules(cluster, findings);
  if (adoptPath !== undefined) {
    if (disposeOnDelete === true && cluster === undefined) {
      const reason = "needs deployment or cluster as well: it is a Flink cluster that disposes of savepoints";
      failures.push({ property: "disposeOnDelete", reason });
    }
    return;
  }
  if (cluster === undefined && jobId === undefined) {
    const reason = "is required, or cluster and jobId, unless adoptPath names a savepoint that is there already";
    failures.push({ property: "deployment", reason });
  } else if (cluster === undefined) {
    failures.push({ property: "cluster", reason: "is required with jobId: it is the cluster that the job runs on" });
  } else if (jobId === undefined) {
    failures.push({
      property: "jobId",
      reason: "is required with cluster: it is the job that a savepoint is taken of",
    });
  }
}

function adoptionRules(inputs: SavepointInputs, { failures }: RuleFindings): void {
  if (inputs.adoptPath === undefined) return;
  for (const property of ["jobId", "triggers", "formatType", "targetDirectory"] as const) {
    if (inputs[property] === undefined) continue;
    failures.push({ property, reason: "has no meaning with adoptPath, for which no savepoint is taken: leave it out" });
  }
}

/** What hooks need that are not told what the program says. */
function remember(inputs: SavepointInputs): void {
  const { cluster } = sourceOf(inputs);
  if (cluster !== undefined && !containsUnknown(cluster)) rememberCredentials(identityOf(cluster).key, cluster);
  if (inputs.adoptPath !== undefined) rememberHeld(inputs.adoptPath);
}
