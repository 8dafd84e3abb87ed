import assert from "node:assert/strict";
import { parseDeployment } from "../../../../index";
import { application, issuesOf, session, type Changes } from "./documents";
import { APPLICATION_REFUSALS, REFUSALS, SESSION_REFUSALS, type Refusal } from "./refusalCases";

const TEMPLATE = "spec.template.spec";

function refuses(what: string, text: (changes: Changes) => string, cases: readonly Refusal[]): void {
  describe(what, () => {
    for (const [why, changes, issue] of cases) {
      it(`is refused: ${why}`, () => {
        const issues = issuesOf(() => parseDeployment(text(changes)));
        assert.equal(issues.length, 1, issues.join("\n"));
        if (typeof issue === "string") assert.equal(issues[0], issue);
        else assert.match(issues[0] ?? "", issue);
      });
    }
  });
}

refuses("a Deployment", session, REFUSALS);
refuses("a Deployment in session mode", session, SESSION_REFUSALS);
refuses("a Deployment in application mode", application, APPLICATION_REFUSALS);

describe("the options in place of a document's", () => {
  it("are refused where they are wrong", () => {
    const options = { name: "My Orders", flinkVersion: "1.16.0", jars: { "https://h/a.jar": "https://h/b.jar" } };
    assert.deepEqual(
      issuesOf(() => parseDeployment(session(), options)),
      [
        "options.flinkVersion: is wrong: Flink 1.16.0 is too old: 1.17.0 is the oldest that is supported.",
        'options.name: must hold lower-case letters, digits and "-", but is "My Orders"',
        'options.jars["https://h/a.jar"]: is named by no document',
      ],
    );
  });
});

describe("a Deployment with ten mistakes", () => {
  it("is refused with ten messages at once", () => {
    const text = `
kind: Deployment
apiVersion: v2
metadata:
  name: orders
  label: { env: testing }
spec:
  state: runing
  deploymentTargetName: default
  sessionClusterName: shared
  upgradeStrategy: { kind: STATEFULL }
  maxJobCreationAttempts: none
  template:
    spec:
      artifact: { kind: jar, jarUri: orders.jar, entryClass: Orders.java/Main }
      parallelism: 1.5
      resources: { jobmanager: { memory: 1 gigabyte, cpu: 0 } }
`;
    const paths = issuesOf(() => parseDeployment(text)).map((issue) => issue.slice(0, issue.indexOf(": ")));
    assert.deepEqual(
      paths.sort(),
      [
        "apiVersion",
        "metadata.label",
        "spec",
        "spec.maxJobCreationAttempts",
        "spec.state",
        `${TEMPLATE}.artifact.entryClass`,
        `${TEMPLATE}.artifact.jarUri`,
        `${TEMPLATE}.parallelism`,
        `${TEMPLATE}.resources.jobmanager.cpu`,
        `${TEMPLATE}.resources.jobmanager.memory`,
        "spec.upgradeStrategy.kind",
      ].sort(),
    );
  });
});
