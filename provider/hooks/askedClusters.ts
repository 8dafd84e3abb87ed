import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { configuration } from "../engine/configuration";
import { shown } from "../engine/failure";
import { plainOutputs } from "../engine/plainOutputs";
import type { AskedCluster } from "../deployment/inputs";
import { leadsElsewhere, placementOf } from "../deployment/jobSpecOf";
import { deleteLeftBehind, secretsAround } from "../deployment/leftBehind";
import { redactorOf } from "../deployment/secrets";
import type { FlinkEndpoint } from "../resources/args";

export interface AskedInputs {
  readonly cluster?: FlinkEndpoint;
  /** The deployment's. */
  readonly uid?: string;
  /** Where this resource's own messages belong. */
  readonly resourceUrn?: string;
  /** Set by Pulumi: the provider's code. */
  readonly __provider?: string;
}

export interface AskedOutputs extends AskedInputs {
  readonly clusters: readonly AskedCluster[];
}

/** A deployment that is asked to be on one more cluster than these without ever getting there forgets the first. */
const MAX_CLUSTERS = 16;

export function configure(request: dynamic.ConfigureRequest): Promise<void> {
  return configuration.configure(request);
}

export function diff(_id: string, { cluster: before }: AskedOutputs, news: AskedInputs): Promise<dynamic.DiffResult> {
  return Promise.resolve({ changes: leadsElsewhere(before, news.cluster) });
}

export function create(inputs: AskedInputs): Promise<dynamic.CreateResult<AskedOutputs>> {
  return Promise.resolve({ id: randomBytes(16).toString("hex"), outs: withCluster([], inputs) });
}

export function update(
  _id: string,
  olds: AskedOutputs,
  news: AskedInputs,
): Promise<dynamic.UpdateResult<AskedOutputs>> {
  return Promise.resolve({ outs: withCluster(olds.clusters, news) });
}

/** The deployment has been deleted before, or was never made. */
async function deleteResource(_id: string, { uid, ...olds }: AskedOutputs): Promise<void> {
  if (uid === undefined) return;
  const left = { uid, ...olds };
  await shown(() => deleteLeftBehind(left), redactorOf(...secretsAround(left)));
}
export { deleteResource as delete };

function withCluster(before: readonly AskedCluster[], { cluster, ...others }: AskedInputs): AskedOutputs {
  if (cluster === undefined) return plainOutputs({ ...others, clusters: before });
  const key = placementOf({ cluster });
  const rest = before.filter((asked) => placementOf({ cluster: asked.endpoint }) !== key);
  const number = Math.max(0, ...before.map((asked) => asked.number)) + 1;
  const clusters = [{ number, endpoint: cluster }, ...rest].slice(0, MAX_CLUSTERS);
  return plainOutputs({ ...others, cluster, clusters });
}
