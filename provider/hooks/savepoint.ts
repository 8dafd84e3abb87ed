import type { dynamic } from "@pulumi/pulumi";
import { redactorOf } from "../deployment/secrets";
import { configuration } from "../engine/configuration";
import { checkFailures, shown } from "../engine/failure";
import { createResourceLog } from "../engine/log";
import { currentPhase, rememberPhase } from "../engine/phase";
import { checkSavepoint } from "../savepoint/check";
import { diffSavepoint } from "../savepoint/compare";
import { rememberHeld } from "../savepoint/held";
import type { SavepointInputs, SavepointOutputs } from "../savepoint/inputs";
import { letGo, makeSavepoint, recordSavepoint, secretsOf } from "../savepoint/operate";
import { previewChange, previewMake } from "../savepoint/preview";

/* What the provider of a Savepoint does; the resource's serialized provider calls these by name. */

export function configure(request: dynamic.ConfigureRequest): Promise<void> {
  return configuration.configure(request);
}

export async function check(olds: object, news: object): Promise<dynamic.CheckResult<SavepointInputs>> {
  const { isDryRun, ...given }: Record<string, unknown> = { ...news };
  if (typeof isDryRun === "boolean") rememberPhase(isDryRun);
  const { inputs, failures, warnings } = checkSavepoint(given);
  const redact = redactorOf(secretsOf(inputs));
  if (currentPhase() !== "update" && warnings.length > 0) {
    const log = createResourceLog(inputs.resourceUrn ?? "");
    for (const warning of warnings) log.warn(warning);
    await log.flush();
  }
  // Without olds it is to be made, and no diff will follow that could say so.
  if (failures.length === 0 && Object.keys(olds).length === 0 && currentPhase() === "preview") {
    await shown(() => previewMake(inputs), redact);
  }
  return { inputs, failures: checkFailures(failures, redact) };
}

export async function diff(_id: string, olds: SavepointOutputs, news: SavepointInputs): Promise<dynamic.DiffResult> {
  const result = diffSavepoint(olds, news);
  const { changes, replaces = [] } = result;
  if (replaces.length === 0) rememberHeld(olds.path);
  if (changes === true && currentPhase() === "preview") await previewChange(olds, news, replaces);
  return result;
}

export async function create(inputs: SavepointInputs): Promise<dynamic.CreateResult<SavepointOutputs>> {
  const { uid } = inputs;
  if (uid === undefined) throw new Error("a Savepoint is made by its class alone: it has no uid");
  return { id: uid, outs: await shown(() => makeSavepoint(uid, inputs), redactorOf(secretsOf(inputs))) };
}

/** A savepoint does not change, and Flink tells nobody whether one is still there. */
export function read(id: string, props?: SavepointOutputs): Promise<dynamic.ReadResult<SavepointOutputs>> {
  return Promise.resolve(props === undefined ? {} : { id, props });
}

export function update(
  _id: string,
  olds: SavepointOutputs,
  news: SavepointInputs,
): Promise<dynamic.UpdateResult<SavepointOutputs>> {
  return Promise.resolve({ outs: recordSavepoint(olds, news) });
}

async function deleteResource(_id: string, olds: SavepointOutputs): Promise<void> {
  const { endpoint } = olds;
  await shown(
    () => letGo(olds),
    redactorOf(secretsOf(olds), ...(endpoint === undefined ? [] : [{ cluster: endpoint }])),
  );
}
export { deleteResource as delete };
