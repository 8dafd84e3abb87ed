import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkCluster, FlinkDeploymentArgs } from "../provider/resources/args";
import { FlinkDeployment } from "../provider/resources/flinkDeployment";
import { isPlain } from "../provider/resources/plainInputs";
import { FlinkApplication } from "./flinkApplication";
import { InvalidDeploymentError } from "./manifest/errors";
import { inWords, type DeploymentIssue } from "./manifest/findings";
import { parseDeployments } from "./manifest/parse";
import type { DocumentJobArgs, ParsedDeployment, ParsedSessionDeployment } from "./manifest/parsed";
import { place, type PlacedApplication, type PlacedSessionDeployment } from "./manifest/places";

/** Where the clusters of a deployment target are made. */
export interface DeploymentTarget {
  /** The Kubernetes namespace, which must exist. Default: that of the provider. */
  namespace?: pulumi.Input<string>;
  /** A `k8s.Provider`. Default: that of the manifest. */
  provider?: pulumi.ProviderResource;
}

/** What a document's session cluster is: a cluster component, or the endpoint of one. */
export type SessionClusterReference = NonNullable<FlinkDeploymentArgs["cluster"]>;

/** Arguments of {@link DeploymentManifest}. Exactly one of `file` and `yaml` is required. */
export interface DeploymentManifestArgs {
  /** A file of documents, YAML or JSON; relative to the project's folder. Excludes `yaml`. */
  file?: string;
  /** Documents, YAML or JSON. Excludes `file`. */
  yaml?: string;
  /** Flink's version, all three numbers, in place of the documents': 1.17.0 is the oldest. Default: as they say. */
  flinkVersion?: string;
  /**
   * Where jars are now, by their `jarUri` or their place in `additionalDependencies` as the documents write it: other
   * addresses, or, for a `jarUri`, assets. Default: where the documents say.
   */
  jars?: Record<string, string | pulumi.asset.Asset>;
  /**
   * The deployment targets that documents in application mode name, by name or id. Required for each that is named. The
   * name is also the one in `flink:deploymentDefaultsByTarget`.
   */
  deploymentTargets?: Record<string, DeploymentTarget>;
  /** The session clusters that documents in session mode name, by name. Required for each that is named. */
  sessionClusters?: Record<string, SessionClusterReference>;
}

/**
 * The Deployment documents of Application Manager and Ververica Platform: a {@link FlinkApplication} for each in
 * application mode, a {@link FlinkDeployment} for each in session mode, named as the documents are.
 *
 * What documents say of their time is translated, with a warning each on the resource. What cannot be used is refused
 * all at once, as an {@link InvalidDeploymentError}. See docs/manifests.md.
 */
export class DeploymentManifest extends pulumi.ComponentResource {
  /** The applications, by the names of their documents. */
  readonly applications: Readonly<Record<string, FlinkApplication>>;
  /** The job of each document, in either mode, by its name. */
  readonly deployments: Readonly<Record<string, FlinkDeployment>>;

  /**
   * @param name - its name in Pulumi; its resources are named as the documents are.
   * @param args - the documents, and what they name.
   * @param opts - of its resources too.
   * @throws InvalidDeploymentError with all that is wrong in the documents, or why there are none.
   * @throws InvalidClusterError where an application could not be as its document and the stack's defaults say together.
   * @throws InvalidStackConfigurationError where the stack's defaults are wrong.
   */
  constructor(name: string, args: DeploymentManifestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:DeploymentManifest", name, {}, opts);
    const source = args.file ?? `the manifest "${name}"`;
    const placed = place(read(args, source), args, source);
    const child: pulumi.ComponentResourceOptions = {
      parent: this,
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    };
    const applications: Record<string, FlinkApplication> = {};
    const deployments: Record<string, FlinkDeployment> = {};
    for (const each of placed) {
      const { name: own, warnings } = each.document;
      switch (each.kind) {
        case "application": {
          const application = makeApplication(each, child);
          applications[own] = application;
          deployments[own] = application.deployment;
          warn(warnings, application);
          break;
        }
        case "session": {
          const deployment = makeDeployment(each, child);
          deployments[own] = deployment;
          warn(warnings, deployment);
          break;
        }
      }
    }
    this.applications = applications;
    this.deployments = deployments;
    this.registerOutputs({
      status: Object.fromEntries(Object.entries(deployments).map(([each, { status }]) => [each, status])),
    });
  }
}

