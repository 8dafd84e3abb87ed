import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import {
  DeploymentManifest,
  InvalidDeploymentError,
  parseDeployment,
  parseDeployments,
  type DeploymentIssue,
} from "../../../../index";
import { declare } from "../../../rig/declaredResources";
import { repositoryRoot } from "../../../rig/repository";
import { application, clusterOf, session, type Changes } from "./documents";
import { APPLICATION_REFUSALS, REFUSALS, SESSION_REFUSALS } from "./refusalCases";

const PAGE = readFileSync(path.join(repositoryRoot, "docs", "manifests.md"), "utf8");

/** The messages in the first column of a section's table, in which `…` stands for anything. */
function rowsOf(section: string): { row: string; pattern: RegExp }[] {
  const [, text = ""] = PAGE.split(`\n## ${section}\n`);
  const own = text.split("\n## ")[0] ?? "";
  return [...own.matchAll(/^\| `(.+?)` \|/gm)].map(([, row = ""]) => ({
    row,
    pattern: new RegExp(
      `^${row
        .split("…")
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("[^]+")}$`,
    ),
  }));
}

/** Said of a word, a type or a key alone, for which the page has one sentence. */
const OF_ONE_VALUE = [
  /^is not known here; /,
  /^is ".+", which is not known/,
  /^must be one of /,
  /^must be .*, not (a|an) /,
  /^must be at least /,
  /^must hold lower-case letters/,
  /^must be an amount of memory/,
  /^must consist of lower-case letters/,
  /^must be a number of CPUs/,
  /^must be the full name of a class/,
  /^has the unknown unit /,
  /^has a quote /,
  /^has the scheme ".+", which is not known/,
  /is not available in this version/,
];

function assertDocumented(section: string, said: readonly DeploymentIssue[], others: readonly RegExp[] = []): void {
  const rows = rowsOf(section);
  assert.ok(rows.length > 10);
  const messages = [...new Set(said.map(({ message }) => message))];
  const missing = messages.filter(
    (message) => !rows.some(({ pattern }) => pattern.test(message)) && !others.some((other) => other.test(message)),
  );
  assert.deepEqual(missing, [], "not on the page");
  const idle = rows.filter(({ pattern }) => !messages.some((message) => pattern.test(message)));
  assert.deepEqual(
    idle.map(({ row }) => row),
    [],
    "said of nothing",
  );
}

function issuesIn(parse: () => unknown): readonly DeploymentIssue[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof InvalidDeploymentError) return error.issues;
    throw error;
  }
  return [];
}

describe("docs/manifests.md", () => {
  it("has every message of an InvalidDeploymentError, and no other", async () => {
    const wrong = [
      ...[...REFUSALS, ...SESSION_REFUSALS].map(
        ([, changes]) =>
          () =>
            parseDeployment(session(changes)),
      ),
      ...APPLICATION_REFUSALS.map(
        ([, changes]) =>
          () =>
            parseDeployment(application(changes)),
      ),
      () => parseDeployment("a: [1"),
      () => parseDeployment(""),
      () => parseDeployment("a: 1\n---\nb: 1"),
      () => parseDeployment("- a"),
      () => parseDeployments(`${session()}\n---\n${session()}`),
      () => parseDeployment(session(), { jars: { a: "b" } }),
      () =>
        parseDeployment(session({ artifact: { additionalDependencies: ["https://h/a.jar"] } }), {
          jars: { "https://h/a.jar": new pulumi.asset.FileAsset("a.jar") },
        }),
    ];
    const manifest = declare(() => void new DeploymentManifest("documents", { yaml: session() }));
    const ofComponent = await manifest.then(
      () => [],
      (error: unknown) => (error instanceof InvalidDeploymentError ? error.issues : []),
    );
    assertDocumented("Errors", [...wrong.flatMap(issuesIn), ...ofComponent], OF_ONE_VALUE);
  });

  it("has every warning, and no other", async () => {
    const template = (annotations: object): Changes => {
      const artifact = { kind: "jar", jarUri: "https://repo.example.org/orders.jar" };
      return { spec: { deploymentTargetName: "default", template: { metadata: { annotations }, spec: { artifact } } } };
    };
    const documents: [text: string, flinkVersion?: string][] = [
      [session({ metadata: { name: "A B", id: "1", namespace: "a" }, template: { latestCheckpointFetchInterval: 1 } })],
      [session({ metadata: { name: "A B", displayName: "A" }, spec: { startFromSavepoint: { kind: "LATEST" } } })],
      [application({ metadata: { annotations: { a: "1" } }, ...template({ a: "2" }) })],
      [application(template({ "flink.queryable-state.enabled": "true" }))],
      [application({ artifact: { jarUri: "file:///a.jar", flinkVersion: "1.20" } })],
      [application({ artifact: { additionalDependencies: ["file:///a.conf"] } })],
      [application({ artifact: { flinkVersion: "1.18.1", flinkImageTag: "1.18.1-stream3" } })],
      [application({ artifact: { flinkVersion: "1.19.1", flinkImageTag: "1.19.1" } }), "1.20.0"],
      [session({ template: { flinkConfiguration: { "state.backend": "filesystem", "rest.port": 1 } } })],
      [
        application({
          template: {
            flinkConfiguration: {
              "high-availability": "vvp-kubernetes",
              "high-availability.storageDir": "s3://bucket/ha",
              "s3.endpoint": "https://s3.example.org",
              "s3.path.style.access": "true",
            },
          },
        }),
      ],
    ];
    const said = documents.flatMap(([text, flinkVersion]) =>
      parseDeployment(text, flinkVersion === undefined ? {} : { flinkVersion }).warnings.slice(),
    );
    const ofComponent: DeploymentIssue[] = [];
    await declare(
      () => {
        const yaml = session({ artifact: { flinkVersion: "1.19" } });
        new DeploymentManifest("documents", { yaml, sessionClusters: { shared: clusterOf("1.20.0") } });
      },
      {
        onWarning: (line) => {
          const [, message = ""] = /artifact\.flinkVersion (.*)$/.exec(line) ?? [];
          ofComponent.push({ path: "", message });
        },
      },
    );
    assertDocumented("Warnings", [...said, ...ofComponent]);
  });
});
