import { newestFirst, parseJobId } from "../lifecycle/ids";
import type { DeploymentRecord, Desired } from "../lifecycle/model";
import { isTerminal, type ObservedJob } from "../lifecycle/observation";
import { systemClock } from "./clock";
import type { DeploymentInputs } from "./inputs";
import { recordOf, type DeploymentOutputs } from "./outputs";
import { newOutputs } from "./outputsOf";
import type { Look } from "./unlinkedClusters";

/** The outputs of the last run, with the newest job found: it is gone on from as from any other try. */
export function withUnlinkedTry(
  olds: DeploymentOutputs | undefined,
  inputs: DeploymentInputs,
  desired: Desired,
  looks: readonly Look[],
): DeploymentOutputs | undefined {
  const record = olds === undefined ? undefined : recordOf(olds);
  const found = looks.flatMap((look) => look.jobs.flatMap((job) => (isNewer(job, record) ? [{ ...look, job }] : [])));
  const [newest] = found.sort((a, b) => activeFirst(a.job, b.job) || newestFirst(a.job, b.job));
  if (newest === undefined) return olds;
  const { job, cluster, endpoint } = newest;
  const before = olds ?? newOutputs(inputs, desired, systemClock.now());
  const tried = { jobId: job.jobId, cluster, fate: "accepted" } as const;
  const transition = { desiredState: desired.state, ...before.record.transition, tried };
  const endpoints = { ...before.record.endpoints, [cluster.key]: endpoint };
  return { ...before, record: { ...before.record, transition, endpoints } };
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
