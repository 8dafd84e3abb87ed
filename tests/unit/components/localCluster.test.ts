import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { LocalCluster, type LocalClusterArgs } from "../../../index";

interface Made {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** The URN of its parent. */
  parent: string;
}

const CLUSTER = "flink:index:LocalCluster";
const DYNAMIC = "pulumi-nodejs:dynamic/flink";

// Mocks run no hooks: tests/engine shows what the children do.
describe("the children of a LocalCluster", () => {
  let made: Made[] = [];

  after(() => pulumi.runtime.resetOptions("", "", -1, "", "", false, ""));

  /** Registers a cluster; its endpoint, with unknown values where a preview does not know them. */
  async function declare(args: LocalClusterArgs, isDryRun = false): Promise<Record<string, unknown>> {
    const mocks: pulumi.runtime.Mocks = {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        if (isDryRun) return { id: name, state: given };
        return type.endsWith("Identity")
          ? { id: name, state: { ...given, uid: "1".repeat(32) } }
          : { id: name, state: { ...given, url: "http://127.0.0.1:1", host: "here", home: "/home" } };
      },
      call: () => ({}),
    };
    await pulumi.runtime.setMocks(mocks, "project", "stack", isDryRun);
    const monitor = pulumi.runtime.getMonitor() as unknown as {
      registerResource(request: RegisterResourceRequest, answer: unknown): Promise<void>;
    };
    const register = monitor.registerResource.bind(monitor);
    made = [];
    monitor.registerResource = (request, answer) => {
      const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
      made.push({ type: request.getType(), name: request.getName(), inputs, parent: request.getParent() });
      return register(request, answer);
    };
    new LocalCluster("local", args);
    await pulumi.runtime.disconnect();
    return child("registration")?.endpoint as Record<string, unknown>;
  }

  const child = (suffix: string) => made.find(({ name }) => name === `local-${suffix}`)?.inputs;

  it("are its identity, its processes and its registration, in this order and under it", async () => {
    await declare({ flinkVersion: "1.20.0" });
    const parent = `urn:pulumi:stack::project::${CLUSTER}::local`;
    assert.deepEqual(
      made.map(({ type, name, parent }) => [type, name, parent]),
      [
        [CLUSTER, "local", made[0]?.parent],
        [`${DYNAMIC}:Identity`, "local-identity", parent],
        [`${DYNAMIC}:LocalProcesses`, "local-processes", parent],
        [`${DYNAMIC}:ClusterRegistration`, "local-registration", parent],
      ],
    );
  });

  it("give the endpoint everything that identifies the cluster", async () => {
    const endpoint = await declare({ flinkVersion: "1.20.0", taskManagers: 3 });
    const keepers = child("identity")?.keepers as { fingerprint: string };
    assert.deepEqual(endpoint, {
      url: "http://127.0.0.1:1",
      fingerprint: keepers.fingerprint,
      incarnation: "1".repeat(32),
      processes: { host: "here", directory: "/home" },
    });
    const { taskManagers, slots, clusterName } = child("registration") ?? {};
    assert.deepEqual([taskManagers, slots, clusterName], [3, 6, "local"]);
  });

  it("know the fingerprint in a preview although the address is not known", async () => {
    const endpoint = await declare({ flinkVersion: "1.20.0" }, true);
    assert.match(String(endpoint.fingerprint), /^[0-9a-f]{16}$/);
    assert.equal(endpoint.url, pulumi.runtime.unknownValue);
  });

  it("are told of a folder in the project, of the stack and the cluster, unless another is given", async () => {
    await declare({ flinkVersion: "1.20.0" });
    assert.equal(child("processes")?.directory, ".pulumi-flink/stack/local");
    await declare({ flinkVersion: "1.20.0", directory: "elsewhere" });
    assert.equal(child("processes")?.directory, "elsewhere");
  });

  it("share a fingerprint that changes with whatever a running process cannot take on, and with nothing else", async () => {
    const fingerprint = async (args: LocalClusterArgs) =>
      (await declare({ flinkVersion: "1.20.0", ...args })).fingerprint;
    const first = await fingerprint({});
    assert.match(String(first), /^[0-9a-f]{16}$/);
    assert.equal(await fingerprint({ taskManagers: 2, clusterReadyTimeout: "1 min" }), first);
    assert.equal(await fingerprint({ slotsPerTaskManager: 2, forceCancellationOf: ["1".repeat(32)] }), first);
    const number = await fingerprint({ flinkConfiguration: { key: 1 } });
    assert.equal(await fingerprint({ flinkConfiguration: { key: "1" } }), number);
    const others = [
      number,
      await fingerprint({ flinkVersion: "2.3.0" }),
      await fingerprint({ slotsPerTaskManager: 1 }),
      await fingerprint({ port: 8081 }),
      await fingerprint({ directory: "elsewhere" }),
      await fingerprint({ flinkVersion: undefined, flinkHome: "/opt/flink" }),
    ];
    assert.equal(new Set([first, ...others]).size, others.length + 1);
  });
});
