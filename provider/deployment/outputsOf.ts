import { plainOutputs } from "../engine/plainOutputs";
import type { DeploymentRecord, Desired } from "../lifecycle/model";
import { remembered } from "../lifecycle/snapshotHistory";
import type { Observation } from "../lifecycle/observation";
import type { FlinkEndpoint } from "../resources/args";
import { jobSeen, type JobSeen } from "./conditions";
import { identityOf } from "./desired";
import { historyOf } from "./history";
import type { DeploymentInputs } from "./inputs";
import type { DeploymentOutputs } from "./outputs";
import { onDeletePlan } from "./planLines";
import { redactorOf, withoutSecrets } from "./secrets";
import { activeJobId, statusOf } from "./status";

/** The deployment's outputs after a transition: arguments as accepted, and what became of them. */
export function outputsOf(
  inputs: DeploymentInputs,
  desired: Desired,
  carriedOut: DeploymentRecord,
  before: DeploymentOutputs | undefined,
  observation: Observation | undefined,
  now: number,
): DeploymentOutputs {
  const record = { ...carriedOut, snapshots: remembered(carriedOut, desired.policy, now) };
  const { happened, uid, ...stored } = record;
  const { askedClusters = [], ...accepted } = inputs;
  const reached = record.transition === undefined ? askedClusters[0]?.number : undefined;
  const endpoints = endpointsOf(record, inputs.cluster, before?.record.endpoints ?? {});
  const active = activeJobId(record);
  const outputs = plainOutputs({
    ...accepted,
    uid,
    status: statusOf(record, before?.status, seenOf(active, before, observation), now),
    ...historyOf(before, record, inputs.maxEvents, inputs.savepointFormatType),
    ...activeOutputs(record, desired, endpoints),
    record: { ...stored, endpoints, settled: reached ?? before?.record.settled },
  });
  return withoutSecrets(outputs, redactorOf(inputs, before));
}

/** What the outputs say of the job that runs, as far as the record knows. */
export function activeOutputs(
  record: DeploymentRecord,
  desired: Pick<Desired, "policy">,
  endpoints: Readonly<Record<string, FlinkEndpoint>>,
): Pick<DeploymentOutputs, "jobId" | "webInterfaceUrl" | "onDeletePlan"> {
  const jobId = activeJobId(record);
  const key = record.applied?.cluster.key;
  return {
    jobId,
    webInterfaceUrl: webInterfaceOf(key === undefined ? undefined : endpoints[key], jobId),
    onDeletePlan: onDeletePlan(record, desired),
  };
}

function seenOf(
  active: string | undefined,
  before: DeploymentOutputs | undefined,
  observation: Observation | undefined,
): JobSeen {
  if (active === undefined) return {};
  const isStartedSince = before === undefined || activeJobId(before.record) !== active;
  return jobSeen(observation, active, isStartedSince);
}

/** The outputs of a deployment of which nothing is recorded yet. */
export function newOutputs(inputs: DeploymentInputs, desired: Desired, now: number): DeploymentOutputs {
  const record = { uid: desired.uid, state: "TRANSITIONING", snapshots: [], happened: [] } as const;
  return outputsOf(inputs, desired, record, undefined, undefined, now);
}

/** The job's page. A Service in Kubernetes has no address that a browser could open. */
function webInterfaceOf(endpoint: FlinkEndpoint | undefined, jobId: string | undefined): string | undefined {
  if (endpoint?.url === undefined || jobId === undefined) return undefined;
  return `${endpoint.url.replace(/\/+$/, "")}/#/job/running/${jobId}/overview`;
}

/** How to reach every cluster that the record speaks of: as this run was told, else as it was. */
function endpointsOf(
  record: DeploymentRecord,
  wanted: FlinkEndpoint | undefined,
  stored: Readonly<Record<string, FlinkEndpoint>>,
): Record<string, FlinkEndpoint> {
  const keys = [record.applied?.cluster.key, record.transition?.tried?.cluster.key].filter((key) => key !== undefined);
  const known = wanted === undefined ? stored : { ...stored, [identityOf(wanted).key]: wanted };
  return Object.fromEntries(
    keys.flatMap((key) => {
      const endpoint = known[key];
      return endpoint === undefined ? [] : [[key, endpoint]];
    }),
  );
}
