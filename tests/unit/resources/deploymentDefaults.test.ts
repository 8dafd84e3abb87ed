import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  FlinkApplication,
  FlinkDeployment,
  InvalidStackConfigurationError,
  type FlinkApplicationArgs,
  type FlinkDeploymentArgs,
} from "../../../index";
import { namesAt } from "../../../components/kubernetes/schema";
import { CLUSTER_ARGUMENTS } from "../../../provider/resources/clusterArguments";
import { declare, SECRET_MARK, withoutSecretMarks, type Made } from "../../rig/declaredResources";

const ARTIFACT = { jarUri: "https://repo.example.org/orders.jar" };
const JOB: FlinkDeploymentArgs = { cluster: { url: "http://localhost:8081" }, artifact: ARTIFACT };

interface Stack {
  readonly defaults?: object;
  readonly byTarget?: object;
  readonly secret?: boolean;
  onWarning?(message: string): void;
}

/** Runs a program in a stack with these defaults. */
function inStack({ defaults, byTarget, secret = false, ...options }: Stack, program: () => void): Promise<Made[]> {
  const config = {
    ...(defaults === undefined ? {} : { "flink:deploymentDefaults": JSON.stringify(defaults) }),
    ...(byTarget === undefined ? {} : { "flink:deploymentDefaultsByTarget": JSON.stringify(byTarget) }),
  };
  return declare(program, { ...options, ...(secret ? { secretConfig: config } : { config }) });
}

function inputsOf(made: readonly Made[], type: string): Record<string, unknown> {
  const found = made.find((each) => each.type.endsWith(`:${type}`));
  assert.ok(found, `${type} is missing`);
  return found.inputs;
}

/** The inputs of a FlinkDeployment in a stack with these defaults. */
async function deployment(stack: Stack, args: Partial<FlinkDeploymentArgs> = {}): Promise<Record<string, unknown>> {
  return inputsOf(
    await inStack(stack, () => void new FlinkDeployment("orders", { ...JOB, ...args })),
    "FlinkDeployment",
  );
}

/** What a FlinkApplication in a stack with these defaults makes. */
async function application(stack: Stack, args: Partial<FlinkApplicationArgs> = {}) {
  const made = await inStack(stack, () => void new FlinkApplication("orders", { artifact: ARTIFACT, ...args }));
  return {
    made,
    job: inputsOf(made, "FlinkDeployment"),
    keepers: () =>
      made.find(({ type, parent }) => type.endsWith(":Identity") && parent.includes("ApplicationCluster"))?.inputs
        .keepers as Record<string, string>,
  };
}

