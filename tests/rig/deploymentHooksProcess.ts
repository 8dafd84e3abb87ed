import * as hooks from "../../provider/hooks/flinkDeployment";
import type { HookCall, HookOutcome } from "./deploymentHooks";

/* Carries out one change of a deployment in a process that a test can kill or interrupt. */

process.once("message", (call: HookCall) => {
  const answer = (outcome: HookOutcome): void => void process.send?.(outcome);
  // The most that it ever was, in kilobytes.
  const before = process.resourceUsage().maxRSS;
  run(call).then(
    () => answer({ grownBytes: (process.resourceUsage().maxRSS - before) * 1024 }),
    (error: Error & { properties?: object }) => answer({ failure: error.message, properties: error.properties }),
  );
});

function run(call: HookCall): Promise<unknown> {
  switch (call.kind) {
    case "create":
      return hooks.create(call.news);
    case "update":
      return hooks.update(call.id, call.olds, call.news);
    case "delete":
      return hooks.delete(call.id, call.olds);
  }
}
