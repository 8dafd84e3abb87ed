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

/** Whose defaults they are, the stronger first; one that is not known while the program runs names none. */
export type TargetNames = readonly [deploymentTarget: unknown, namespace: unknown];

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
  return withStackDefaults(args, [args.deploymentTarget, namespaceOf(args.cluster)], jobPart);
}

/** The namespace of a cluster in Kubernetes, or what will tell it; undefined where there is none. */
function namespaceOf(cluster: unknown): unknown {
  const endpoint = promised(cluster) ?? fieldOf(cluster, "endpoint") ?? cluster;
  return fieldOf(fieldOf(endpoint, "kubernetes"), "namespace");
}

function fieldOf(value: unknown, name: string): unknown {
  const later = promised(value);
  if (later !== undefined) return later.apply((known) => fieldOf(known, name));
  return typeof value === "object" && value !== null ? (value as Values)[name] : undefined;
}

/** What is promised rather than there already, as an Output. */
function promised(value: unknown): pulumi.Output<unknown> | undefined {
  const isThere = !pulumi.Output.isInstance(value) && !(value instanceof Promise);
  return isThere ? undefined : pulumi.output(value as Promise<object>);
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

/** Defaults that a target has, and that do not go under the arguments, would be missed unnoticed. */
function warnOfUnknownTarget([deploymentTarget, namespace]: TargetNames, layers: readonly Layer[]): void {
  const names = layers.flatMap(({ target }) => (target === undefined ? [] : [target]));
  if (names.length === 0) return;
  if (typeof deploymentTarget === "string") {
    if (!names.includes(deploymentTarget)) void pulumi.log.warn(noEntryText(deploymentTarget, names));
    return;
  }
  for (const name of [deploymentTarget, namespace]) {
    promised(name)?.apply((known) => {
      if (typeof known === "string" && names.includes(known)) void pulumi.log.warn(KNOWN_TOO_LATE);
    });
  }
}

const KNOWN_TOO_LATE =
  `${BY_TARGET} is not looked at for a namespace that is known only while resources are made, though it has an entry ` +
  "for it: name the entry by the argument deploymentTarget";

function noEntryText(deploymentTarget: string, names: readonly string[]): string {
  const guess = nearest(deploymentTarget, names);
  const instead = guess === undefined ? "if it is to have none, give it an empty one" : `did you mean ${guess}?`;
  return (
    `deploymentTarget is ${JSON.stringify(deploymentTarget)}, for which ${BY_TARGET} has no entry: there are ` +
    `${names.join(", ")}; ${instead}`
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
