import * as pulumi from "@pulumi/pulumi";
import { checkSchema } from "../checks/checkSchema";
import type { InputFailure } from "../checks/issues";
import { describe } from "../checks/leaves";
import { ARGUMENT_NAMES, argumentNames, deploymentSchema } from "../deployment/schema";
import { isClusterScoped } from "../values/configurationScope";
import { InvalidStackConfigurationError } from "../values/invalidStackConfigurationError";
import { nearest } from "../values/nearest";
import { redactor } from "../values/redact";
import type { FlinkDeploymentArgs } from "./args";
import { CLUSTER_ARGUMENTS } from "./clusterArguments";
import { textsIn } from "./markedSecrets";
import { isPlain } from "./plainInputs";
import { underlay } from "./underlay";

/*
 * Defaults from the stack's configuration: over those that are built in, below what a program says. They are put under
 * the arguments while the program runs, so that they are arguments like any other: a change of one is a change.
 */

const GLOBAL = "flink:deploymentDefaults";
const BY_TARGET = "flink:deploymentDefaultsByTarget";

type Values = Readonly<Record<string, unknown>>;

/** Defaults of one place in the configuration. */
interface Layer {
  /** Where they stand, such as `flink:deploymentDefaultsByTarget["production"]`. */
  readonly key: string;
  readonly values: Values;
  readonly target?: string;
}

/** What is wrong with arguments that are not a job's. */
export type DefaultsCheck = (values: Values) => readonly InputFailure[];

/** Whose defaults they are: names of a deployment target, the strongest first; those not known yet name none. */
export type TargetNames = readonly unknown[];

/**
 * Arguments with the stack's defaults under them.
 *
 * @param select - what of the defaults the arguments can have.
 * @param check - of the arguments that are not a job's. Default: only their names are checked.
 * @throws InvalidStackConfigurationError that names every key that is wrong, also those of other targets.
 */
export function withStackDefaults<T extends object>(
  args: T,
  targets: TargetNames,
  select: (values: Values) => Values,
  check: DefaultsCheck = () => [],
): T {
  const layers = [...readGlobal(), ...readByTarget()];
  const failures = layers.flatMap((layer) => {
    const wrong = [...checkLayer(layer.values), ...check(layer.values)];
    return wrong.map(({ property, reason }) => `${pathUnder(layer.key, property)} ${withoutSecrets(layer, reason)}`);
  });
  if (failures.length > 0) throw wrongConfiguration(failures);
  warnOfUnknownTarget(targets, layers);
  const named = targets.flatMap((target) => layers.filter((layer) => layer.target === target && target !== undefined));
  const applied = [...named, ...layers.filter(({ target }) => target === undefined)];
  return applied.reduce((merged, { key, values }) => underlay(merged, hideIfSecret(key, select(values))), args);
}

/** Arguments that have their defaults already. */
const complete = new WeakSet<object>();

/** Marks a FlinkDeployment's arguments as having their defaults already. */
export function completeArgs(args: FlinkDeploymentArgs): FlinkDeploymentArgs {
  complete.add(args);
  return args;
}

/**
 * The arguments of a FlinkDeployment with the stack's defaults for jobs under them.
 *
 * @throws InvalidStackConfigurationError
 */
export function withJobDefaults(args: FlinkDeploymentArgs): FlinkDeploymentArgs {
  if (complete.has(args)) return args;
  const { cluster } = args;
  const service = cluster !== undefined && isPlain(cluster) && "kubernetes" in cluster ? cluster.kubernetes : undefined;
  const namespace = service !== undefined && isPlain(service) ? service.namespace : undefined;
  return withStackDefaults(args, [args.deploymentTarget, namespace], jobPart);
}

