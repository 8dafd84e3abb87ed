import * as hooks from "../../provider/hooks/flinkDeployment";
import type { ChangeCall } from "./deploymentHooks";

/* Carries out one change of a deployment in a process that a test can kill. */

process.once("message", (call: ChangeCall) => {
  const change = call.kind === "create" ? hooks.create(call.news) : hooks.update(call.id, call.olds, call.news);
  change.then(
    () => process.send?.("done"),
    (error: unknown) => process.send?.(String(error)),
  );
});
