import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FlinkApplication, type FlinkApplicationArgs } from "../../../index";
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

  it("refuses a jobUpgrade that is none, and arguments of its cluster by their names", async () => {
    await assert.rejects(
      madeBy({ jobUpgrade: "new" as never }),
      /jobUpgrade must be "NEW_CLUSTER" or "SAME_CLUSTER", but is "new"/,
    );
    await assert.rejects(madeBy({ slotsPerTaskManager: 0 }), /slotsPerTaskManager/);
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
