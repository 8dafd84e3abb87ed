import { assetKind, isAssetValue } from "../artifacts/pulumiAsset";
import type { FlinkEndpoint, FlinkUrlEndpoint } from "../resources/args";
import { MAX_PARALLELISM_KEY } from "../lifecycle/jobSpec";
import { isClusterScoped } from "../values/configurationScope";
import { formatDuration, parseDuration } from "../values/duration";
import { DIRECTORY_KEYS } from "../values/flinkKeys";
import { parseFlinkDuration } from "../values/flinkDuration";
import { isLoopback } from "../values/hosts";
import { imageJarPath } from "../values/imageJar";
import { packedName } from "../values/packedName";
import { doubtStoragePath, explainStoragePath } from "../values/storagePath";
import { given, isUnknown } from "../values/unknown";
import { dependencyProperty } from "./artifactProperty";
import type { DeploymentInputs } from "./inputs";
import type { InputFailure } from "../checks/issues";
import { explainNonRestoredState } from "../checks/restoreStrategy";

/*
 * What must hold between arguments that are each right on their own. A value that is not known yet breaks no rule.
 */

/** What a rule finds: a failure stops the run, a warning is only printed. */
export interface RuleFindings {
  readonly failures: InputFailure[];
  readonly warnings: string[];
}

/** Configuration keys that name a cluster: a job that sets them would be looked for on another one. */
export const RESERVED_CONFIGURATION_KEYS: readonly string[] = [
  "kubernetes.cluster-id",
  "kubernetes.namespace",
  "high-availability.cluster-id",
];

const DEFAULT_HEALTH_TIMEOUT_MS = 300_000;

/** Applies every rule. */
export function applyRules(inputs: DeploymentInputs): RuleFindings {
  const findings: RuleFindings = { failures: [], warnings: [] };
  if (inputs.state === "RUNNING" && inputs.cluster === undefined) {
    findings.failures.push({ property: "cluster", reason: `is required while state is "RUNNING"` });
  }
  if (given(inputs.cluster)) clusterRules(inputs.cluster, findings);
  if (given(inputs.artifact)) artifactRules(inputs.artifact, findings);
  if (given(inputs.flinkConfiguration)) configurationRules(inputs.flinkConfiguration, findings);
  if (given(inputs.restoreStrategy)) restoreRules(inputs.restoreStrategy, inputs.rollback, findings);
  storageRules(inputs, findings);
  parallelismRules(inputs, findings);
  if (given(inputs.healthCheck)) healthRules(inputs.healthCheck, inputs.flinkConfiguration, findings);
  if (given(inputs.savepointRedeployNonce) && inputs.initialSavepointPath === undefined) {
    findings.failures.push({
      property: "savepointRedeployNonce",
      reason: "needs initialSavepointPath, the savepoint to start again from; to only restart, use restartNonce",
    });
  }
  return findings;
}

/** The arguments that are checked one by one say what is certainly wrong. */
function storageRules(inputs: DeploymentInputs, { failures, warnings }: RuleFindings): void {
  const doubt = (property: string, value: string | undefined): void => {
    const doubtful = given(value) ? doubtStoragePath(value) : undefined;
    if (doubtful !== undefined) warnings.push(`${property} ${doubtful}`);
  };
  doubt("savepointTargetDirectory", inputs.savepointTargetDirectory);
  doubt("initialSavepointPath", inputs.initialSavepointPath);
  if (!given(inputs.flinkConfiguration)) return;
  for (const key of Object.values(DIRECTORY_KEYS).flat()) {
    const value = inputs.flinkConfiguration[key];
    if (!given(value)) continue;
    const property = `flinkConfiguration[${JSON.stringify(key)}]`;
    const reason = explainStoragePath(value);
    if (reason === undefined) doubt(property, value);
    else failures.push({ property, reason });
  }
}

/** An operator without a parallelism of its own could not even be created. */
function parallelismRules({ parallelism, flinkConfiguration }: DeploymentInputs, { failures }: RuleFindings): void {
  if (isUnknown(parallelism) || !given(flinkConfiguration)) return;
  const most = Number(flinkConfiguration[MAX_PARALLELISM_KEY]);
  if (!(most > 0) || parallelism <= most) return;
  failures.push({
    property: "parallelism",
    reason: `is ${parallelism}, above ${MAX_PARALLELISM_KEY} in flinkConfiguration, which is ${most}`,
  });
}

