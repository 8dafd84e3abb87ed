import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  InvalidDeploymentError,
  parseDeployment,
  type FlinkCluster,
  type ParsedApplication,
  type ParsedSessionDeployment,
  type ParseDeploymentOptions,
} from "../../../../index";
import { repositoryRoot } from "../../../rig/repository";

/** A part of a document, of any type: documents may be wrong. */
export type Part = Record<string, unknown>;

/** What a document says beside the least that it must. */
export interface Changes {
  readonly metadata?: Part;
  readonly spec?: Part;
  readonly template?: Part;
  readonly artifact?: Part;
  /** Beside kind, metadata and spec. */
  readonly document?: Part;
}

function document(changes: Changes, mode: Part): Part {
  return {
    kind: "Deployment",
    metadata: { name: "orders", ...changes.metadata },
    spec: {
      ...mode,
      template: {
        spec: {
          artifact: { kind: "jar", jarUri: "https://repo.example.org/orders.jar", ...changes.artifact },
          ...changes.template,
        },
      },
      ...changes.spec,
    },
    ...changes.document,
  };
}

/** The least of a document in application mode, with changes, as JSON. */
export function application(changes: Changes = {}): string {
  return JSON.stringify(document(changes, { deploymentTargetName: "default" }));
}

/** The least of a document in session mode, with changes, as JSON. */
export function session(changes: Changes = {}): string {
  return JSON.stringify(document(changes, { sessionClusterName: "shared" }));
}

export function parsedApplication(changes: Changes = {}, options?: ParseDeploymentOptions): ParsedApplication {
  const parsed = parseDeployment(application(changes), options);
  assert.equal(parsed.kind, "application");
  return parsed;
}

export function parsedSession(changes: Changes = {}, options?: ParseDeploymentOptions): ParsedSessionDeployment {
  const parsed = parseDeployment(session(changes), options);
  assert.equal(parsed.kind, "session");
  return parsed;
}

/** Findings as "path: message" lines. */
export function lines(findings: readonly { path: string; message: string; document?: number }[]): string[] {
  return findings.map(
    ({ document, path, message }) => `${document === undefined ? "" : `${document} `}${path}: ${message}`,
  );
}

/** All that is wrong with a text. */
export function issuesOf(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof InvalidDeploymentError) return lines(error.issues);
    throw error;
  }
  return [];
}

/** What a cluster component has, of this Flink. */
export function clusterOf(flinkVersion: string): FlinkCluster & { flinkVersion: pulumi.Output<string> } {
  return { endpoint: pulumi.output({ url: "http://localhost:8081" }), flinkVersion: pulumi.output(flinkVersion) };
}

/** One of the examples' documents. */
export function example(name: string): string {
  return readFileSync(path.join(repositoryRoot, "examples", "manifest", `${name}.yaml`), "utf8");
}
