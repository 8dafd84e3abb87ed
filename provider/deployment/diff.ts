import { isAssetValue } from "../artifacts/pulumiAsset";
import { hookError } from "../engine/failure";
import type { ResourceLog } from "../engine/log";
import { currentPhase } from "../engine/phase";
import { planReplacement } from "../lifecycle/planReplacement";
import type { Plan, PlannedTransition } from "../lifecycle/planTypes";
import { TransitionRefusedError } from "../lifecycle/refusals";
import { canonicalJson } from "../values/canonicalJson";
import type { ArtifactSummary } from "./artifact";
import type { DeploymentInputs } from "./inputs";
import { jobSeen, warningOf } from "./conditions";
import { lookAhead, type Look, type LookOptions } from "./lookAhead";
import type { DeploymentOutputs } from "./outputs";
import { planLines } from "./planLines";
import { openLog } from "./resourceRow";
import { ARGUMENT_NAMES } from "./schema";
import { redactorOf } from "./secrets";
import { activeJobId } from "./status";

/** What Pulumi wants to know of a change. */
export interface DeploymentDiff {
  readonly changes: boolean;
}

/**
 * Compares what is asked for with what was accepted and with what Flink says now, and prints the plan in the preview.
 * Never refuses a preview, but for a change that would take the cluster from under a job that is to be left alone.
 */
export async function diffDeployment(
  olds: DeploymentOutputs,
  news: DeploymentInputs,
  options: Pick<LookOptions, "observeTimeoutMs"> = {},
): Promise<DeploymentDiff> {
  const log = openLog(news, olds);
  // In a refresh no check has told the phase: then nothing is planned, so nothing is printed.
  const preview = currentPhase() === "preview";
  try {
    const look = await lookAhead(olds, news, { ...options, warn: (text) => preview && log.warn(text) });
    refuseUpgradeWithoutStrategy(look.planned);
    const changes =
      acceptedChanges(olds, news) || olds.record.transition !== undefined || acts(look.planned, look.summary);
    if (preview) print(log, look, changes, olds);
    return { changes };
  } catch (error) {
    throw hookError(error, redactorOf(news, olds));
  } finally {
    await log.flush();
  }
}

/** Prints what creating the deployment will do: Pulumi asks no diff of what does not exist yet. */
export async function previewCreate(inputs: DeploymentInputs): Promise<void> {
  const log = openLog(inputs);
  try {
    const look = await lookAhead(undefined, inputs, { warn: (text) => log.warn(text) });
    const { current } = look.planned.situation;
    if (current.kind === "active") printReplacement(log, look, current.sighting.job.jobId);
    else print(log, look, true, undefined);
  } finally {
    await log.flush();
  }
}

/** A replacement (`--replace`) is a delete, which Pulumi never previews, and then a create that knows nothing of it. */
function printReplacement(log: ResourceLog, { input, planned, observation }: Look, jobId: string): void {
  const { deletion, creation } = planReplacement(input);
  const show = (plan: Plan): void => {
    for (const { level, text } of planLines({ plan }, observation.time)) log[level](text);
  };
  log.info(`Job ${jobId} of this deployment is active already. If Pulumi goes on with an interrupted create:`);
  show(planned.plan);
  log.info("If Pulumi replaces the deployment, which deletes it first:");
  show(deletion);
  if (deletion.kind === "steps") show(creation);
}

/** Whether any argument differs from what was accepted last, known or not. */
function acceptedChanges(olds: DeploymentOutputs, news: DeploymentInputs): boolean {
  return ARGUMENT_NAMES.some((name) => canonicalJson(comparable(olds[name])) !== canonicalJson(comparable(news[name])));
}

/** Assets arrive with and without their contents: their hash stands for them. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  if (isAssetValue(value) && value.hash !== undefined) return { hash: value.hash };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

function refuseUpgradeWithoutStrategy({ plan: made }: PlannedTransition): void {
  if (made.kind === "refused" && made.refusal.code === "FLINK_UPGRADE_NEEDS_STRATEGY") {
    throw new TransitionRefusedError(made.refusal);
  }
}

/** Whether a plan does anything but keep the record. */
function acts({ plan: made }: PlannedTransition, summary: ArtifactSummary): boolean {
  switch (made.kind) {
    case "refused":
      // What can't be decided without a change is no change: an unreachable cluster is a warning.
      return made.refusal.code !== "FLINK_CLUSTER_UNREACHABLE";
    case "steps":
      // What is left undisposed of is no reason for an update: it goes with the next one.
      return summary.sha256 !== undefined && made.steps.some(({ kind }) => kind !== "settle" && kind !== "dispose");
  }
}

function print(
  log: ResourceLog,
  { planned, observation, unobservedBecause }: Look,
  changes: boolean,
  olds: DeploymentOutputs | undefined,
): void {
  const { current } = observation;
  const jobId = olds === undefined ? undefined : activeJobId(olds.record);
  const active = jobId !== undefined;
  const unwell = active ? warningOf(jobSeen(observation, jobId, false)) : undefined;
  if (unwell !== undefined) log.warn(unwell);
  if (!changes) {
    if (current.kind === "unreachable" && active) {
      log.warn(`The cluster does not answer (${current.reason}); nothing is changed.`);
    }
    return;
  }
  if (active && current.kind !== "reachable" && current.kind !== "gone") {
    const why = current.kind === "unreachable" ? current.reason : unobservedBecause;
    log.info(`The cluster was not seen (${why}): the plan is made from the record.`);
  }
  for (const { level, text } of planLines(planned, observation.time)) log[level](text);
}
