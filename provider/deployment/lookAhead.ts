import { configuration } from "../engine/configuration";
import { currentPhase } from "../engine/phase";
import { PulumiFlinkError } from "../errors";
import { AccessError } from "../flink/errors";
import type { Observation } from "../lifecycle/observation";
import { observe } from "../lifecycle/observe";
import { plan } from "../lifecycle/plan";
import type { PlanInput, PlannedTransition } from "../lifecycle/planTypes";
import { containsUnknown, UNKNOWN_VALUE } from "../values/unknown";
import { artifactOf, type ArtifactSummary } from "./artifact";
import { systemClock } from "./clock";
import { openClusters } from "./clusters";
import { desiredOf } from "./desired";
import type { DeploymentInputs } from "./inputs";
import { recordOf, type DeploymentOutputs } from "./outputs";
import { lookAtUnlinked } from "./unlinkedClusters";
import { withUnlinkedTry } from "./unlinkedTry";
import { tooLate, within } from "./within";

/** How long a preview waits for a cluster before it plans from the record. */
const OBSERVE_TIMEOUT_MS = 5_000;

/** How a preview looks ahead. */
export interface LookOptions {
  readonly warn: (text: string) => void;
  /** How long it waits for the clusters. Milliseconds. Default: 5 000. */
  readonly observeTimeoutMs?: number;
}

/** What a preview sees, and the plan that it makes of it. */
export interface Look {
  readonly input: PlanInput;
  readonly planned: PlannedTransition;
  readonly observation: Observation;
  /** Why no cluster was asked, or none answered a question, where the observation is unknown. */
  readonly unobservedBecause: string;
  readonly summary: ArtifactSummary;
}

/** Observes within the limits of a preview, and plans. */
export async function lookAhead(
  known: DeploymentOutputs | undefined,
  news: DeploymentInputs,
  { warn, observeTimeoutMs = OBSERVE_TIMEOUT_MS }: LookOptions,
): Promise<Look> {
  const settings = await configuration.settings();
  const summary = await summaryOf(news, known, warn);
  const desired = desiredOf(news, known?.uid ?? news.uid ?? UNKNOWN_VALUE, summary.sha256, settings);
  const unlinked = settings.observeInPreview ? await lookAtUnlinked(known, news, desired.uid, { warn }) : [];
  const olds = withUnlinkedTry(known, news, desired, unlinked);
  const record = olds === undefined ? undefined : recordOf(olds);
  const clusters = openClusters(desired, olds, knownEndpoint(news), "program");
  try {
    const look = (): Promise<Observation> =>
      within<Observation>(observeTimeoutMs, observe(record, desired, clusters, systemClock, clusters.isGone), () => ({
        time: systemClock.now(),
        current: { kind: "unreachable", reason: tooLate(observeTimeoutMs) },
        stops: [],
      }));
    const observation = settings.observeInPreview ? await unlessRefused(look, warn) : unobserved();
    const { fileName: artifactName, imagePath } = summary;
    const input: PlanInput = { record, desired, observation, artifactName, imagePath };
    const unobservedBecause = settings.observeInPreview
      ? "it refused the credentials"
      : "flink:observeInPreview is false";
    return { input, planned: plan(input), observation, unobservedBecause, summary };
  } finally {
    await clusters.close();
  }
}

/** What a cluster keeps from this run it may not keep from the next: in a preview it is a warning. */
async function unlessRefused(look: () => Promise<Observation>, warn: (text: string) => void): Promise<Observation> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AccessError) || currentPhase() === "update") throw error;
    warn(error.message);
    return unobserved();
  }
}

/** The endpoint that can be talked to now; undefined where part of it is still to be made. */
function knownEndpoint({ cluster }: DeploymentInputs): DeploymentInputs["cluster"] {
  return cluster === undefined || containsUnknown(cluster) ? undefined : cluster;
}

async function summaryOf(
  news: DeploymentInputs,
  olds: DeploymentOutputs | undefined,
  warn: (text: string) => void,
): Promise<ArtifactSummary> {
  try {
    return await artifactOf(news, olds);
  } catch (error) {
    if (!(error instanceof PulumiFlinkError)) throw error;
    warn(`The jar can't be read now, so its content is taken as unchanged: ${error.message}`);
    return { sha256: olds?.record.applied?.job.artifactSha256, fileName: undefined };
  }
}

function unobserved(): Observation {
  return { time: systemClock.now(), current: { kind: "unknown" }, stops: [] };
}
