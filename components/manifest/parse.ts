import { checkSchema } from "../../provider/checks/checkSchema";
import { keysAt } from "../../provider/checks/keys";
import { describe } from "../../provider/checks/leaves";
import { translateApplication } from "./application";
import { addressesOf } from "./artifact";
import { translateValues } from "./configuration";
import { readDocuments } from "./documents";
import { InvalidDeploymentError } from "./errors";
import { Findings, type DeploymentIssue } from "./findings";
import { checkOverride, sessionVersionOf } from "./image";
import { translateJob } from "./job";
import { known } from "./known";
import { warnOfLeftOut } from "./leftOut";
import { namesOf } from "./name";
import type { ParseDeploymentOptions, ParseDeploymentsOptions, ParsedDeployment } from "./parsed";
import { partsOf, type DocumentParts } from "./parts";
import { deploymentSchema, type DeploymentDocument } from "./schema";
import { translateSession } from "./session";

/**
 * Reads one `kind: Deployment` document of Application Manager or Ververica Platform, as YAML or JSON.
 *
 * @param options - what is to be taken in place of the document's Flink version, name and jars.
 * @throws InvalidDeploymentError with all that is wrong.
 */
export function parseDeployment(text: string, options: ParseDeploymentOptions = {}): ParsedDeployment {
  const documents = documentsOf(text);
  const [document] = documents;
  if (documents.length > 1) {
    throw new InvalidDeploymentError([
      { path: "", message: `holds ${documents.length} documents, and exactly one is read here; use parseDeployments` },
    ]);
  }
  const result = parseOne(document, options);
  const issues = [...result.findings.issues, ...unusedJars([result], options)];
  if (result.parsed === undefined || issues.length > 0) throw new InvalidDeploymentError(issues);
  return result.parsed;
}

/**
 * Reads any number of documents, each as {@link parseDeployment} does.
 *
 * @throws InvalidDeploymentError with all that is wrong in any of them.
 */
export function parseDeployments(text: string, options: ParseDeploymentsOptions = {}): ParsedDeployment[] {
  const documents = documentsOf(text);
  const results = documents.map((document) => parseOne(document, options));
  const numbered = (issue: DeploymentIssue, index: number): DeploymentIssue =>
    documents.length > 1 ? { ...issue, document: index + 1 } : issue;
  const all = results.flatMap(({ parsed }) => parsed ?? []);
  const issues = [
    ...results.flatMap(({ findings }, index) => findings.issues.map((issue) => numbered(issue, index))),
    ...sameNames(results.map(({ parsed }) => parsed?.name)),
    ...unusedJars(results, options),
  ];
  if (issues.length > 0) throw new InvalidDeploymentError(issues);
  return all.map((parsed, index) => ({
    ...parsed,
    warnings: parsed.warnings.map((warning) => numbered(warning, index)),
  }));
}

function documentsOf(text: string): readonly unknown[] {
  const { documents, issues } = readDocuments(text);
  if (issues.length > 0) throw new InvalidDeploymentError(issues);
  if (documents.length === 0) throw new InvalidDeploymentError([{ path: "", message: "holds no document" }]);
  return documents;
}

function sameNames(names: readonly (string | undefined)[]): DeploymentIssue[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const message = `is ${JSON.stringify(name)}, as document ${first + 1} is named; names must differ`;
    return [{ document: index + 1, path: "metadata.name", message }];
  });
}

/** A jar that no document names is a mistake in its address. */
function unusedJars(results: readonly Result[], { jars = {} }: ParseDeploymentsOptions): DeploymentIssue[] {
  return Object.keys(jars)
    .filter((address) => !results.some(({ addresses = [] }) => addresses.includes(address)))
    .map((address) => ({ path: `options.jars[${JSON.stringify(address)}]`, message: "is named by no document" }));
}

/** A document, translated; undefined where something is wrong. */
interface Result {
  readonly parsed?: ParsedDeployment;
  /** Of its jar and what that depends on, as they are written. */
  readonly addresses?: readonly (string | undefined)[];
  readonly findings: Findings;
}

function parseOne(value: unknown, { name: otherName, flinkVersion, jars }: ParseDeploymentOptions): Result {
  const findings = new Findings();
  checkOverride(flinkVersion, findings);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.issue("", `must be an object with kind: Deployment, not ${describe(value)}`);
    return { findings };
  }
  const { inputs, wrong } = checkSchema<DeploymentDocument>(
    deploymentSchema,
    (path) => keysAt(deploymentSchema, path),
    value as Record<string, unknown>,
  );
  for (const { property, reason } of wrong) findings.issue(property, reason);
  const parts = partsOf(inputs);
  warnOfLeftOut(parts, findings);
  const { name, displayName } = namesOf(parts, otherName, findings);
  const job = translateJob(parts, jars, findings);
  const args = {
    ...job,
    ...(displayName === undefined ? {} : { displayName }),
    ...(job.flinkConfiguration && { flinkConfiguration: translateValues(job.flinkConfiguration, findings) }),
  };
  const mode = modeOf(parts, known(inputs.spec) !== undefined, findings);
  const common = { name: name ?? "", warnings: findings.warnings };
  const translated = (): ParsedDeployment => {
    switch (mode.kind) {
      case "application": {
        const application = translateApplication(name, parts, args, flinkVersion, findings);
        return { kind: "application", ...common, deploymentTarget: mode.deploymentTarget, args: application };
      }
      case "session": {
        const version = sessionVersionOf(parts, flinkVersion, findings);
        return {
          kind: "session",
          ...common,
          sessionClusterName: mode.sessionClusterName,
          ...(version === undefined ? {} : { flinkVersion: version }),
          args: translateSession(parts, args, findings),
        };
      }
    }
  };
  const parsed = translated();
  const addresses = addressesOf(parts);
  return findings.issues.length > 0 ? { findings, addresses } : { parsed, findings, addresses };
}

type Mode =
  | { readonly kind: "application"; readonly deploymentTarget: { readonly name?: string; readonly id?: string } }
  | { readonly kind: "session"; readonly sessionClusterName: string };

/** Application mode also where nothing says which: then all is looked at, and that is said. */
function modeOf({ spec }: DocumentParts, isSpecified: boolean, findings: Findings): Mode {
  const { deploymentTargetId, deploymentTargetName, sessionClusterName } = spec;
  const hasTarget = deploymentTargetId !== undefined || deploymentTargetName !== undefined;
  const needs =
    "needs either deploymentTargetName (or deploymentTargetId), for application mode, or sessionClusterName";
  if (isSpecified && hasTarget === (sessionClusterName !== undefined)) {
    findings.issue("spec", `${needs}, and has ${hasTarget ? "both" : "neither"}`);
  }
  if (sessionClusterName !== undefined && !hasTarget) return { kind: "session", sessionClusterName };
  const id = known(deploymentTargetId);
  const name = known(deploymentTargetName);
  return {
    kind: "application",
    deploymentTarget: { ...(name === undefined ? {} : { name }), ...(id === undefined ? {} : { id }) },
  };
}