/** What of defaults a job on a cluster of its own making can have. */
function jobPart(values: Values): Values {
  const { flinkConfiguration, ...job } = onlyOf(values, isJobs);
  if (flinkConfiguration === undefined) return job;
  const entries = Object.entries(flinkConfiguration as Values).filter(([key]) => !isClusterScoped(key));
  return { ...job, flinkConfiguration: Object.fromEntries(entries) };
}

function isJobs(name: string): boolean {
  return ARGUMENT_NAMES.some((argument) => argument === name);
}

function onlyOf(values: Values, isWanted: (name: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isWanted(name)));
}

const jobDefaultsSchema = deploymentSchema.partial();
const APPLICATION_ARGUMENTS = [...Object.keys(CLUSTER_ARGUMENTS), "jobUpgrade"];

function checkLayer(values: Values): InputFailure[] {
  const names = [...ARGUMENT_NAMES, ...APPLICATION_ARGUMENTS];
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  const { wrong } = checkSchema(jobDefaultsSchema, argumentNames, onlyOf(values, isJobs));
  return [
    ...unknown.map((property) => {
      const guess = nearest(property, names);
      const instead = guess === undefined ? "" : `; did you mean ${guess}?`;
      return { property, reason: `is no argument of a FlinkDeployment or a FlinkApplication${instead}` };
    }),
    ...wrong,
  ];
}

function readGlobal(): Layer[] {
  const values = readObject(GLOBAL);
  return values === undefined ? [] : [{ key: GLOBAL, values }];
}

function readByTarget(): Layer[] {
  return Object.entries(readObject(BY_TARGET) ?? {}).map(([target, values]) => {
    const key = `${BY_TARGET}[${JSON.stringify(target)}]`;
    return { key, target, values: objectAt(key, values) };
  });
}

/** Structured configuration is JSON text. */
function readObject(key: string): Values | undefined {
  const text = pulumi.runtime.getConfig(key);
  if (text === undefined || text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  return objectAt(key, value);
}

function objectAt(key: string, value: unknown): Values {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Values;
  throw wrongConfiguration([
    `${key} must be an object, not ${describe(value)}: pulumi config set --path '${key}.parallelism' 2, say`,
  ]);
}

function wrongConfiguration(failures: readonly string[]): InvalidStackConfigurationError {
  const list = failures.map((failure) => `\n  - ${failure}`).join("");
  return new InvalidStackConfigurationError(
    `The stack's configuration cannot be used as it is. Nothing was changed.${list}`,
  );
}

function pathUnder(key: string, property: string): string {
  return property.startsWith("[") ? `${key}${property}` : `${key}.${property}`;
}

/** A target that is not known while the program runs would get the global defaults alone, unnoticed. */
function warnOfUnknownTarget(targets: TargetNames, layers: readonly Layer[]): void {
  if (!layers.some(({ target }) => target !== undefined)) return;
  if (targets.some((target) => typeof target === "string")) return;
  if (targets.every((target) => target === undefined)) return;
  void pulumi.log.warn(
    `${BY_TARGET} is not looked at for a namespace that is known only while resources are made: ` +
      "name the entry by the argument deploymentTarget",
  );
}

/** Arguments that a program branches on are no secrets. */
const NEVER_SECRET = ["state", "jobUpgrade"];

/** A key that is marked as a secret, as a whole or in a part, hides every text in it: which part is not known. */
function hideIfSecret(key: string, values: Values): Values {
  if (!isSecret(key)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, NEVER_SECRET.includes(name) ? value : hidden(value)]),
  );
}

function hidden(value: unknown): unknown {
  if (typeof value === "string") return pulumi.secret(value);
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hidden(inner)]));
}

function isSecret(key: string): boolean {
  // The SDK's own, which its types leave out: Config.get would warn, and Config.getSecret makes no difference.
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(this: void, key: string): boolean };
  return isConfigSecret(key.replace(/\[.*$/, ""));
}

function withoutSecrets({ key, values }: Layer, reason: string): string {
  return isSecret(key) ? redactor(textsIn(values))(reason) : reason;
}