/** Only warnings: the jar's own code may set another checkpoint interval. */
function healthRules(
  { timeout, completedCheckpoints, maxRestarts }: NonNullable<DeploymentInputs["healthCheck"]>,
  configuration: DeploymentInputs["flinkConfiguration"],
  { warnings }: RuleFindings,
): void {
  if (isUnknown(timeout) || isUnknown(completedCheckpoints)) return;
  const timeoutMs = parseDuration(timeout);
  if (completedCheckpoints === 0 && maxRestarts === undefined && timeoutMs !== DEFAULT_HEALTH_TIMEOUT_MS) {
    warnings.push("healthCheck.timeout has no effect without completedCheckpoints or maxRestarts");
  }
  const interval = given(configuration) ? configuration["execution.checkpointing.interval"] : undefined;
  const intervalMs = given(interval) ? parseFlinkDuration(interval) : undefined;
  // The first may come at once.
  const least = (completedCheckpoints - 1) * (intervalMs ?? 0);
  if (least >= timeoutMs) {
    warnings.push(
      `healthCheck.timeout is ${formatDuration(timeoutMs)}, and ${completedCheckpoints} checkpoints take at least ` +
        `${formatDuration(least)} with an execution.checkpointing.interval of ${formatDuration(intervalMs ?? 0)}: ` +
        "no start can be healthy in time; raise the timeout, or ask for fewer",
    );
  }
}

function restoreRules(
  restore: DeploymentInputs["restoreStrategy"],
  rollback: DeploymentInputs["rollback"],
  { failures }: RuleFindings,
): void {
  // Flink may delete a claimed savepoint, and a rollback would need it.
  if (restore.claimMode === "CLAIM" && rollback === true) {
    failures.push({
      property: "restoreStrategy.claimMode",
      reason:
        "can be CLAIM only with rollback: false, because a claimed savepoint belongs to the new job and the old one could not be brought back from it",
    });
  }
  const reason = explainNonRestoredState(restore.kind, restore.allowNonRestoredState);
  if (reason !== undefined) failures.push({ property: "restoreStrategy.allowNonRestoredState", reason });
}

function configurationRules(
  configuration: DeploymentInputs["flinkConfiguration"],
  { failures, warnings }: RuleFindings,
): void {
  for (const key of Object.keys(configuration)) {
    const property = `flinkConfiguration[${JSON.stringify(key)}]`;
    if (RESERVED_CONFIGURATION_KEYS.includes(key)) {
      failures.push({ property, reason: "names a cluster, which the argument cluster does; leave it out" });
    } else if (isClusterScoped(key)) {
      warnings.push(
        `${property} has no effect: Flink's processes read it when they start, a job does not; ` +
          "set it in the cluster's own configuration",
      );
    }
    if (key.trim() !== key || key === "") {
      failures.push({ property, reason: "is not a configuration key: it is empty or has spaces around it" });
    }
  }
}

function hasHeaders({ httpHeaders }: DeploymentInputs["artifact"]): boolean {
  return given(httpHeaders) && Object.keys(httpHeaders).length > 0;
}

function artifactRules(artifact: DeploymentInputs["artifact"], { failures }: RuleFindings): void {
  // Read one by one: as inputs come from outside, both may be there.
  const { jar, jarUri } = artifact as { jar?: unknown; jarUri?: unknown };
  if (jar === undefined && jarUri === undefined) {
    failures.push({
      property: "artifact",
      reason: "needs exactly one of jar (an asset) and jarUri (an address), and has neither",
    });
  }
  if (given(jar) && given(jarUri)) {
    failures.push({
      property: "artifact",
      reason: "needs exactly one of jar (an asset) and jarUri (an address), and has both",
    });
    return;
  }
  dependencyRules(artifact, failures);
  if (typeof jarUri === "string" && imageJarPath(jarUri) !== undefined) {
    const reason = "has no meaning for a jar that lies in the cluster's image, and that only the cluster reads";
    if (hasHeaders(artifact)) failures.push({ property: "artifact.httpHeaders", reason });
    if (artifact.sha256 !== undefined) failures.push({ property: "artifact.sha256", reason });
    if (given(artifact.additionalDependencies) && artifact.additionalDependencies.length > 0) {
      failures.push({
        property: "artifact.additionalDependencies",
        reason: `${reason}: nothing can be packed into it; put what it needs into the image's lib/`,
      });
    }
    return;
  }
  const place = otherPlaceThanHttp(jar, jarUri);
  if (place !== undefined && hasHeaders(artifact)) {
    failures.push({
      property: "artifact.httpHeaders",
      reason: `has no meaning for ${place}; it is for jars at http:// and https:// addresses`,
    });
  }
}

