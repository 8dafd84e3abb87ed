import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { SessionCluster, type FlinkClusterArgs } from "../../../../index";
import { declare, SECRET_MARK, type Made } from "../../../rig/declaredResources";

const PLAIN: FlinkClusterArgs = { flinkVersion: "1.20.0", resources: { taskManager: { memory: "2g" } } };

describe("what a cluster on Kubernetes is kept by", () => {
  async function identityOf(args: Partial<FlinkClusterArgs>) {
    const program = () => void new SessionCluster("orders", { ...PLAIN, ...args });
    // What is warned of has tests of its own.
    const made = await declare(program, { onWarning: () => undefined });
    return made.find(({ type }) => type.endsWith(":Identity"))?.inputs as {
      keepers: Record<string, unknown>;
      growing: object;
      pinned: boolean;
    };
  }

  /** Names of the keepers that differ from those of the plain cluster. */
  async function changed(args: Partial<FlinkClusterArgs>): Promise<string[]> {
    const [before, after] = [(await identityOf({})).keepers, (await identityOf(args)).keepers];
    return Object.keys(after).filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]));
  }

  it("changes with all that pods are made of, and says with what", async () => {
    const cases: [Partial<FlinkClusterArgs>, string[]][] = [
      [{ flinkVersion: "1.20.1" }, ["flinkVersion", "image", "pods"]],
      [{ image: "registry.example.org/flink:mine" }, ["image", "pods"]],
      [{ flinkImageTag: "1.20.0-java17" }, ["image", "pods"]],
      [{ resources: { taskManager: { memory: "3g" } } }, ["resources", "pods"]],
      [{ slotsPerTaskManager: 2 }, ["slotsPerTaskManager", "pods"]],
      [{ flinkConfiguration: { "state.backend.type": "rocksdb" } }, ["flinkConfiguration", "pods"]],
      [{ storage: { uri: "gs://bucket" } }, ["storage", "highAvailability", "pods"]],
      [{ namespace: "elsewhere" }, ["namespace"]],
      [{ logging: { log4jLoggers: { "": "DEBUG" } } }, ["pods"]],
      [{ kubernetes: { envVars: [{ name: "A", value: "1" }] } }, ["pods"]],
      [{ kubernetes: { podTemplate: { spec: { nodeSelector: { disk: "fast" } } } } }, ["pods"]],
      [{ kubernetes: { serviceAccountName: "mine" } }, ["pods"]],
    ];
    for (const [args, names] of cases)
      assert.deepEqual((await changed(args)).sort(), names.sort(), JSON.stringify(args));
  });

  it("does not change with what needs no other pods", async () => {
    const cases: Partial<FlinkClusterArgs>[] = [
      { resources: { taskManager: { memory: "2048m" } } },
      { numberOfTaskManagers: 3 },
      { rollout: "IN_PLACE", clusterReadyTimeout: "1 min", forceCancellationOf: ["1".repeat(32)] },
      { kubernetes: { labels: { team: "a" }, annotations: { note: "b" }, via: "portForward", kubeconfig: "other" } },
      { networkPolicy: false },
      { ingress: { host: "h" }, networkPolicy: { from: [{ podSelector: {} }], apiServerCidrs: ["10.0.0.0/8"] } },
      { image: "flink:1.20.0" },
    ];
    for (const args of cases) assert.deepEqual(await changed(args), [], JSON.stringify(args));
    const common = { storage: { uri: "s3://b" }, localArtifacts: ["local:///opt/flink/usrlib/orders.jar"] };
    const replicas = async (count: number) =>
      (await identityOf({ ...common, resources: { jobManager: { replicas: count } } })).keepers;
    assert.deepEqual(await replicas(2), await replicas(1));
  });

  it("changes with the keys of the storage, which are shown nowhere", async () => {
    const keys = (secretAccessKey: string): Partial<FlinkClusterArgs> => ({
      storage: { uri: "s3://b", credentials: { accessKeyId: "id", secretAccessKey: pulumi.secret(secretAccessKey) } },
    });
    const [one, other] = [(await identityOf(keys("swordfish"))).keepers, (await identityOf(keys("sturgeon"))).keepers];
    assert.notEqual(one["pods"], other["pods"]);
    assert.doesNotMatch(JSON.stringify(one), /swordfish/);
  });

  it("says how many TaskManagers there are, and that it is pinned", async () => {
    const { growing, pinned } = await identityOf({ numberOfTaskManagers: 3 });
    assert.deepEqual([growing, pinned], [{ numberOfTaskManagers: 3 }, false]);
    assert.equal((await identityOf({ rollout: "IN_PLACE" })).pinned, true);
  });

  it("keeps secrets to the objects that hold them", async () => {
    const args: FlinkClusterArgs = {
      flinkVersion: "1.20.0",
      flinkConfiguration: { "my.password": pulumi.secret("swordfish") },
      kubernetes: { envVars: [{ name: "TOKEN", value: pulumi.secret("sturgeon") }] },
      storage: { uri: "s3://b", credentials: { accessKeyId: "id", secretAccessKey: pulumi.secret("salmon") } },
    };
    const made = await declare(() => void new SessionCluster("orders", args));
    const isMarked = (value: unknown) => typeof value === "object" && value !== null && SECRET_MARK in value;
    const isSecret = ({ inputs }: Made) => JSON.stringify(inputs).includes(SECRET_MARK);
    const holders = made.filter(isSecret).map(({ type }) => type.split(":").at(-1));
    assert.deepEqual([...new Set(holders)].sort(), ["ConfigMap", "Deployment", "Identity", "Secret"]);
    for (const { inputs, type } of made) {
      const open = JSON.stringify(inputs, (_key, inner: unknown) => (isMarked(inner) ? "hidden" : inner));
      assert.doesNotMatch(open, /swordfish|sturgeon|salmon/, type);
    }
  });
});
