import type { dynamic } from "@pulumi/pulumi";
import { addressOf } from "../access/address";
import { configuration } from "../engine/configuration";
import { checkFailures, shown } from "../engine/failure";
import { rememberPhase } from "../engine/phase";
import { checkRegistration } from "../registration/check";
import { diffRegistration } from "../registration/compare";
import { allowDelete } from "../registration/guard";
import type { RegistrationInputs, RegistrationOutputs } from "../registration/inputs";
import { register } from "../registration/register";

/* What the provider of a cluster's registration does; the resource's serialized provider calls these by name. */

export function configure(request: dynamic.ConfigureRequest): Promise<void> {
  return configuration.configure(request);
}

export function check(_olds: unknown, news: object): Promise<dynamic.CheckResult<RegistrationInputs>> {
  const { isDryRun, ...given }: Record<string, unknown> = { ...news };
  if (typeof isDryRun === "boolean") rememberPhase(isDryRun);
  const { inputs, failures } = checkRegistration(given);
  return Promise.resolve({ inputs, failures: checkFailures(failures) });
}

export function diff(_id: string, olds: RegistrationOutputs, news: RegistrationInputs): Promise<dynamic.DiffResult> {
  return Promise.resolve(diffRegistration(olds, news));
}

export async function create(inputs: RegistrationInputs): Promise<dynamic.CreateResult<RegistrationOutputs>> {
  const outs = await shown(() => register(inputs));
  return { id: inputs.endpoint.incarnation ?? inputs.endpoint.fingerprint ?? addressOf(inputs.endpoint), outs };
}

/** What a registration stands for is what the program said: there is nothing to look at. */
export function read(id: string, props?: RegistrationOutputs): Promise<dynamic.ReadResult<RegistrationOutputs>> {
  return Promise.resolve(props === undefined ? {} : { id, props });
}

export async function update(
  _id: string,
  _olds: RegistrationOutputs,
  news: RegistrationInputs,
): Promise<dynamic.UpdateResult<RegistrationOutputs>> {
  return { outs: await shown(() => register(news)) };
}

function deleteResource(_id: string, olds: RegistrationOutputs): Promise<void> {
  return shown(() => allowDelete(olds));
}
export { deleteResource as delete };