/** Where the jar is, if headers mean nothing there. */
function otherPlaceThanHttp(jar: unknown, jarUri: unknown): string | undefined {
  const uri = given(jarUri) ? jarUri : isAssetValue(jar) ? jar.uri : undefined;
  if ((given(jar) && assetKind(jar) === "file") || (typeof uri === "string" && /^file:/i.test(uri))) {
    return "a local jar";
  }
  return typeof uri === "string" && /^s3:/i.test(uri) ? "a jar in S3" : undefined;
}

/** Two files cannot have one name in the jar. */
function dependencyRules({ additionalDependencies }: DeploymentInputs["artifact"], failures: InputFailure[]): void {
  if (!given(additionalDependencies)) return;
  const firstOf = new Map<string, number>();
  for (const [index, address] of additionalDependencies.entries()) {
    if (isUnknown(address)) continue;
    const { entryName = "" } = packedName(address) ?? {};
    const first = firstOf.get(entryName);
    if (first === undefined) {
      firstOf.set(entryName, index);
    } else {
      failures.push({
        property: dependencyProperty(index),
        reason: `would be ${entryName} in the job's jar, as additionalDependencies[${first}]; leave one out, or rename it`,
      });
    }
  }
}

/** The arguments of an endpoint that are about the server at its address. */
const URL_ARGUMENTS = ["bearerToken", "basicAuth", "headers", "tls", "processes"] as const;

/** What must hold between the arguments of an endpoint. */
export function clusterRules(cluster: NonNullable<DeploymentInputs["cluster"]>, findings: RuleFindings): void {
  const { failures } = findings;
  kindRules(cluster, findings);
  if (given(cluster.bearerToken) && given(cluster.basicAuth)) {
    failures.push({ property: "cluster.basicAuth", reason: "excludes cluster.bearerToken: give one of the two" });
  }
  if (given(cluster.basicAuth) && given(cluster.basicAuth.username) && cluster.basicAuth.username.includes(":")) {
    failures.push({ property: "cluster.basicAuth.username", reason: "must not hold a colon" });
  }
  const authorization = given(cluster.headers)
    ? Object.keys(cluster.headers).find((name) => name.toLowerCase() === "authorization")
    : undefined;
  if (authorization !== undefined && (given(cluster.bearerToken) || given(cluster.basicAuth))) {
    failures.push({
      property: `cluster.headers.${authorization}`,
      reason: "is what bearerToken and basicAuth are sent in: give only one of them",
    });
  }
  if (given(cluster.tls)) {
    const { clientCertificate, clientKey } = cluster.tls;
    if (clientCertificate !== undefined && clientKey === undefined) {
      failures.push({ property: "cluster.tls.clientKey", reason: "is required with clientCertificate" });
    }
    if (clientKey !== undefined && clientCertificate === undefined) {
      failures.push({ property: "cluster.tls.clientCertificate", reason: "is required with clientKey" });
    }
  }
  if (cluster.url !== undefined && given<string>(cluster.url)) plainHttpWarnings(cluster, findings);
}

/** As inputs come from outside, an endpoint may have the parts of both kinds. */
function kindRules({ url, kubernetes, ...others }: FlinkEndpoint, { failures }: RuleFindings): void {
  const needs = "needs exactly one of url (an address) and kubernetes (a Service)";
  if (url === undefined && kubernetes === undefined) {
    failures.push({ property: "cluster", reason: `${needs}, and has neither` });
  }
  if (given<unknown>(url) && given<unknown>(kubernetes)) {
    failures.push({ property: "cluster", reason: `${needs}, and has both` });
  } else if (given(kubernetes)) {
    for (const name of URL_ARGUMENTS.filter((argument) => others[argument] !== undefined)) {
      failures.push({
        property: `cluster.${name}`,
        reason: "goes with url alone: to a Service in Kubernetes the kubeconfig opens the way; leave it out",
      });
    }
  }
}

function plainHttpWarnings(cluster: FlinkUrlEndpoint, { warnings }: RuleFindings): void {
  const url = new URL(cluster.url);
  if (url.protocol !== "http:") return;
  const headers = given(cluster.headers) && Object.keys(cluster.headers).length > 0;
  const credentials = cluster.bearerToken !== undefined || cluster.basicAuth !== undefined || headers;
  if (credentials && !isLoopback(cluster.url)) {
    warnings.push(
      `cluster.url is plain http to another machine (${url.host}): the credentials are sent readable for anyone on the way; use https`,
    );
  }
  if (cluster.tls !== undefined) warnings.push("cluster.tls has no effect: cluster.url is not https");
}
