import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkDeploymentArgs } from "../provider/resources/args";
import { FlinkDeployment } from "../provider/resources/flinkDeployment";
import { FlinkApplication } from "./flinkApplication";
import { InvalidDeploymentError } from "./manifest/errors";
import { inWords, type DeploymentIssue } from "./manifest/findings";
import { parseDeployments } from "./manifest/parse";
import type { DocumentJobArgs, ParsedApplication, ParsedDeployment, ParsedSessionDeployment } from "./manifest/parsed";

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

  /** @throws InvalidDeploymentError */
  constructor(name: string, args: DeploymentManifestArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flink:index:DeploymentManifest", name, {}, opts);
    const source = args.file ?? `the manifest "${name}"`;
    const documents = read(args, source);
    const issues = unknownReferences(documents, args);
    if (issues.length > 0) throw new InvalidDeploymentError(issues, source);
    const child: pulumi.ComponentResourceOptions = {
      parent: this,
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    };
    const applications: Record<string, FlinkApplication> = {};
    const deployments: Record<string, FlinkDeployment> = {};
    for (const document of documents) {
      switch (document.kind) {
        case "application": {
          const application = makeApplication(document, args, child);
          applications[document.name] = application;
          deployments[document.name] = application.deployment;
          warn(document.warnings, application);
          break;
        }
        case "session": {
          const deployment = makeDeployment(document, args, child);
          deployments[document.name] = deployment;
          warn(document.warnings, deployment);
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

function read({ file, yaml, flinkVersion, jars }: DeploymentManifestArgs, source: string): ParsedDeployment[] {
  if ((file === undefined) === (yaml === undefined)) {
    throw new pulumi.RunError(
      `A DeploymentManifest needs exactly one of file and yaml, and has ${file === undefined ? "neither" : "both"}.`,
    );
  }
  const text = yaml ?? textOf(file ?? "");
  try {
    return parseDeployments(text, { flinkVersion, jars });
  } catch (error) {
    if (error instanceof InvalidDeploymentError) throw new InvalidDeploymentError(error.issues, source);
    throw error;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new pulumi.RunError(`The file of Deployments cannot be read: ${(error as Error).message}`);
  }
}

/** The entry of a document's target: by its name, else by its id. */
function targetOf(
  { deploymentTarget: { name, id } }: ParsedApplication,
  { deploymentTargets = {} }: DeploymentManifestArgs,
): [name: string, target: DeploymentTarget] | undefined {
  const found = [name, id].find((key) => key !== undefined && Object.hasOwn(deploymentTargets, key));
  const target = found === undefined ? undefined : deploymentTargets[found];
  return found === undefined || target === undefined ? undefined : [found, target];
}

function clusterOf(
  { sessionClusterName }: ParsedSessionDeployment,
  { sessionClusters = {} }: DeploymentManifestArgs,
): SessionClusterReference | undefined {
  return Object.hasOwn(sessionClusters, sessionClusterName) ? sessionClusters[sessionClusterName] : undefined;
}

function unknownReferences(documents: readonly ParsedDeployment[], args: DeploymentManifestArgs): DeploymentIssue[] {
  return documents.flatMap((document, index): DeploymentIssue[] => {
    const of = documents.length > 1 ? { document: index + 1 } : {};
    switch (document.kind) {
      case "application": {
        const { name, id } = document.deploymentTarget;
        const path = name === undefined ? "spec.deploymentTargetId" : "spec.deploymentTargetName";
        const known = Object.keys(args.deploymentTargets ?? {});
        return targetOf(document, args) === undefined
          ? [{ ...of, path, message: notDeclared(name ?? id ?? "", "deploymentTargets", known) }]
          : [];
      }
      case "session": {
        const known = Object.keys(args.sessionClusters ?? {});
        return clusterOf(document, args) === undefined
          ? [
              {
                ...of,
                path: "spec.sessionClusterName",
                message: notDeclared(document.sessionClusterName, "sessionClusters", known),
              },
            ]
          : [];
      }
    }
  });
}

function notDeclared(name: string, argument: string, known: readonly string[]): string {
  const has = known.length === 0 ? "is empty" : `has ${known.join(", ")}`;
  return `is ${JSON.stringify(name)}, which the argument ${argument} does not have: it ${has}`;
}

function makeApplication(
  document: ParsedApplication,
  args: DeploymentManifestArgs,
  child: pulumi.ComponentResourceOptions,
): FlinkApplication {
  const [deploymentTarget, { namespace, provider }] = targetOf(document, args) ?? ["", {}];
  return new FlinkApplication(
    document.name,
    { ...withSecrets(document.args), namespace, deploymentTarget },
    { ...child, ...(provider === undefined ? {} : { providers: [provider] }) },
  );
}

function makeDeployment(
  document: ParsedSessionDeployment,
  args: DeploymentManifestArgs,
  child: pulumi.ComponentResourceOptions,
): FlinkDeployment {
  const cluster = clusterOf(document, args);
  const deployment = new FlinkDeployment(document.name, { ...withSecrets(document.args), cluster }, child);
  warnOfOtherFlink(document, cluster, deployment);
  return deployment;
}

/** The session cluster's Flink counts; a document that was written for another may not run there. */
function warnOfOtherFlink(
  { flinkVersion, sessionClusterName }: ParsedSessionDeployment,
  cluster: SessionClusterReference | undefined,
  resource: pulumi.Resource,
): void {
  if (flinkVersion === undefined) return;
  const { flinkVersion: ofCluster } = cluster as { flinkVersion?: pulumi.Input<string | undefined> };
  pulumi.output(ofCluster).apply((running) => {
    if (running === undefined || `${running}.`.startsWith(`${flinkVersion}.`)) return;
    const message = `is ${flinkVersion}, but the session cluster "${sessionClusterName}" runs ${running}`;
    warn([{ path: "spec.template.spec.artifact.flinkVersion", message }], resource);
  });
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
