import { checkSchema } from "../../provider/checks/checkSchema";
import type { InputFailure } from "../../provider/checks/issues";
import { CLUSTER_ARGUMENTS } from "../../provider/resources/clusterArguments";
import { withStackDefaults } from "../../provider/resources/deploymentDefaults";
import { UNKNOWN_VALUE } from "../../provider/values/unknown";
import { namesAt, schema } from "../kubernetes/schema";
import { jobUpgradeSchema } from "./ownArguments";

/**
 * The arguments of a FlinkApplication with the stack's defaults under them: those of its deployment target, those of its
 * namespace, and those of all.
 *
 * @throws InvalidStackConfigurationError
 */
export function withApplicationDefaults<T extends { deploymentTarget?: string; namespace?: unknown }>(args: T): T {
  return withStackDefaults(args, [args.deploymentTarget, args.namespace], (values) => values, checkClusterDefaults);
}

const applicationSchema = schema.extend({ jobUpgrade: jobUpgradeSchema.optional() });

/** What is wrong with the cluster's part of defaults, each by itself: what is missing may be an argument. */
function checkClusterDefaults(values: Readonly<Record<string, unknown>>): readonly InputFailure[] {
  const names = [...Object.keys(CLUSTER_ARGUMENTS), "jobUpgrade"];
  const cluster = Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
  const { storage } = cluster;
  const document = {
    flinkVersion: UNKNOWN_VALUE,
    ...cluster,
    ...(typeof storage === "object" && storage !== null ? { storage: { uri: UNKNOWN_VALUE, ...storage } } : {}),
  };
  return checkSchema(applicationSchema, namesAt, document).wrong;
}
