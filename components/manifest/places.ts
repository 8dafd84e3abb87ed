import { InvalidDeploymentError } from "./errors";
import type { DeploymentIssue } from "./findings";
import type { ParsedApplication, ParsedDeployment, ParsedSessionDeployment } from "./parsed";

/* What documents name as their place, found among what the program declares. */

/** A document in application mode, and its target. */
export interface PlacedApplication<Target> {
  readonly kind: "application";
  readonly document: ParsedApplication;
  /** The name or the id by which the target is declared. */
  readonly targetName: string;
  readonly target: Target;
}

/** A document in session mode, and its cluster. */
export interface PlacedSessionDeployment<Cluster> {
  readonly kind: "session";
  readonly document: ParsedSessionDeployment;
  readonly cluster: Cluster;
}

type Placed<Target, Cluster> = PlacedApplication<Target> | PlacedSessionDeployment<Cluster>;

/** A document whose place is not declared, and what is said of it. */
interface Misplaced {
  readonly kind: "nowhere";
  readonly path: string;
  readonly message: string;
}

/** What a program declares, by name or id. */
interface Declared<Target, Cluster> {
  readonly deploymentTargets?: Readonly<Record<string, Target>>;
  readonly sessionClusters?: Readonly<Record<string, Cluster>>;
}

/**
 * Finds the place of each document.
 *
 * @param source - where the documents are from, for people.
 * @throws InvalidDeploymentError that names every place that is not declared.
 */
export function place<Target, Cluster>(
  documents: readonly ParsedDeployment[],
  { deploymentTargets = {}, sessionClusters = {} }: Declared<Target, Cluster>,
  source: string,
): Placed<Target, Cluster>[] {
  const placed: Placed<Target, Cluster>[] = [];
  const issues: DeploymentIssue[] = [];
  for (const [index, document] of documents.entries()) {
    const found =
      document.kind === "application" ? onTarget(document, deploymentTargets) : onCluster(document, sessionClusters);
    if (found.kind === "nowhere") {
      const { path, message } = found;
      issues.push({ ...(documents.length > 1 ? { document: index + 1 } : {}), path, message });
    } else {
      placed.push(found);
    }
  }
  if (issues.length > 0) throw new InvalidDeploymentError(issues, source);
  return placed;
}

/** By its name, else by its id. */
function onTarget<Target>(
  document: ParsedApplication,
  targets: Readonly<Record<string, Target>>,
): PlacedApplication<Target> | Misplaced {
  const { name, id } = document.deploymentTarget;
  for (const targetName of [name, id]) {
    const target = targetName === undefined ? undefined : entryOf(targets, targetName);
    if (targetName !== undefined && target !== undefined) return { kind: "application", document, targetName, target };
  }
  return {
    kind: "nowhere",
    path: name === undefined ? "spec.deploymentTargetId" : "spec.deploymentTargetName",
    message: notDeclared(name ?? id, "deploymentTargets", targets),
  };
}

function onCluster<Cluster>(
  document: ParsedSessionDeployment,
  clusters: Readonly<Record<string, Cluster>>,
): PlacedSessionDeployment<Cluster> | Misplaced {
  const { sessionClusterName } = document;
  const cluster = entryOf(clusters, sessionClusterName);
  if (cluster !== undefined) return { kind: "session", document, cluster };
  const message = notDeclared(sessionClusterName, "sessionClusters", clusters);
  return { kind: "nowhere", path: "spec.sessionClusterName", message };
}

function entryOf<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function notDeclared(name: string | undefined, argument: string, declared: object): string {
  const names = Object.keys(declared);
  const has = names.length === 0 ? "is empty" : `has ${names.join(", ")}`;
  return `is ${JSON.stringify(name)}, which the argument ${argument} does not have: it ${has}`;
}
