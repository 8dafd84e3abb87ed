import { PartialFailure } from "../engine/failure";
import { configuration } from "../engine/configuration";
import { isTerminal } from "../lifecycle/observation";
import type { FlinkEndpoint } from "../resources/args";
import { UNKNOWN_VALUE } from "../values/unknown";
import { checkDeploymentInputs } from "./checkInputs";
import { systemClock } from "./clock";
import { desiredOf } from "./desired";
import type { AskedCluster, DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";
import { newOutputs } from "./outputsOf";
import { deleteDeployment } from "./remove";
import { openLog } from "./resourceRow";
import type { SecretInputs } from "./secrets";
import { lookAt, unlinkedClusters } from "./unlinkedClusters";

/*
 * What an update has left that was killed before Pulumi's state knew of it, and that nobody asks for any more: the
 * deployment is destroyed instead.
 */

/** What is known of it beside the deployment. */
export interface Left {
  readonly uid: string;
  readonly clusters: readonly AskedCluster[];
  readonly resourceUrn?: string;
}

/** The deployments that this process has deleted, by their uid. */
const deleted = new Map<string, DeploymentOutputs>();

/** Takes down what was known of a deployment that is deleted: what is left of it elsewhere ends by the same policy. */
export function rememberDeleted(olds: DeploymentOutputs): void {
  deleted.set(olds.uid, olds);
}

/** Whose secrets may come into what is said of it. */
export function secretsAround({ uid, clusters }: Left): SecretInputs[] {
  const known = deleted.get(uid);
  return [...(known === undefined ? [] : [known]), ...clusters.map(({ endpoint }) => ({ cluster: endpoint }))];
}

/**
 * Ends jobs and deletes jars of a deployment on the clusters that its own delete did not look at: by its `onDelete`, or
 * with a savepoint where the deployment never came into any state.
 */
export async function deleteLeftBehind(left: Left): Promise<void> {
  const known = deleted.get(left.uid);
  const settings = await configuration.settings();
  for (const endpoint of unlinkedClusters(known, left.clusters, known?.cluster)) {
    const inputs = inputsOf(left, known, endpoint);
    if (!(await hasAnything(inputs, left.uid, endpoint))) continue;
    const desired = desiredOf(inputs, left.uid, undefined, settings);
    try {
      await deleteDeployment(left.uid, newOutputs(inputs, desired, systemClock.now()));
    } catch (error) {
      // There is no deployment any more whose state could keep a part of it.
      throw error instanceof PartialFailure ? error.cause : error;
    }
  }
}

function inputsOf(left: Left, known: DeploymentOutputs | undefined, endpoint: FlinkEndpoint): DeploymentInputs {
  const { resourceUrn } = left;
  const accepted = known ?? checkDeploymentInputs({ artifact: { jarUri: UNKNOWN_VALUE } }).inputs;
  return { ...accepted, cluster: endpoint, ...(resourceUrn === undefined ? {} : { resourceUrn }) };
}

async function hasAnything(inputs: DeploymentInputs, uid: string, endpoint: FlinkEndpoint): Promise<boolean> {
  const log = openLog(inputs);
  try {
    const { jobs, heldArtifacts } = (await lookAt(endpoint, uid, log)) ?? { jobs: [], heldArtifacts: [] };
    return heldArtifacts.length > 0 || jobs.some(({ status }) => !isTerminal(status));
  } finally {
    await log.flush();
  }
}