describe("the defaults in a stack's configuration", () => {
  it("are a deployment's arguments where it says nothing, key by key", async () => {
    const defaults = {
      parallelism: 4,
      flinkConfiguration: { "execution.checkpointing.interval": "1 min", "pipeline.name": "a" },
      upgradeStrategy: { kind: "STATELESS", fallback: "LATEST_STATE" },
      artifact: { httpHeaders: { A: "b" } },
    };
    const inputs = await deployment(
      { defaults },
      { flinkConfiguration: { "pipeline.name": "b" }, upgradeStrategy: { kind: "STATEFUL" } },
    );
    assert.equal(inputs.parallelism, 4);
    assert.deepEqual(inputs.flinkConfiguration, { "execution.checkpointing.interval": "1 min", "pipeline.name": "b" });
    assert.deepEqual(inputs.upgradeStrategy, { kind: "STATEFUL", fallback: "LATEST_STATE" });
    assert.deepEqual(withoutSecretMarks(inputs.artifact), { ...ARTIFACT, httpHeaders: { A: "b" } });
    assert.equal((await deployment({ defaults }, { parallelism: 1 })).parallelism, 1);
    assert.equal((await deployment({})).parallelism, undefined);
  });

  it("go under arguments that are known only later", async () => {
    const defaults = { parallelism: 4, flinkConfiguration: { a: "1" } };
    const inputs = await deployment(
      { defaults },
      {
        parallelism: pulumi.output(2),
        flinkConfiguration: pulumi.output({ b: "2" }),
      },
    );
    assert.deepEqual([inputs.parallelism, inputs.flinkConfiguration], [2, { a: "1", b: "2" }]);
  });

  it("of a target go over those of all, by the argument deploymentTarget or by the namespace", async () => {
    const stack: Stack = {
      defaults: { parallelism: 1, maxEvents: 10 },
      byTarget: {
        production: { parallelism: 2, labels: { tier: "1" } },
        flink: { parallelism: 3, labels: { tier: "2" } },
      },
    };
    const kubernetes = { namespace: "flink", service: "rest" };
    const of = async (args: Partial<FlinkDeploymentArgs>) => {
      const { parallelism, maxEvents, labels } = await deployment(stack, args);
      return [parallelism, maxEvents, labels];
    };
    assert.deepEqual(await of({}), [1, 10, undefined]);
    assert.deepEqual(await of({ deploymentTarget: "production" }), [2, 10, { tier: "1" }]);
    assert.deepEqual(await of({ cluster: { kubernetes } }), [3, 10, { tier: "2" }]);
    assert.deepEqual(await of({ deploymentTarget: "production", cluster: { kubernetes } }), [2, 10, { tier: "1" }]);
  });

  it("of no target are warned of, where the argument deploymentTarget names one that has none", async () => {
    const byTarget = { production: { parallelism: 2 }, staging: {} };
    const warningsOf = async (deploymentTarget: string, stack: Stack = { byTarget }): Promise<string> => {
      const warnings: string[] = [];
      await deployment({ ...stack, onWarning: (message) => warnings.push(message) }, { deploymentTarget });
      return warnings.join("\n");
    };
    assert.match(
      await warningsOf("prodution"),
      /deploymentTarget is "prodution", for which .* has no entry: .* production, staging; did you mean production\?$/,
    );
    assert.match(await warningsOf("nowhere"), /production, staging; if it is to have none, give it an empty one$/);
    assert.equal(await warningsOf("production"), "");
    assert.equal(await warningsOf("staging"), "");
    assert.equal(await warningsOf("nowhere", { defaults: { parallelism: 2 } }), "");
  });

  it("never reach the provider as a target's name", async () => {
    assert.equal("deploymentTarget" in (await deployment({}, { deploymentTarget: "production" })), false);
    assert.equal(
      "deploymentTarget" in (await application({}, { flinkVersion: "1.20.0", deploymentTarget: "a" })).job,
      false,
    );
  });

  it("are a job's and a cluster's in a FlinkApplication", async () => {
    const defaults = {
      flinkVersion: "1.20.0",
      parallelism: 2,
      slotsPerTaskManager: 2,
      storage: { credentials: { secretName: "keys" } },
      resources: { taskManager: { cpu: 2, memory: "4g" } },
      flinkConfiguration: { "taskmanager.memory.managed.fraction": 0.2, "execution.checkpointing.interval": "1 min" },
      kubernetes: { labels: { team: "a" } },
    };
    const { job, keepers, made } = await application(
      { defaults },
      { storage: { uri: "s3://bucket/flink" }, resources: { taskManager: { cpu: 1 } } },
    );
    assert.equal(job.parallelism, 2);
    assert.deepEqual(job.flinkConfiguration, { "execution.checkpointing.interval": "1 min" });
    assert.deepEqual(JSON.parse(keepers().flinkConfiguration ?? ""), { "taskmanager.memory.managed.fraction": "0.2" });
    assert.equal(keepers().flinkVersion, "1.20.0");
    assert.deepEqual((JSON.parse(keepers().resources ?? "") as { taskManager: object }).taskManager, {
      cpu: 1000,
      memory: 4 * 1024 ** 3,
    });
    assert.match(keepers().storage ?? "", /"name":"keys"/);
    const labelled = made.filter(({ type }) => type === "kubernetes:core/v1:Service");
    for (const { inputs } of labelled) {
      assert.equal((inputs.metadata as { labels: Record<string, string> }).labels.team, "a");
    }
    assert.ok(labelled.length > 0);
  });

  it("get a FlinkApplication another cluster when one of its job's changes, as an argument would", async () => {
    const jobOf = async (parallelism: number) =>
      (await application({ defaults: { flinkVersion: "1.20.0", slotsPerTaskManager: 4, parallelism } })).keepers()[
        "keepers.job"
      ];
    assert.notEqual(await jobOf(1), await jobOf(2));
    assert.equal(await jobOf(2), await jobOf(2));
  });

  it("may say that an application is not to run", async () => {
    const { made } = await application({ defaults: { flinkVersion: "1.20.0", state: "suspended" } });
    assert.equal(
      made.some(({ type }) => type.endsWith(":ApplicationCluster")),
      false,
    );
  });

  it("never give an application another cluster than its own", async () => {
    const defaults = { cluster: { url: "http://localhost:1" }, flinkVersion: "1.20.0" };
    const { job } = await application({ defaults }, { state: "SUSPENDED" });
    assert.equal(job.cluster, undefined);
  });

  it("give an application those of its namespace, and warn where that is not known yet", async () => {
    const stack: Stack = { defaults: { flinkVersion: "1.20.0" }, byTarget: { flink: { parallelism: 3 } } };
    assert.equal((await application(stack, { namespace: "flink" })).job.parallelism, 3);
    const warnings: string[] = [];
    const { job } = await application(
      { ...stack, onWarning: (message) => warnings.push(message) },
      { namespace: pulumi.output("flink") },
    );
    assert.equal(job.parallelism, undefined);
    assert.match(
      warnings.join("\n"),
      /deploymentDefaultsByTarget is not looked at .* name the entry by the argument deploymentTarget/,
    );
    assert.equal(warnings.length, 1);
  });

  it("are warned of that a job misses because its cluster's namespace is known too late", async () => {
    const warningsOf = async (cluster: FlinkDeploymentArgs["cluster"], deploymentTarget?: string) => {
      const warnings: string[] = [];
      const stack = { byTarget: { flink: { parallelism: 3 } }, onWarning: (message: string) => warnings.push(message) };
      const { parallelism } = await deployment(stack, { cluster, deploymentTarget });
      assert.equal(parallelism, deploymentTarget === undefined ? undefined : 3);
      return warnings;
    };
    const kubernetes = { namespace: "flink", service: "rest" };
    const missing: FlinkDeploymentArgs["cluster"][] = [
      { endpoint: pulumi.output({ kubernetes }) },
      pulumi.output({ kubernetes }),
      { kubernetes: { ...kubernetes, namespace: pulumi.output("flink") } },
    ];
    for (const cluster of missing) {
      const [warning, ...others] = await warningsOf(cluster);
      assert.match(warning ?? "", /deploymentDefaultsByTarget is not looked at .* the argument deploymentTarget$/);
      assert.deepEqual(others, []);
      assert.deepEqual(await warningsOf(cluster, "flink"), []);
    }
    const nothingMissing: FlinkDeploymentArgs["cluster"][] = [
      { endpoint: pulumi.output({ kubernetes: { ...kubernetes, namespace: "elsewhere" } }) },
      { endpoint: pulumi.output({ url: "http://localhost:8081" }) },
    ];
    for (const cluster of nothingMissing) assert.deepEqual(await warningsOf(cluster), []);
  });

  it("that are a cluster's are nothing to a job on a cluster that is there", async () => {
    const defaults = {
      flinkVersion: "1.20.0",
      jobUpgrade: "SAME_CLUSTER",
      flinkConfiguration: { "taskmanager.memory.managed.fraction": 0.2, a: "b" },
    };
    const inputs = await deployment({ defaults });
    assert.deepEqual(inputs.flinkConfiguration, { a: "b" });
    assert.equal("flinkVersion" in inputs || "jobUpgrade" in inputs, false);
  });

  it("leave no room for two that exclude each other", async () => {
    const flinkVersion = "1.20.0";
    const image = async (defaults: object, args: Partial<FlinkApplicationArgs>) =>
      (await application({ defaults: { flinkVersion, ...defaults } }, args)).keepers().image;
    assert.equal(await image({ flinkImageRegistry: "r.example.org" }, { image: "mine" }), "mine");
    assert.equal(await image({ image: "mine" }, { flinkImageTag: "a" }), "flink:a");
    const jarUri = "https://repo.example.org/other.jar";
    const { artifact } = await deployment({ defaults: { artifact: { jarUri } } }, { artifact: { jar: asset() } });
    assert.equal((artifact as { jarUri?: string }).jarUri, undefined);
  });

  const asset = () => new pulumi.asset.FileAsset("package.json");

  it("of a storage are none for a storage elsewhere", async () => {
    const storage = { uri: "s3://bucket/flink", credentials: { secretName: "keys" } };
    const { keepers } = await application(
      { defaults: { flinkVersion: "1.20.0", storage } },
      { storage: { uri: "gs://bucket/flink" } },
    );
    assert.deepEqual(JSON.parse(keepers().storage ?? ""), { uri: "gs://bucket/flink" });
  });

  it("that are secret are secret wherever they go", async () => {
    const defaults = { flinkConfiguration: { "orders.password": "hunter2" }, parallelism: 2, state: "RUNNING" };
    const inputs = await deployment({ defaults, secret: true });
    const configuration = inputs.flinkConfiguration as Record<string, object>;
    assert.ok(SECRET_MARK in (configuration["orders.password"] ?? {}));
    assert.equal(inputs.parallelism, 2);
  });

  const wrong: [what: string, stack: Stack, failures: string[]][] = [
    [
      "all that is wrong, each with its key",
      { defaults: { paralelism: 2, parallelism: 0, upgradeStrategy: { kind: "x" } }, byTarget: { a: { drain: "no" } } },
      [
        "flink:deploymentDefaults.paralelism is no argument of a FlinkDeployment or a FlinkApplication; did you mean parallelism?",
        "flink:deploymentDefaults.parallelism must be at least 1, but is 0",
        'flink:deploymentDefaults.upgradeStrategy.kind is "x", which is not known; allowed: STATEFUL, STATELESS, NONE',
        'flink:deploymentDefaultsByTarget["a"].drain must be true or false, not a string',
      ],
    ],
    [
      "what no user may set",
      { defaults: { uid: "1" } },
      ["flink:deploymentDefaults.uid is no argument of a FlinkDeployment or a FlinkApplication"],
    ],
    [
      "another thing than an object",
      { defaults: [1] },
      [
        "flink:deploymentDefaults must be an object, not a list: pulumi config set --path 'flink:deploymentDefaults.parallelism' 2, say",
      ],
    ],
    [
      "a target that is no object",
      { byTarget: { a: 1 } },
      [
        `flink:deploymentDefaultsByTarget["a"] must be an object, not a number: pulumi config set --path 'flink:deploymentDefaultsByTarget["a"].parallelism' 2, say`,
      ],
    ],
  ];
  for (const [what, stack, failures] of wrong) {
    it(`are refused with ${what}`, async () => {
      await assert.rejects(deployment(stack), (error) => {
        assert.ok(error instanceof InvalidStackConfigurationError);
        assert.deepEqual(error.message.split("\n  - ").slice(1), failures);
        return true;
      });
    });
  }

  it("are refused where a cluster could not be so, by a FlinkApplication", async () => {
    const defaults = {
      flinkVersion: "1.16.0",
      resources: "small",
      storage: { endpoint: "" },
      jobUpgrade: "NEW",
      kubernetes: { imagePullSecrets: "keys", podTemplates: {} },
    };
    await assert.rejects(application({ defaults }), (error) => {
      assert.ok(error instanceof InvalidStackConfigurationError);
      assert.deepEqual(error.message.split("\n  - ").slice(1), [
        "flink:deploymentDefaults.flinkVersion is wrong: Flink 1.16.0 is too old: 1.17.0 is the oldest that is supported.",
        "flink:deploymentDefaults.resources must be an object, not a string",
        "flink:deploymentDefaults.storage.endpoint must not be empty",
        "flink:deploymentDefaults.kubernetes.imagePullSecrets must be a list, not a string",
        "flink:deploymentDefaults.kubernetes.podTemplates is not known here; did you mean podTemplate?",
        'flink:deploymentDefaults.jobUpgrade is "NEW", which is not known; allowed: NEW_CLUSTER, SAME_CLUSTER',
      ]);
      return true;
    });
  });

  it("are refused without showing what is secret in them", async () => {
    const defaults = { state: "hunter2" };
    await assert.rejects(deployment({ defaults, secret: true }), (error: Error) => {
      assert.match(error.message, /flink:deploymentDefaults\.state is "\*\*\*", which is not known/);
      return true;
    });
  });

  it("know every argument of a cluster by its name", () => {
    const own = Object.keys(CLUSTER_ARGUMENTS);
    const others = ["flinkConfiguration", "keepers", "localArtifacts", "forceCancellationOf"];
    assert.deepEqual([...own, ...others].sort(), [...namesAt([])].sort());
  });
});
