import type { InputFailure } from "../../provider/checks/issues";
import { CLUSTER_ARGUMENTS } from "../../provider/resources/clusterArguments";
import { divideConfiguration } from "../../provider/values/configurationScope";
import { imageJarPath } from "../../provider/values/imageJar";
import { isUnknown, UNKNOWN_VALUE } from "../../provider/values/unknown";
import { checkCluster } from "../kubernetes/check";
import { checkOwnArguments } from "./ownArguments";
import { checkSlots } from "./slots";

/** Arguments as far as they are known while the program runs: all else is the unknown value. */
type KnownArgs = Readonly<Record<string, unknown>>;

/**
 * All that is wrong with an application, but for what its job's own check says: also while it is not to run, and has no
 * cluster that would say so.
 *
 * @param given - the arguments as the program gives them.
 * @param complete - those with the stack's defaults under them, which are checked already.
 */
export function checkApplication(name: string, given: KnownArgs, complete: KnownArgs): readonly InputFailure[] {
  const { args, failures } = checkCluster(name, clusterPart(complete));
  const { parallelism, numberOfTaskManagers, flinkConfiguration } = complete;
  const { slotsPerTaskManager } = args;
  return [
    ...checkOwnArguments(given),
    ...promised(complete),
    ...failures,
    ...checkSlots({ parallelism, numberOfTaskManagers, slotsPerTaskManager, flinkConfiguration }),
  ];
}

/** What of the arguments its cluster is told. */
function clusterPart(args: KnownArgs): KnownArgs {
  const entries = Object.entries(args).filter(([name]) => Object.hasOwn(CLUSTER_ARGUMENTS, name));
  return {
    ...Object.fromEntries(entries),
    flinkConfiguration: clusterConfiguration(args["flinkConfiguration"]),
    localArtifacts: localArtifacts(args["artifact"]),
  };
}

function clusterConfiguration(configuration: unknown): unknown {
  return typeof configuration === "object" && configuration !== null
    ? divideConfiguration(configuration as KnownArgs).cluster
    : configuration;
}

function localArtifacts(artifact: unknown): unknown {
  if (isUnknown(artifact)) return UNKNOWN_VALUE;
  const { jarUri } = typeof artifact === "object" && artifact !== null ? (artifact as KnownArgs) : {};
  return isUnknown(jarUri) ? UNKNOWN_VALUE : offeredJars(jarUri);
}

/** What an application's cluster offers of its image, by the address of the job's jar. What is none is the job's to say. */
export function offeredJars(jarUri: unknown): string[] {
  return typeof jarUri === "string" && imageJarPath(jarUri) !== undefined ? [jarUri] : [];
}

/** Arguments that the program itself branches on. */
function promised(args: KnownArgs): InputFailure[] {
  return ["state", "jobUpgrade"]
    .filter((property) => isUnknown(args[property]))
    .map((property) => ({
      property,
      reason: "must be known while the program runs, for it decides which resources there are: give it as plain text",
    }));
}
