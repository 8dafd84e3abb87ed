import { connectionOf } from "../access/connection";
import { fromState } from "../access/credentials";
import { interrupted } from "../engine/interruption";
import type { ResourceLog } from "../engine/log";
import { PulumiFlinkError } from "../errors";
import { FlinkClient } from "../flink/client";
import type { ClusterIdentity, Desired } from "../lifecycle/model";
import type { ObservedJob } from "../lifecycle/observation";
import type { FlinkEndpoint } from "../resources/args";
import { isUnknown } from "../values/unknown";
import { isEndpointGone, openClusters } from "./clusters";
import { clockUntil } from "./clock";
import { desiredCluster, identityOf } from "./desired";
import { FlinkCluster } from "./flinkCluster";
import type { AskedCluster, DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";

/**
 * Clusters asked for since the deployment last reached what it was asked for, which no plan looks at otherwise.
 *
 * @param wanted - the one that is asked for now.
 */
export function unlinkedClusters(
  olds: DeploymentOutputs | undefined,
  asked: readonly AskedCluster[],
  wanted: FlinkEndpoint | undefined,
): FlinkEndpoint[] {
  const { applied, transition, settled = 0 } = olds?.record ?? {};
  const cluster = desiredCluster({ cluster: wanted });
  const seen = [
    applied?.cluster.key,
    transition?.tried?.cluster.key,
    cluster.kind === "known" ? cluster.identity.key : undefined,
  ];
  return asked.flatMap(({ number, endpoint }) =>
    number > settled && !seen.includes(identityOf(endpoint).key) ? [endpoint] : [],
  );
}

/** A cluster as an earlier run has left it. */
export interface Look {
  readonly jobs: readonly ObservedJob[];
  /** sha256 of the deployment's jars there. */
  readonly heldArtifacts: readonly string[];
  readonly cluster: ClusterIdentity;
  readonly endpoint: FlinkEndpoint;
}

/** What is of this deployment on a cluster; undefined, and a warning unless it is gone, where that can't be seen. */
export async function lookAt(
  stored: FlinkEndpoint,
  uid: string,
  log: Pick<ResourceLog, "warn">,
): Promise<Look | undefined> {
  if (await isEndpointGone(stored)) return undefined;
  const cluster = identityOf(stored);
  const { endpoint, credentialsUsed } = fromState(cluster.key, stored);
  const client = new FlinkClient(connectionOf(endpoint), { credentialsUsed });
  try {
    const view = { uid, clock: clockUntil(interrupted()), interrupted: interrupted() };
    const seen = await new FlinkCluster(cluster, client, view).observe();
    const { jobs, heldArtifacts } = seen.kind === "reachable" ? seen : { jobs: [], heldArtifacts: [] };
    return { jobs, heldArtifacts, cluster, endpoint };
  } catch (error) {
    if (!(error instanceof PulumiFlinkError)) throw error;
    log.warn(
      `Whether an earlier update that was cut off has left a job on ${cluster.name} can't be seen now, and is not ` +
        `waited for: ${error.message}`,
    );
    return undefined;
  } finally {
    await client.close();
  }
}

/** What an update that was killed before it could record anything has left on clusters that no plan looks at. */
export async function lookAtUnlinked(
  olds: DeploymentOutputs | undefined,
  { askedClusters = [], cluster }: DeploymentInputs,
  uid: string,
  log: Pick<ResourceLog, "warn">,
): Promise<Look[]> {
  // In a preview they may be unknown.
  const clusters = isUnknown(askedClusters) ? [] : unlinkedClusters(olds, askedClusters, cluster);
  const looks = await Promise.all(clusters.map((endpoint) => lookAt(endpoint, uid, log)));
  return looks.filter((look) => look !== undefined);
}

/** Deletes the jars there: no later run looks at those clusters. */
export async function deleteUnlinkedJars(looks: readonly Look[], desired: Desired): Promise<void> {
  for (const { endpoint, heldArtifacts } of looks) {
    if (heldArtifacts.length === 0) continue;
    const clusters = openClusters(desired, undefined, endpoint, "state");
    try {
      await clusters.target?.removeArtifacts(undefined);
    } catch (error) {
      // A jar that stays does no harm.
      if (!(error instanceof PulumiFlinkError)) throw error;
    } finally {
      await clusters.close();
    }
  }
}
