import type { dynamic } from "@pulumi/pulumi";
import { configuration } from "../engine/configuration";
import { checkFailures, shown } from "../engine/failure";
import { rememberPhase } from "../engine/phase";
import { checkProcesses } from "../localProcesses/check";
import { diffProcesses, readProcesses } from "../localProcesses/compare";
import type { ProcessesInputs, ProcessesOutputs } from "../localProcesses/inputs";
import { endProcesses, runProcesses } from "../localProcesses/operate";

/* What the provider of a local cluster's processes does; the resource's serialized provider calls these by name. */

export function configure(request: dynamic.ConfigureRequest): Promise<void> {
  return configuration.configure(request);
}

export async function check(_olds: unknown, news: object): Promise<dynamic.CheckResult<ProcessesInputs>> {
  const { isDryRun, ...given }: Record<string, unknown> = { ...news };
  if (typeof isDryRun === "boolean") rememberPhase(isDryRun);
  const { inputs, failures } = await checkProcesses(given);
  return { inputs, failures: checkFailures(failures) };
}

export function diff(_id: string, olds: ProcessesOutputs, news: ProcessesInputs): Promise<dynamic.DiffResult> {
  return shown(() => diffProcesses(olds, news));
}

export async function create(inputs: ProcessesInputs): Promise<dynamic.CreateResult<ProcessesOutputs>> {
  return { id: inputs.incarnation, outs: await shown(() => runProcesses(inputs, undefined)) };
}

export async function read(id: string, props?: ProcessesOutputs): Promise<dynamic.ReadResult<ProcessesOutputs>> {
  return props === undefined ? {} : { id, props: await readProcesses(props) };
}

export async function update(
  _id: string,
  olds: ProcessesOutputs,
  news: ProcessesInputs,
): Promise<dynamic.UpdateResult<ProcessesOutputs>> {
  return { outs: await shown(() => runProcesses(news, olds)) };
}

function deleteResource(_id: string, olds: ProcessesOutputs): Promise<void> {
  return shown(() => endProcesses(olds));
}
export { deleteResource as delete };
