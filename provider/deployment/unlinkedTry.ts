import { connectionOf } from "../access/connection";
import { fromState } from "../access/credentials";
import { interrupted } from "../engine/interruption";
import type { ResourceLog } from "../engine/log";
import { PulumiFlinkError } from "../errors";
import { FlinkClient } from "../flink/client";
import { newestFirst, parseJobId } from "../lifecycle/ids";
import type { ClusterIdentity, DeploymentRecord, Desired } from "../lifecycle/model";
import { isTerminal, type ObservedJob } from "../lifecycle/observation";
import type { FlinkEndpoint } from "../resources/args";
import { isUnknown } from "../values/unknown";
import { isEndpointGone } from "./clusters";
import { clockUntil, systemClock } from "./clock";
import { identityOf } from "./desired";
import { FlinkCluster } from "./flinkCluster";
import type { DeploymentInputs } from "./inputs";
import { recordOf, type DeploymentOutputs } from "./outputs";
import { outputsOf } from "./outputsOf";

/** A job on a cluster that Pulumi's state does not connect with the deployment. */
interface UnlinkedTry {
  readonly job: ObservedJob;
  readonly cluster: ClusterIdentity;
  readonly endpoint: FlinkEndpoint;
}

/**
 * The outputs of the last run, with the job that an update left which was killed before it could record anything, on a
 * cluster that is neither recorded nor asked for now: such a job is gone on from as from any other try.
 */
export async function withUnlinkedTry(
  olds: DeploymentOutputs | undefined,
  inputs: DeploymentInputs,
  desired: Desired,
  log: Pick<ResourceLog, "warn">,
): Promise<DeploymentOutputs | undefined> {
  const record = olds === undefined ? undefined : recordOf(olds);
  const found = await Promise.all(
    candidates(olds, inputs, desired).map((endpoint) => triesOn(endpoint, record, desired.uid, log)),
  );
  const [newest] = found.flat().sort((a, b) => activeFirst(a.job, b.job) || newestFirst(a.job, b.job));
  if (newest === undefined) return olds;
  const { job, cluster, endpoint } = newest;
  const before = olds ?? outputsOf(inputs, desired, newRecord(desired), undefined, systemClock.now());
  const tried = { jobId: job.jobId, cluster, fate: "accepted" } as const;
  const transition = { desiredState: desired.state, ...before.record.transition, tried };
  const endpoints = { ...before.record.endpoints, [cluster.key]: endpoint };
  return { ...before, record: { ...before.record, transition, endpoints } };
}

function newRecord({ uid }: Desired): DeploymentRecord {
  return { uid, state: "TRANSITIONING", snapshots: [], happened: [] };
}

/** Clusters asked for since the deployment last reached what it was asked for, which no plan looks at otherwise. */
function candidates(
  olds: DeploymentOutputs | undefined,
  { askedClusters }: DeploymentInputs,
  { cluster }: Desired,
): FlinkEndpoint[] {
  // In a preview they may be unknown.
  if (askedClusters === undefined || isUnknown(askedClusters)) return [];
  const { applied, transition, settled = 0 } = olds?.record ?? {};
  const seen = [
    applied?.cluster.key,
    transition?.tried?.cluster.key,
    cluster.kind === "known" ? cluster.identity.key : undefined,
  ];
  return askedClusters.flatMap(({ number, endpoint }) =>
    number > settled && !seen.includes(identityOf(endpoint).key) ? [endpoint] : [],
  );
}

async function triesOn(
  stored: FlinkEndpoint,
  record: DeploymentRecord | undefined,
  uid: string,
  log: Pick<ResourceLog, "warn">,
): Promise<UnlinkedTry[]> {
  if (await isEndpointGone(stored)) return [];
  const cluster = identityOf(stored);
  const { endpoint, credentialsUsed } = fromState(cluster.key, stored);
  const client = new FlinkClient(connectionOf(endpoint), { credentialsUsed });
  try {
    const view = { uid, clock: clockUntil(interrupted()), interrupted: interrupted() };
    const seen = await new FlinkCluster(cluster, client, view).observe();
    const jobs = seen.kind === "reachable" ? seen.jobs : [];
    return jobs.flatMap((job) => (isNewer(job, record) ? [{ job, cluster, endpoint }] : []));
  } catch (error) {
    if (!(error instanceof PulumiFlinkError)) throw error;
    log.warn(
      `Whether an earlier update that was cut off has left a job on ${cluster.name} can't be seen now, and is not ` +
        `waited for: ${error.message}`,
    );
    return [];
  } finally {
    await client.close();
  }
}

/** Newer than every job that the record knows. */
function isNewer(job: ObservedJob, record: DeploymentRecord | undefined): boolean {
  const { applied, transition, uid = "" } = record ?? {};
  const tried = transition?.tried === undefined ? undefined : parseJobId(uid, transition.tried.jobId);
  return [applied, tried].every((known) => known === undefined || newestFirst(job, known) < 0);
}

function activeFirst(a: ObservedJob, b: ObservedJob): number {
  return Number(isTerminal(a.status)) - Number(isTerminal(b.status));
}
