import { fromInputs } from "../access/credentials";
import { addressOf } from "../access/address";
import { openLog } from "../deployment/resourceRow";
import { within } from "../deployment/within";
import { configuration } from "../engine/configuration";
import { PulumiFlinkError } from "../errors";
import type { FlinkEndpoint } from "../resources/args";
import { containsUnknown, isUnknown } from "../values/unknown";
import { sourceOf, type SavepointInputs, type SavepointOutputs } from "./inputs";
import { secretsOf } from "./operate";
import { SavepointCluster } from "./savepointCluster";
import { obstacle } from "./take";
import { noJobText } from "./words";

/** How long a preview waits for a cluster. */
const OBSERVE_TIMEOUT_MS = 5_000;

/** Prints what making the Savepoint will do: Pulumi asks no diff of what does not exist yet. */
export async function previewMake(inputs: SavepointInputs): Promise<void> {
  const { resourceUrn, adoptPath } = inputs;
  const log = openLog({ ...secretsOf(inputs), ...(resourceUrn === undefined ? {} : { resourceUrn }) });
  try {
    if (adoptPath !== undefined) {
      log.info(`plan: adopt ${isUnknown(adoptPath) ? "a savepoint" : adoptPath}; no savepoint is taken`);
      return;
    }
    const refusal = await foreseenRefusal(inputs);
    if (refusal !== undefined) log.warn(`will be refused, as it is now: ${refusal}`);
    else log.info(`plan: ${takeText(inputs)}`);
  } finally {
    await log.flush();
  }
}

/** Prints what becomes of a Savepoint that is there; the making of one that replaces it is said by itself. */
export async function previewChange(
  { path, disposeOnDelete }: SavepointOutputs,
  news: SavepointInputs,
  replaces: readonly string[],
): Promise<void> {
  const { resourceUrn } = news;
  const log = openLog({ ...secretsOf(news), ...(resourceUrn === undefined ? {} : { resourceUrn }) });
  const fate = disposeOnDelete ? "dispose of the one before" : "the one before stays in its storage";
  log.info(
    replaces.length === 0
      ? "plan: record the change; no savepoint is taken"
      : `plan: another savepoint, for ${replaces.join(" and ")} changed; then ${fate}: ${path}`,
  );
  await log.flush();
}

function takeText(inputs: SavepointInputs): string {
  const { cluster, jobId } = sourceOf(inputs);
  const { targetDirectory } = inputs;
  const job = jobId === undefined || isUnknown(jobId) ? "the job that the deployment then runs" : `job ${jobId}`;
  const where = cluster === undefined || containsUnknown(cluster) ? "" : ` on ${addressOf(cluster)}`;
  const to = targetDirectory === undefined || isUnknown(targetDirectory) ? "" : ` in ${targetDirectory}`;
  return `take a savepoint of ${job}${where}${to}; the job goes on`;
}

async function foreseenRefusal(inputs: SavepointInputs): Promise<string | undefined> {
  const { deployment } = inputs;
  const { cluster, jobId } = sourceOf(inputs);
  if (isUnknown(deployment) || isUnknown(jobId) || containsUnknown(cluster)) return undefined;
  if (jobId === undefined || cluster === undefined) return noJobText();
  const { observeInPreview } = await configuration.settings();
  return observeInPreview ? within(OBSERVE_TIMEOUT_MS, askFlink(cluster, jobId), () => undefined) : undefined;
}

/** A cluster that does not answer now may answer in the update. */
async function askFlink(endpoint: FlinkEndpoint, jobId: string): Promise<string | undefined> {
  const cluster = SavepointCluster.open(fromInputs(endpoint));
  try {
    return await obstacle(cluster, jobId);
  } catch (error) {
    if (error instanceof PulumiFlinkError) return undefined;
    throw error;
  } finally {
    await cluster.close();
  }
}
