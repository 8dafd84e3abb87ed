import assert from "node:assert/strict";
import * as os from "node:os";
import * as path from "node:path";
import * as hooks from "../../../provider/hooks/clusterRegistration";
import { rememberPhase } from "../../../provider/engine/phase";
import type { RegistrationOutputs } from "../../../provider/registration/inputs";
import { FakeFlink } from "../../rig/fakeFlink";

const incarnation = "1".repeat(32);
const job = "a".repeat(32);

describe("the guard of a cluster", () => {
  let flink: FakeFlink;

  beforeEach(async () => {
    rememberPhase(false);
    flink = await FakeFlink.start();
  });

  afterEach(async () => {
    delete process.env["PULUMI_FLINK_ABANDON_JOBS"];
    await hooks.configure({ config: { get: () => undefined, require: () => "" } });
    await flink.close();
  });

  const endpointOf = () => ({ url: flink.url, fingerprint: "f", incarnation });

  function remove(others: Partial<RegistrationOutputs> = {}): Promise<void> {
    return hooks.delete(incarnation, {
      endpoint: others.endpoint ?? endpointOf(),
      clusterName: "local",
      taskManagers: 1,
      slots: 4,
      clusterReadyTimeout: "5 min",
      forceCancellationOf: [],
      runningVersion: "1.20.0",
      ...others,
    });
  }

  it("lets it go when every job has ended", async () => {
    for (const status of ["FINISHED", "FAILED", "CANCELED"] as const) flink.addJob({ status });
    await remove();
  });

  it("names each job that has not ended, and what to do", async () => {
    flink.addJob({ id: job, name: "counts" });
    flink.addJob({ id: "b".repeat(32), name: "other", status: "RESTARTING" });
    flink.addJob({ id: "c".repeat(32), status: "FINISHED" });
    await assert.rejects(remove(), (error: Error) => {
      assert.equal(
        error.message,
        `The Flink cluster local at ${flink.url} is not deleted: 2 jobs run on it.\n` +
          `  - job ${job} "counts" (RUNNING)\n` +
          `  - job ${"b".repeat(32)} "other" (RESTARTING)\n` +
          "The cluster was left as it is. If another stack's FlinkDeployment made the job, run `pulumi up` in that " +
          "stack (it moves the job to the new cluster, or suspends or cancels it by its state), then run it here " +
          "again. To end them with the cluster, name them in forceCancellationOf, or run: " +
          `PULUMI_FLINK_ABANDON_JOBS=${job},${"b".repeat(32)} pulumi up (FLINK_CLUSTER_BUSY)`,
      );
      assert.equal((error.cause as { code?: string }).code, "FLINK_CLUSTER_BUSY");
      return true;
    });
  });

  it("passes a job that is given up by name, in the stack's configuration or its own arguments", async () => {
    flink.addJob({ id: job });
    const config = new Map([["flink:abandonJobs", JSON.stringify([job])]]);
    await hooks.configure({ config: { get: (key: string) => config.get(key) } } as never);
    await remove();
    config.clear();
    await assert.rejects(remove(), { message: /is not deleted/ });
    await remove({ forceCancellationOf: [job] });
    flink.addJob({ id: "b".repeat(32) });
    await assert.rejects(remove({ forceCancellationOf: [job] }), { message: /a job runs on it\.\n {2}- job bbbb/ });
  });

  it("goes by what the program says in this run, not by what it said when the cluster was made", async () => {
    flink.addJob({ id: job });
    const resourceUrn = "urn:of-this-test";
    const endpoint = endpointOf();
    const news = { endpoint, clusterName: "local", taskManagers: 1, slots: 1, resourceUrn };
    await hooks.check({}, { ...news, forceCancellationOf: [job] });
    await remove({ resourceUrn });
    await hooks.check({}, news);
    await assert.rejects(remove({ resourceUrn, forceCancellationOf: [job] }), { message: /is not deleted/ });
  });

  it("refuses when the cluster does not say, until it is given up by its incarnation", async () => {
    flink.addJob();
    const endpoint = endpointOf();
    await flink.close();
    await assert.rejects(remove({ endpoint }), (error: Error) => {
      assert.match(error.message, /is not deleted: it does not say whether jobs run on it\. Bring it back/);
      assert.match(error.message, new RegExp(`PULUMI_FLINK_ABANDON_JOBS=${incarnation} pulumi up`));
      assert.equal((error.cause as { code?: string }).code, "FLINK_CLUSTER_UNREACHABLE");
      return true;
    });
    process.env["PULUMI_FLINK_ABANDON_JOBS"] = incarnation;
    await remove({ endpoint });
  });

  it("lets go what this machine says is gone, and only this machine's", async () => {
    const { url } = flink;
    await flink.close();
    const directory = path.join(os.tmpdir(), "no-cluster-here");
    const endpoint = { url, fingerprint: "f", incarnation };
    await remove({ endpoint: { ...endpoint, processes: { host: os.hostname(), directory } } });
    const elsewhere = { ...endpoint, processes: { host: "another machine", directory } };
    await assert.rejects(remove({ endpoint: elsewhere }), { message: /does not say/ });
  });

  it("shows what Flink answers when it refuses the credentials", async () => {
    flink.authorization = "Bearer right";
    const endpoint = { url: flink.url, incarnation, bearerToken: "old" };
    await assert.rejects(remove({ endpoint }), { message: /Credentials used: the stack state's bearer token/ });
    process.env["PULUMI_FLINK_BEARER_TOKEN"] = "right";
    try {
      await remove({ endpoint });
    } finally {
      delete process.env["PULUMI_FLINK_BEARER_TOKEN"];
    }
  });
});
