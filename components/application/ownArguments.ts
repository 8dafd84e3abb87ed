import { z } from "zod";
import { checkSchema } from "../../provider/checks/checkSchema";
import type { InputFailure } from "../../provider/checks/issues";
import { choice } from "../../provider/checks/leaves";
import { PART_ARGUMENTS } from "./argumentNames";

/** Where a changed job runs. */
export const jobUpgradeSchema = choice(["NEW_CLUSTER", "SAME_CLUSTER"]);

/** What job and cluster check themselves may be anything here. */
const schema = z.strictObject({
  ...Object.fromEntries(PART_ARGUMENTS.map((name) => [name, z.unknown().optional()])),
  jobUpgrade: jobUpgradeSchema.optional(),
});

/** What is wrong with an application's arguments beside what its job's and its cluster's checks say: names, for one. */
export function checkOwnArguments(args: Readonly<Record<string, unknown>>): readonly InputFailure[] {
  const names = (path: readonly string[]): string[] => (path.length === 0 ? [...PART_ARGUMENTS, "jobUpgrade"] : []);
  return checkSchema(schema, names, args).wrong;
}
