import assert from "node:assert/strict";
import { parseDeployment, parseDeployments } from "../../../../index";
import { application, issuesOf, lines, session, type Part } from "./documents";

const MINIMAL = `
kind: Deployment
metadata:
  name: orders
spec:
  sessionClusterName: shared
  template:
    spec:
      artifact: { kind: jar, jarUri: "https://repo.example.org/orders.jar" }
`;

describe("the text of Deployments", () => {
  it("may be JSON, also indented by tabs", () => {
    const json = session({ template: { parallelism: 2 } });
    const document = JSON.parse(json) as Part;
    assert.deepEqual(parseDeployment(JSON.stringify(document, undefined, "\t")), parseDeployment(json));
    assert.equal(parseDeployment(json).args.parallelism, 2);
  });

  it("is read as it is written where it means a text, although it looks like a number", () => {
    const parsed = parseDeployment(`
kind: Deployment
metadata: { name: orders, displayName: 1.0, labels: { version: 1.10, on: true } }
spec:
  deploymentTargetName: default
  template:
    metadata: { annotations: { rate: 0x10 } }
    spec:
      artifact: { kind: jar, jarUri: "https://repo.example.org/a.jar", flinkVersion: 1.20, flinkImageTag: 1.20 }
      flinkConfiguration: { taskmanager.memory.managed.fraction: 0.0, pipeline.object-reuse: True }
      kubernetes: { pods: { nodeSelector: { zone: 007 }, envVars: [ { name: RATE, value: 1.50 } ] } }
`);
    assert.equal(parsed.kind, "application");
    const { args } = parsed;
    assert.deepEqual([args.displayName, args.labels], ["1.0", { version: "1.10", on: "true" }]);
    assert.deepEqual([args.flinkVersion, args.flinkImageTag], ["1.20.0", "1.20"]);
    assert.deepEqual(args.annotations, { rate: "0x10" });
    assert.deepEqual(args.flinkConfiguration, {
      "taskmanager.memory.managed.fraction": "0.0",
      "pipeline.object-reuse": "True",
    });
    assert.deepEqual(args.kubernetes, {
      podTemplate: { spec: { nodeSelector: { zone: "007" } } },
      envVars: [{ name: "RATE", value: "1.50" }],
    });
  });

  it("may repeat itself by anchors and merge keys", () => {
    const parsed = parseDeployment(`${MINIMAL}      flinkConfiguration: &settings
        execution.checkpointing.interval: 10s
    metadata:
      annotations:
        <<: *settings
        more: yes
`);
    assert.deepEqual(parsed.args.annotations, { "execution.checkpointing.interval": "10s", more: "yes" });
  });

  it("leaves out what has no value", () => {
    const { args } = parseDeployment(MINIMAL.replace("  name: orders", "  name: orders\n  labels:\n  displayName: ~"));
    assert.deepEqual(Object.keys(args), ["artifact"]);
  });

  const broken: [why: string, text: string, issue: RegExp][] = [
    ["holds nothing", "\n# nothing\n---\n", /^: holds no document$/],
    ["is no object", "- a\n- b", /^: must be an object with kind: Deployment, not a list$/],
    ["is no YAML", "kind: Deployment\nspec: [1", /^line 2, column \d+: cannot be read as YAML: /],
    ["says a thing twice", "kind: Deployment\nkind: Deployment", /^line 2, column 1: cannot be read as YAML: .*unique/],
    ["names what is not there", "kind: *nothing", /^: cannot be read as YAML: .*nothing/],
    ["has tags of its own", "kind: !job Deployment", /^line 1, column 7: cannot be read as YAML: .*!job/],
  ];
  for (const [why, text, issue] of broken) {
    it(`is refused if it ${why}`, () => {
      const issues = issuesOf(() => parseDeployment(text));
      assert.equal(issues.length, 1, issues.join("\n"));
      assert.match(issues[0] ?? "", issue);
    });
  }

  it("never shows a line of itself when it is broken", () => {
    const issues = issuesOf(() => parseDeployment(`${MINIMAL}      s3.secret-key: "hunter2\n`));
    assert.doesNotMatch(issues.join("\n"), /hunter2/);
  });
});

describe("a text of several Deployments", () => {
  const text = `${MINIMAL}---\n${application({ metadata: { name: "Bills" } })}\n---\n`;

  it("is read by parseDeployments, in order, with the warnings of each", () => {
    const parsed = parseDeployments(text);
    assert.deepEqual(
      parsed.map(({ kind, name }) => [kind, name]),
      [
        ["session", "orders"],
        ["application", "bills"],
      ],
    );
    assert.deepEqual(lines(parsed[1]?.warnings ?? []), [
      '2 metadata.name: is "Bills", and becomes "bills"; displayName keeps the original',
    ]);
  });

  it("is more than parseDeployment reads, which says so", () => {
    assert.deepEqual(
      issuesOf(() => parseDeployment(text)),
      [": holds 2 documents, and exactly one is read here; use parseDeployments"],
    );
  });

  it("is refused for all that is wrong in any of them at once", () => {
    const wrong = `${session({ spec: { state: "RUNING" } })}\n---\n${MINIMAL}---\n${session({ metadata: { name: undefined } })}`;
    assert.deepEqual(
      issuesOf(() => parseDeployments(wrong)),
      [
        '1 spec.state: is "RUNING", which is not known; did you mean RUNNING?; allowed: RUNNING, CANCELLED, SUSPENDED',
        "3 metadata.name: is required",
      ],
    );
  });

  it("is refused if two have one name", () => {
    const same = `${session()}\n---\n${session({ metadata: { name: "Orders" } })}`;
    assert.deepEqual(
      issuesOf(() => parseDeployments(same)),
      ['2 metadata.name: is "orders", as document 1 is named; names must differ'],
    );
  });

  it("of one document is told without a number", () => {
    assert.deepEqual(
      issuesOf(() => parseDeployments(session({ metadata: { name: undefined } }))),
      ["metadata.name: is required"],
    );
  });
});
