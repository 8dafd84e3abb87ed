import { hostname } from "node:os";
import type { StackSettings } from "../engine/configuration";
import { PulumiFlinkError } from "../errors";
import { abandonSetting } from "../values/abandonment";
import type { ProcessesOutputs } from "./inputs";

/** The processes of a local cluster run on another machine than Pulumi does now. Nothing was done. */
export class OtherMachineError extends PulumiFlinkError {
  readonly code = "FLINK_LOCAL_OTHER_MACHINE";
}

/** Whether what is on this machine is what the state speaks of. */
export function isHere({ host }: Pick<ProcessesOutputs, "host">): boolean {
  return host === hostname();
}

/**
 * @param settings - a cluster whose machine no longer exists is given up by its incarnation, as jobs are by their ids.
 * @throws OtherMachineError
 */
export function assertHere(olds: ProcessesOutputs, settings: StackSettings, command: string): void {
  if (isHere(olds) || settings.abandonJobs.includes(olds.incarnation)) return;
  throw new OtherMachineError(
    `The local Flink cluster runs on the machine ${olds.host}, and this is ${hostname()}: nothing was done. ` +
      `Run Pulumi there. If that machine is gone for good, give the cluster up: ` +
      `${abandonSetting([olds.incarnation])} ${command}`,
  );
}
