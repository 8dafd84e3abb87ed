import type { dynamic } from "@pulumi/pulumi";
import { changeDeployment } from "../deployment/change";
import { checkDeployment } from "../deployment/check";
import { diffDeployment, previewCreate } from "../deployment/diff";
import type { DeploymentInputs } from "../deployment/inputs";
import type { DeploymentOutputs } from "../deployment/outputs";
import { rememberDeleted } from "../deployment/leftBehind";
import { readDeployment } from "../deployment/refresh";
import { redactorOf } from "../deployment/secrets";
import { deleteDeployment } from "../deployment/remove";
import { currentPhase } from "../engine/phase";
import { configuration } from "../engine/configuration";
import { checkFailures, shown } from "../engine/failure";

/*
 * What the provider of a FlinkDeployment does. The resource's serialized provider only calls these by name, so that
 * what Pulumi's state holds of it never changes with the library.
 */

export function configure(request: dynamic.ConfigureRequest): Promise<void> {
  return configuration.configure(request);
}

export async function check(olds: object, news: object): Promise<dynamic.CheckResult<DeploymentInputs>> {
  const { inputs, failures } = await checkDeployment({ ...news });
  // Without olds it is to be created, and no diff will follow that could print the plan.
  if (failures.length === 0 && Object.keys(olds).length === 0 && currentPhase() === "preview") {
    await shown(() => previewCreate(inputs), redactorOf(inputs));
  }
  return { inputs, failures: checkFailures(failures, redactorOf(inputs, news)) };
}

export async function diff(_id: string, olds: DeploymentOutputs, news: DeploymentInputs): Promise<dynamic.DiffResult> {
  const { changes } = await diffDeployment(olds, news);
  return { changes, replaces: [], deleteBeforeReplace: true };
}

export async function create(inputs: DeploymentInputs): Promise<dynamic.CreateResult<DeploymentOutputs>> {
  const { uid } = inputs;
  if (uid === undefined) throw new Error("a FlinkDeployment is made by its class alone: it has no uid");
  return { id: uid, outs: await shown(() => changeDeployment(uid, undefined, inputs), redactorOf(inputs)) };
}

export async function read(id: string, props?: DeploymentOutputs): Promise<dynamic.ReadResult<DeploymentOutputs>> {
  // Without outputs there is nothing to look at: Pulumi cannot import a dynamic resource by its id.
  return props === undefined ? {} : { id, props: await readDeployment(props) };
}

export async function update(
  _id: string,
  olds: DeploymentOutputs,
  news: DeploymentInputs,
): Promise<dynamic.UpdateResult<DeploymentOutputs>> {
  return { outs: await shown(() => changeDeployment(olds.uid, olds, news), redactorOf(news, olds)) };
}

async function deleteResource(id: string, olds: DeploymentOutputs): Promise<void> {
  await shown(() => deleteDeployment(id, olds), redactorOf(olds));
  rememberDeleted(olds);
}
export { deleteResource as delete };
