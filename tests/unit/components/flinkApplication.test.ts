import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { PART_ARGUMENTS } from "../../../components/application/argumentNames";
import { FlinkApplication, InvalidClusterError, type FlinkApplicationArgs } from "../../../index";
import { ARGUMENT_NAMES } from "../../../provider/deployment/schema";
import { CLUSTER_ARGUMENTS } from "../../../provider/resources/clusterArguments";
import { declare, INCARNATION, type Made } from "../../rig/declaredResources";

const CLUSTER = { flinkVersion: "1.20.0" };

describe("a FlinkApplication", () => {
  let folder: string;
  let jar: string;

  before(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "pulumi-flink-application-"));
    jar = path.join(folder, "job.jar");
  });

  beforeEach(() => fs.writeFile(jar, "first"));

  after(() => fs.rm(folder, { recursive: true }));

  const plain = (): FlinkApplicationArgs => ({ ...CLUSTER, artifact: { jarUri: `file://${jar}` } });

  async function madeBy(args: Partial<FlinkApplicationArgs> = {}) {
    const made = await declare(() => void new FlinkApplication("orders", { ...plain(), ...args }));
    const one = (type: string, under: string): Made => {
      const found = made.find((each) => each.type.endsWith(`:${type}`) && each.parent.includes(under));
      assert.ok(found, `${type} under ${under} is missing`);
      return found;
    };
    return { made, one };
  }

  /** All that is refused, as lines. */
  async function issuesOf(args: Partial<FlinkApplicationArgs>): Promise<string[]> {
    const error: unknown = await madeBy(args).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return [];
    assert.ok(error instanceof InvalidClusterError);
    assert.match(error.message, /^The FlinkApplication "orders" cannot be made.* Nothing was changed\./);
    return error.issues.map(({ property, reason }) => `${property} ${reason}`);
  }

  /** What the cluster's incarnation hangs on. */
  async function keepersOf(args: Partial<FlinkApplicationArgs> = {}): Promise<Record<string, unknown>> {
    const { one } = await madeBy(args);
    const { keepers } = one("Identity", "ApplicationCluster").inputs;
    return keepers as Record<string, unknown>;
  }

  const jobKeeper = async (args: Partial<FlinkApplicationArgs> = {}): Promise<unknown> =>
    (await keepersOf(args))["keepers.job"];

  it("is a cluster, and a deployment on it, under it", async () => {
    const { made, one } = await madeBy();
    const under = (parent: string) =>
      made
        .filter((each) => each.parent.endsWith(`${parent}::orders`))
        .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`)
        .sort();
    assert.deepEqual(under("flink:index:FlinkApplication"), [
      "ApplicationCluster orders",
      "AskedClusters orders-clusters",
      "FlinkDeployment orders",
      "Identity orders-identity",
    ]);
    const endpoint = one("FlinkDeployment", "FlinkApplication").inputs["cluster"] as { incarnation: string };
    assert.equal(endpoint.incarnation, INCARNATION);
  });

  for (const state of ["SUSPENDED", "CANCELLED"] as const) {
    it(`has no cluster while it is to be ${state}`, async () => {
      const { made, one } = await madeBy({ state });
      assert.deepEqual(
        made.filter(({ type }) => type.startsWith("kubernetes:") || type.endsWith("Cluster")),
        [],
      );
      const { inputs } = one("FlinkDeployment", "FlinkApplication");
      assert.deepEqual([inputs["state"], inputs["cluster"]], [state, undefined]);
    });
  }

  it("gives each key of its configuration to those who read it", async () => {
    const flinkConfiguration = {
      "taskmanager.memory.managed.fraction": 0.2,
      "execution.checkpointing.interval": "1 min",
      "restart-strategy.type": "none",
      "metrics.reporters": "prom",
    };
    const { one } = await madeBy({ flinkConfiguration });
    assert.deepEqual(one("FlinkDeployment", "FlinkApplication").inputs["flinkConfiguration"], {
      "execution.checkpointing.interval": "1 min",
      "restart-strategy.type": "none",
    });
    const keepers = await keepersOf({ flinkConfiguration });
    assert.deepEqual(JSON.parse(keepers["flinkConfiguration"] as string), {
      "taskmanager.memory.managed.fraction": "0.2",
      "metrics.reporters": "prom",
    });
  });

  it("has as many TaskManagers as its parallelism needs, or as it is told", async () => {
    const count = async (args: Partial<FlinkApplicationArgs>): Promise<unknown> =>
      (await madeBy(args)).one("ClusterRegistration", "ApplicationCluster").inputs["taskManagers"];
    assert.equal(await count({}), 1);
    assert.equal(await count({ parallelism: 5, slotsPerTaskManager: 2 }), 3);
    assert.equal(await count({ parallelism: 5, slotsPerTaskManager: 2, numberOfTaskManagers: 4 }), 4);
  });

  it("gets another cluster for each change of the job, the content of its jar included, and for nothing else", async () => {
    const before = await jobKeeper();
    const changes: Partial<FlinkApplicationArgs>[] = [
      { artifact: { jarUri: `file://${jar}`, mainArgs: "--fast" } },
      { artifact: { jarUri: `file://${jar}`, entryClass: "org.example.Other" } },
      { parallelism: 2 },
      { flinkConfiguration: { "execution.checkpointing.interval": "1 min" } },
      { restartNonce: 1 },
      { annotations: { reason: "why not" } },
    ];
    for (const change of changes) assert.notEqual(await jobKeeper(change), before, JSON.stringify(change));
    const others: Partial<FlinkApplicationArgs>[] = [
      { labels: { team: "a" }, displayName: "Orders", maxJobCreationAttempts: 2 },
      { rollback: false, timeouts: { running: "1 min" } },
      { artifact: { jar: new pulumi.asset.FileAsset(jar) } },
    ];
    for (const other of others) assert.equal(await jobKeeper(other), before, JSON.stringify(other));
    await fs.writeFile(jar, "second");
    assert.notEqual(await jobKeeper(), before);
  });

  it("gets another cluster when a dependency of its jar is another one, by content or by name", async () => {
    const library = path.join(folder, "library.jar");
    await fs.writeFile(library, "first");
    const withLibraries = (...additionalDependencies: string[]): Promise<unknown> =>
      jobKeeper({ artifact: { jarUri: `file://${jar}`, additionalDependencies } });
    const alone = await jobKeeper();
    assert.equal(await withLibraries(), alone, "none is as if nothing were said");
    const before = await withLibraries(`file://${library}`);
    assert.notEqual(before, alone);
    assert.equal(await withLibraries(`file://${library}`), before);
    assert.notEqual(await withLibraries(`file://${library}`, "https://h/other.jar"), before);
    await fs.writeFile(library, "second");
    assert.notEqual(await withLibraries(`file://${library}`), before);
  });

  it("keeps its cluster where it is to upgrade on the same one, and while changes wait", async () => {
    assert.equal(await jobKeeper({ jobUpgrade: "SAME_CLUSTER" }), undefined);
    assert.equal(await jobKeeper({ upgradeStrategy: { kind: "NONE" } }), undefined);
  });

  it("refuses a jobUpgrade that is none, or that is known too late, and takes it in any case", async () => {
    assert.deepEqual(await issuesOf({ jobUpgrade: "new" as never }), [
      'jobUpgrade is "new", which is not known; allowed: NEW_CLUSTER, SAME_CLUSTER',
    ]);
    const [late = "", ...others] = await issuesOf({ jobUpgrade: pulumi.output("SAME_CLUSTER") as never });
    assert.match(late, /^jobUpgrade must be known while the program runs/);
    assert.deepEqual(others, []);
    assert.equal(await jobKeeper({ jobUpgrade: "same_cluster" as never }), undefined);
  });

  it("knows all arguments of its job and of its cluster, and no other: a misspelt one of either is told from the nearest", async () => {
    const jobs = ARGUMENT_NAMES.filter((name) => name !== "cluster");
    assert.deepEqual(
      [...PART_ARGUMENTS].sort(),
      [...jobs, "deploymentTarget", ...Object.keys(CLUSTER_ARGUMENTS)].sort(),
    );
    const misspelt = { numberOfTaskManger: 2, paralelism: 2, jobUpgrades: "SAME_CLUSTER" };
    assert.deepEqual(await issuesOf(misspelt as object), [
      "numberOfTaskManger is not known here; did you mean numberOfTaskManagers?",
      "paralelism is not known here; did you mean parallelism?",
      "jobUpgrades is not known here; did you mean jobUpgrade?",
    ]);
    const cluster = { url: "http://localhost:8081" };
    const [another = "", ...others] = await issuesOf({ cluster } as object);
    assert.match(another, /^cluster is not known here; the keys are state, artifact, .*, jobUpgrade$/);
    assert.deepEqual(others, []);
  });

  for (const state of ["RUNNING", "SUSPENDED", "CANCELLED"] as const) {
    it(`is refused for all that is wrong with its cluster while it is to be ${state}`, async () => {
      const wrong: Partial<FlinkApplicationArgs> = {
        state,
        flinkVersion: undefined,
        slotsPerTaskManager: 0,
        kubernetes: { serviceAccountName: "Flink" },
        flinkConfiguration: { "kubernetes.namespace": "flink", "pipeline.name": "orders" },
      };
      const properties = (await issuesOf(wrong)).map((line) => line.split(" ")[0]);
      assert.deepEqual(
        properties.sort(),
        [
          "flinkVersion",
          'flinkConfiguration["kubernetes.namespace"]',
          "kubernetes.serviceAccountName",
          "slotsPerTaskManager",
        ].sort(),
      );
    });
  }

  it("lets pass what is known later, while it is not to run", async () => {
    const later = { namespace: pulumi.output("Flink"), flinkConfiguration: pulumi.output({ "rest.port": 1 }) };
    assert.deepEqual(await issuesOf({ state: "CANCELLED", ...later }), []);
  });

  it("is refused with a parallelism for which its TaskManagers have no slots, unless it may run on fewer", async () => {
    const few = { parallelism: 5, numberOfTaskManagers: 2, slotsPerTaskManager: 2 };
    assert.deepEqual(await issuesOf(few), [
      "parallelism is 5, but numberOfTaskManagers times slotsPerTaskManager is 4: the job would wait for slots in vain. " +
        "Raise numberOfTaskManagers to 3, or leave it out: then there are as many as the job needs",
    ]);
    assert.equal((await issuesOf({ parallelism: 2, numberOfTaskManagers: 1 })).length, 1, "a TaskManager has one slot");
    const configured = (key: string, value: pulumi.Input<string>) => ({ flinkConfiguration: { [key]: value } });
    const enough: Partial<FlinkApplicationArgs>[] = [
      { ...few, parallelism: 4 },
      { ...few, numberOfTaskManagers: undefined },
      { ...few, parallelism: pulumi.output(5) },
      { ...few, ...configured("jobmanager.scheduler", "Adaptive") },
      { ...few, ...configured("scheduler-mode", "reactive") },
      { ...few, ...configured("execution.runtime-mode", "BATCH") },
      { ...few, ...configured("jobmanager.scheduler", pulumi.output("adaptive")) },
    ];
    for (const [index, args] of enough.entries()) assert.deepEqual(await issuesOf(args), [], String(index));
  });

  it("may have several JobManagers only with a jar of its image, which each of them has", async () => {
    const several = { storage: { uri: "s3://b" }, resources: { jobManager: { replicas: 2 } } };
    const jarUri = "local:///opt/flink/usrlib/orders.jar";
    assert.deepEqual(await issuesOf({ ...several, artifact: { jarUri } }), []);
    const [reason = "", ...others] = await issuesOf(several);
    assert.match(reason, /^resources\.jobManager\.replicas can be more than 1 only where .*artifact\.jarUri: "local:/);
    assert.deepEqual(others, []);
  });

  it("is not warned of the keeper that stands for its job, where its pods change in place", async () => {
    const warnings: string[] = [];
    const args: FlinkApplicationArgs = { ...plain(), storage: { uri: "s3://b" }, rollout: "IN_PLACE" };
    await declare(() => void new FlinkApplication("orders", args), { onWarning: (line) => warnings.push(line) });
    assert.deepEqual(warnings, []);
  });

  it("needs a version of Flink, which the stack's defaults may have", async () => {
    await assert.rejects(madeBy({ flinkVersion: undefined }), /flinkVersion is required/);
  });

  it("has its cluster offer the jar of the image that it names, as no secret", async () => {
    const offered = async (artifact: FlinkApplicationArgs["artifact"]): Promise<unknown> => {
      const { made } = await madeBy({ artifact });
      const jobManager = made.find(({ type, name }) => type.endsWith(":Deployment") && name.includes("jobmanager"));
      return JSON.stringify(jobManager?.inputs["spec"]).includes("-orders.jar");
    };
    const jarUri = "local:///opt/flink/usrlib/orders.jar";
    assert.equal(await offered({ jarUri }), true);
    assert.equal(await offered({ jarUri, mainArgs: [pulumi.secret("hidden")] }), true);
    assert.equal(await offered({ jarUri: "https://repo.example.org/orders.jar" }), false);
  });

  it("may end its job with its cluster by the job's id", async () => {
    const forceCancellationOf = "1".repeat(32);
    const { one } = await madeBy({ forceCancellationOf });
    const registration = one("ClusterRegistration", "ApplicationCluster");
    assert.deepEqual(registration.inputs["forceCancellationOf"], [forceCancellationOf]);
  });
});
