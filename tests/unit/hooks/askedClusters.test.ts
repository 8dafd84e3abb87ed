import assert from "node:assert/strict";
import { create, diff, update, type AskedOutputs } from "../../../provider/hooks/askedClusters";
import { UNKNOWN_VALUE } from "../../../provider/values/unknown";
import type { Arguments } from "../../rig/deploymentRuns";
import type { FakeFlink } from "../../rig/fakeFlink";
import { start, useRig, type Running } from "./fixture";

const NO_PODS = { status: 404, body: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound" } };
const A = { url: "http://a:8081" };
const B = { url: "http://b:8081" };

describe("the clusters that a deployment was asked to be on", () => {
  const urls = ({ clusters }: AskedOutputs): string[] =>
    clusters.map(({ number, endpoint }) => `${number} ${endpoint.url}`);
  const asked = async (...clusters: { url: string }[]): Promise<AskedOutputs> => {
    let outputs = (await create({})).outs as AskedOutputs;
    for (const cluster of clusters) outputs = (await update("", outputs, { cluster })).outs as AskedOutputs;
    return outputs;
  };

  it("are kept, the newest first, each once and under a new number", async () => {
    assert.deepEqual(urls(await asked(A, B)), ["2 http://b:8081", "1 http://a:8081"]);
    assert.deepEqual(urls(await asked(A, B, { url: "http://a:8081/" })), ["3 http://a:8081/", "2 http://b:8081"]);
    const left = await asked(A);
    assert.deepEqual(urls((await update("", left, {})).outs as AskedOutputs), ["1 http://a:8081"]);
    const many = Array.from({ length: 30 }, (_, index) => ({ url: `http://c${index}:8081` }));
    assert.equal((await asked(...many)).clusters.length, 16);
  });

  it("change with the cluster, and with nothing else", async () => {
    const changes = async (before: object, now: object): Promise<boolean | undefined> =>
      (await diff("", { cluster: before, clusters: [] } as unknown as AskedOutputs, { cluster: now as typeof A }))
        .changes;
    assert.equal(await changes(A, B), true);
    assert.equal(await changes(A, { url: UNKNOWN_VALUE }), true);
    assert.equal(await changes({ ...A, bearerToken: "old" }, { ...A, bearerToken: "new" }), false);
  });
});

describe("the hooks of a FlinkDeployment after an update was killed that no state connects with its cluster", () => {
  const rig = useRig();

  interface Killed extends Running {
    readonly second: FakeFlink;
    readonly third: FakeFlink;
    readonly on: (cluster: FakeFlink, changes?: Arguments) => Arguments;
  }

  /** The job was stopped on the first cluster and submitted to the second; Pulumi's state says that it runs on the first. */
  async function killed(others: Arguments = {}): Promise<Killed> {
    const running = await start(rig, { timeouts: { unreachable: "50 ms" }, ...others });
    const { flink, stack, program } = running;
    const second = await rig.flink({ storage: flink.storage });
    const third = await rig.flink({ storage: flink.storage });
    const on = ({ url }: FakeFlink, changes: Arguments = {}): Arguments =>
      program({ cluster: { url }, ...others, ...changes });
    const before = stack.resource;
    second.script.run = () => {
      down.push(second.fault({}, NO_PODS));
      return "run";
    };
    const down: { remove(): void }[] = [];
    await stack.failingUp(on(second));
    stack.resource = before;
    for (const fault of down) fault.remove();
    assert.equal(second.activeJobs().length, 1);
    assert.deepEqual(flink.activeJobs(), []);
    return { ...running, second, third, on };
  }

  it("stop its job there when yet another cluster is asked for, as the preview says", async () => {
    const { flink, stack, second, third, on } = await killed();
    const [left] = second.activeJobs();
    assert.ok(left);
    await stack.up(on(third));
    assert.equal(left.status, "FINISHED");
    const [now, ...others] = [...flink.activeJobs(), ...second.activeJobs(), ...third.activeJobs()];
    assert.deepEqual(others, []);
    assert.equal(stack.outputs.jobId, now?.id);
    assert.equal(now?.submission?.savepointPath, left.latestState?.path);
    assert.equal(flink.storage.repeated(left.lineage), 0);
    const { changes } = await stack.preview(on(third));
    assert.equal(changes, false);
  });

  it("go on from what its job left there when it has failed meanwhile", async () => {
    const { flink, stack, second, third, on } = await killed();
    const [left] = second.activeJobs();
    assert.ok(left);
    while (!left.tasksRunning) left.poll();
    left.checkpoint();
    left.end("FAILED");
    await stack.up(on(third, { restartNonce: 1 }));
    assert.equal(third.activeJobs()[0]?.submission?.savepointPath, left.latestState?.path);
    assert.equal(flink.storage.repeated(left.lineage), 0);
  });

  it("suspend its job there when no cluster is asked for any more", async () => {
    const { stack, second, third, on } = await killed();
    const [left] = second.activeJobs();
    await stack.up({ ...on(third, { state: "SUSPENDED" }), cluster: undefined });
    assert.equal(left?.status, "FINISHED");
    assert.equal(stack.outputs.latestSavepoint, left?.latestState?.path);
  });

  it("delete the jar there when its job went back to its first cluster", async () => {
    const { flink, stack, second, program } = await killed();
    await stack.up(program());
    assert.deepEqual(
      flink.activeJobs().map(({ id }) => id),
      [stack.outputs.jobId],
    );
    assert.deepEqual([...second.jars, ...second.activeJobs()], []);
  });

  it("stop its job there when the deployment is destroyed, and leave no jar", async () => {
    const { flink, stack, second } = await killed();
    const [left] = second.activeJobs();
    await stack.destroy();
    assert.equal(left?.status, "FINISHED");
    const path = left.latestState?.path ?? "none";
    assert.ok(
      stack.texts.some((text) => text.includes(path)),
      stack.texts.join("\n"),
    );
    assert.deepEqual([...flink.jars, ...second.jars], []);
  });

  it("end its job there by the onDelete of the deployment", async () => {
    const { stack, second } = await killed({ onDelete: "CANCEL" });
    const [left] = second.activeJobs();
    await stack.destroy();
    assert.equal(left?.status, "CANCELED");
  });

  it("stop its job when it is destroyed though no state ever knew the deployment, also in another process", async () => {
    const { stack, second } = await killed();
    const [left] = second.activeJobs();
    stack.resource = undefined;
    stack.newProcess();
    await stack.destroy();
    assert.equal(left?.status, "FINISHED");
  });

  it("are destroyed with a warning where that cluster does not answer", async () => {
    const { stack, second } = await killed();
    const { url } = second;
    await second.close();
    await stack.destroy();
    assert.ok(stack.lines.some(({ level, text }) => level === "warn" && text.includes(url)));
  });

  it("go on without it, and warn, where that cluster does not answer", async () => {
    const { stack, second, third, on } = await killed();
    const { url } = second;
    await second.close();
    await stack.up(on(third));
    assert.equal(third.activeJobs().length, 1);
    const warnings = stack.lines.filter(({ level, text }) => level === "warn" && text.includes(url));
    assert.match(
      warnings[0]?.text ?? "",
      /Whether an earlier update that was cut off has left a job on .* can't be seen/,
    );
  });
});