function read(args: DeploymentManifestArgs, source: string): ParsedDeployment[] {
  const { flinkVersion, jars } = args;
  const text = textOf(args, source);
  try {
    return parseDeployments(text, { flinkVersion, jars });
  } catch (error) {
    if (error instanceof InvalidDeploymentError) throw new InvalidDeploymentError(error.issues, source);
    throw error;
  }
}

function textOf({ file, yaml }: DeploymentManifestArgs, source: string): string {
  if (yaml !== undefined && file === undefined) return yaml;
  if (file !== undefined && yaml === undefined) return contentOf(file);
  const message = `needs exactly one of file and yaml, and has ${file === undefined ? "neither" : "both"}`;
  throw new InvalidDeploymentError([{ path: "", message }], source);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    throw new InvalidDeploymentError([{ path: "file", message }], file);
  }
}

function makeApplication(
  { document, targetName, target: { namespace, provider } }: PlacedApplication<DeploymentTarget>,
  child: pulumi.ComponentResourceOptions,
): FlinkApplication {
  return new FlinkApplication(
    document.name,
    { ...withSecrets(document.args), namespace, deploymentTarget: targetName },
    { ...child, ...(provider === undefined ? {} : { providers: [provider] }) },
  );
}

function makeDeployment(
  { document, cluster }: PlacedSessionDeployment<SessionClusterReference>,
  child: pulumi.ComponentResourceOptions,
): FlinkDeployment {
  const deployment = new FlinkDeployment(document.name, { ...withSecrets(document.args), cluster }, child);
  warnOfOtherFlink(document, cluster, deployment);
  return deployment;
}

/** The session cluster's Flink counts; a document that was written for another may not run there. */
function warnOfOtherFlink(
  { flinkVersion, sessionClusterName }: ParsedSessionDeployment,
  cluster: SessionClusterReference,
  resource: pulumi.Resource,
): void {
  if (flinkVersion === undefined || !hasVersion(cluster)) return;
  pulumi.output(cluster.flinkVersion).apply((running) => {
    if (running === undefined || `${running}.`.startsWith(`${flinkVersion}.`)) return;
    const message = `is ${flinkVersion}, but the session cluster "${sessionClusterName}" runs ${running}`;
    warn([{ path: "spec.template.spec.artifact.flinkVersion", message }], resource);
  });
}

/** Whether it is a component, which says what Flink it runs; an endpoint does not. */
function hasVersion(
  cluster: SessionClusterReference,
): cluster is FlinkCluster & { readonly flinkVersion: pulumi.Input<string | undefined> } {
  return isPlain(cluster) && "flinkVersion" in cluster;
}

function warn(warnings: readonly DeploymentIssue[], resource: pulumi.Resource): void {
  for (const warning of warnings) void pulumi.log.warn(inWords(warning), resource);
}

/** Parts of keys that Flink itself does not show the values of. */
const SENSITIVE = ["password", "secret", "token", "apikey", "api-key", "access-key", "account.key", "jaas.config"];

/** A document's text is no secret; what Flink takes for one is, once it is in Pulumi's state. */
function withSecrets<T extends DocumentJobArgs>(args: T) {
  const { flinkConfiguration, ...rest } = args;
  if (flinkConfiguration === undefined) return args;
  const hidden = Object.entries(flinkConfiguration).map(([key, value]): [string, pulumi.Input<string>] => [
    key,
    SENSITIVE.some((part) => key.toLowerCase().includes(part)) ? pulumi.secret(value) : value,
  ]);
  return { ...rest, flinkConfiguration: Object.fromEntries(hidden) };
}
